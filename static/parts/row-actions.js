// What can be done with a machine from the list.
window.app.component('spirekeeper-row-actions', {
  template: '#spirekeeper-row-actions',
  props: {machine: {type: Object, required: true}},
  emits: ['pair', 'edit', 'open'],
  computed: {
    compares() {
      return this.machine.state === 'confirming'
    },
    label() {
      if (this.compares) return 'spirekeeper.machines.compare'
      return this.machine.connected_since ? 'spirekeeper.pair.again' : 'spirekeeper.common.pair'
    }
  }
})
