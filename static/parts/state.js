// A machine's state as a badge, with the reason in its tooltip.
const {stateColor, stateName, reasonOf} = await import(
  LNbits.utils.url_for('/spirekeeper/static/shared.js')
)

export default {
  template: '#spirekeeper-state',
  props: {machine: {type: Object, required: true}},
  computed: {
    reason() {
      return reasonOf(this.machine)
    }
  },
  methods: {stateColor, stateName}
}
