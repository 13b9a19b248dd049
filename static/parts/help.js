// Leads to the part of the operators' guide that a dialog is about.
const GUIDE = 'https://github.com/spirekeeper/spirekeeper/blob/main/docs/operators.md'
const PARTS = {
  bunker: '1-the-bunker-once-for-the-whole-lnbits',
  add: '2-add-the-machine',
  pair: '3-pair-it',
  afterwards: '4-afterwards',
  cash: '5-cash'
}

window.app.component('spirekeeper-help', {
  template: '#spirekeeper-help',
  props: {part: {type: String, required: true}},
  computed: {
    address() {
      return `${GUIDE}#${PARTS[this.part]}`
    }
  }
})
