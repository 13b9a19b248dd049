// That the session has ended, in place of everything else: nothing would work.
window.app.component('spirekeeper-logged-out', {
  template: '#spirekeeper-logged-out'
})
