// How many of the machines that a search finds wait to be compared, and the way through all that do.
const {call} = spirekeeper

window.app.component('spirekeeper-waiting', {
  template: '#spirekeeper-waiting',
  emits: ['compare'],
  data() {
    return {total: 0}
  },
  methods: {
    show({counts}) {
      const waiting = counts.filter(({state}) => state === 'confirming')
      this.total = waiting.reduce((sum, {total}) => sum + total, 0)
    },
    async compare() {
      const page = await call('GET', '/machines?state=confirming&sortby=name&limit=1')
      if (page?.data.length) this.$emit('compare', page.data[0])
    }
  }
})
