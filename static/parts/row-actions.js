// What can be done with a machine from the list.
export default {
  template: '#spirekeeper-row-actions',
  props: {machine: {type: Object, required: true}},
  emits: ['pair', 'edit', 'open'],
  computed: {
    compares() {
      return this.machine.state === 'confirming'
    }
  }
}
