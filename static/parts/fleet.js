// What is done with many machines at once; each has its dialog.
window.app.component('spirekeeper-fleet', {
  template: '#spirekeeper-fleet',
  emits: ['changed'],
  methods: {
    pair(machines) {
      this.$refs.pair.open(machines)
    },
    import() {
      this.$refs.import.open()
    },
    stop() {
      this.$refs.stop.open()
    }
  }
})
