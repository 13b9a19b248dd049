// What is changed here was changed elsewhere meanwhile: nothing is saved before that has been seen.
window.app.component('spirekeeper-outdated', {
  template: '#spirekeeper-outdated',
  props: {words: {type: String, required: true}},
  emits: ['anew']
})
