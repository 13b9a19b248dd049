// That the server does not answer, and since when what is shown is no longer asked for.
const {date, known} = spirekeeper

window.app.component('spirekeeper-lost', {
  template: '#spirekeeper-lost',
  data() {
    return {known}
  },
  computed: {
    since() {
      return date(new Date(this.known.heardAt).toISOString())
    }
  }
})
