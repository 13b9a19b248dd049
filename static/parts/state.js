// A machine's state as a badge, with the reason in its tooltip.
const {stateColor, stateName, reasonOf} = spirekeeper

window.app.component('spirekeeper-state', {
  template: '#spirekeeper-state',
  props: {machine: {type: Object, required: true}},
  computed: {
    reason() {
      return reasonOf(this.machine)
    }
  },
  methods: {stateColor, stateName}
})
