// How many of the machines that are listed wait to be compared, and the way through all that do.
const {call} = spirekeeper

window.app.component('spirekeeper-waiting', {
  template: '#spirekeeper-waiting',
  emits: ['compare'],
  data() {
    return {total: 0}
  },
  methods: {
    show({data}) {
      this.total = data.filter(({state}) => state === 'confirming').length
    },
    async compare() {
      const page = await call('GET', '/machines?state=confirming&sortby=name&limit=1')
      if (page?.data.length) this.$emit('compare', page.data[0])
    }
  }
})
