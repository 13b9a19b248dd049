// That the server was upgraded while this page was open, which may ask what is no longer answered.
const {known} = spirekeeper

window.app.component('spirekeeper-outdated', {
  template: '#spirekeeper-outdated',
  data() {
    return {known}
  },
  methods: {
    reload() {
      window.location.reload()
    }
  }
})
