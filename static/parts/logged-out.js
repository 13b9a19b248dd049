// That the session has ended, in place of everything else: nothing would work.
window.app.component('spirekeeper-logged-out', {
  template: '#spirekeeper-logged-out',
  computed: {
    // LNbits asks for the log-in there, and leads to the machines whoever has logged in meanwhile.
    here() {
      return this.$route.fullPath
    }
  }
})
