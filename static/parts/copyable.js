// A long value that nobody types: shown whole, with a button that copies it.
window.app.component('spirekeeper-copyable', {
  template: '#spirekeeper-copyable',
  props: {
    label: {type: String, required: true},
    value: {type: String, required: true}
  }
})
