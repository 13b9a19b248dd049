// A dialog of the page: its title, and one way to leave it, by button, Escape or the browser's Back,
// which the part that it belongs to decides on; not while it waits for what is to be shown in it. What
// else it is given goes to Quasar's.
const {backLeaves} = spirekeeper

window.app.component('spirekeeper-dialog', {
  template: '#spirekeeper-dialog',
  props: {
    title: {type: String, default: ''},
    help: {type: String, default: ''}, // the part of the guide that it is about
    busy: {type: Boolean, default: false},
    keeps: {type: Boolean, default: false} // what it shows cannot be shown again
  },
  emits: ['leave'],
  methods: {
    // What had the keyboard's focus went with a step.
    focus() {
      this.$refs.dialog?.focus()
    },
    leave() {
      if (!this.busy) this.$emit('leave')
    },
    shown() {
      this.left = backLeaves(this.leave, () => this.keeps)
    },
    hidden() {
      this.left()
    }
  },
  beforeUnmount() {
    this.left?.()
  }
})
