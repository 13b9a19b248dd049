// A dialog of the page: its title, and one way to leave it, by button or Escape, which the part that
// it belongs to decides on. What else it is given goes to Quasar's.
export default {
  template: '#spirekeeper-dialog',
  props: {
    title: {type: String, default: ''},
    busy: {type: Boolean, default: false}
  },
  emits: ['leave'],
  methods: {
    // What had the keyboard's focus went with a step.
    focus() {
      this.$refs.dialog?.focus()
    }
  }
}
