// What is changed here was changed elsewhere meanwhile: nothing is saved before that has been seen.
window.app.component('spirekeeper-edited', {
  template: '#spirekeeper-edited',
  props: {words: {type: String, required: true}},
  emits: ['anew']
})
