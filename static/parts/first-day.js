// What is left to do on the first day. It is told from what the page knows anyway, and goes away for
// good once a machine was heard, which takes all the rest.
const {known, problemOf, seedWaits, t} = spirekeeper

window.app.component('spirekeeper-first-day', {
  template: '#spirekeeper-first-day',
  emits: ['add', 'bunker', 'open', 'pair'],
  data() {
    return {known, steps: null, machine: null}
  },
  computed: {
    lines() {
      const {bunker} = this.known
      const {added} = this.steps
      const mine = this.g.user.super_user && bunker ? 'bunker' : ''
      const ready = added && this.machine
      const line = (name, done, act, words) => ({name, done, act, words})
      return [
        line('bunker', bunker?.reachable, mine, this.bunkerWords('bunker', problemOf(bunker))),
        line('relay', bunker?.pair_relays.relays.length > 0, mine, this.bunkerWords('relay')),
        line('machine', added, 'add', t('spirekeeper.first_day.words.machine')),
        line('heard', false, ready && this.next, t('spirekeeper.first_day.words.heard'))
      ]
    },
    // What brings the machine on: it has no code yet, or one that waits, or something is to be minded.
    next() {
      const {machine} = this
      return machine.connected_since || seedWaits(machine) ? 'open' : 'pair'
    }
  },
  methods: {
    // `page`: of the list.
    show({first_steps, data}) {
      Object.assign(this, {steps: first_steps, machine: data[0] ?? null})
    },
    // Only the superuser enters bunker and relays; what is wrong with them, they can mend.
    bunkerWords(name, problem) {
      const {bunker} = this.known
      if (!bunker) return t('spirekeeper.bunker.chips.asking')
      if (!this.g.user.super_user) return t(`spirekeeper.first_day.words.${name}`)
      return (bunker.configured && problem) || t(`spirekeeper.first_day.words.own_${name}`)
    }
  }
})
