// A dialog of the page: its title, and one way to leave it, by button or Escape, which the part that
// it belongs to decides on; not while it waits for what is to be shown in it. What else it is given
// goes to Quasar's.
window.app.component('spirekeeper-dialog', {
  template: '#spirekeeper-dialog',
  props: {
    title: {type: String, default: ''},
    help: {type: String, default: ''}, // the part of the guide that it is about
    busy: {type: Boolean, default: false}
  },
  emits: ['leave'],
  methods: {
    // What had the keyboard's focus went with a step.
    focus() {
      this.$refs.dialog?.focus()
    }
  }
})
