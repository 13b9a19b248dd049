// A machine's tags, as small as they can be read. `choose` is about one that was clicked.
window.app.component('spirekeeper-tags', {
  template: '#spirekeeper-tags',
  props: {
    tags: {type: Array, required: true},
    clickable: {type: Boolean, default: false}
  },
  emits: ['choose']
})
