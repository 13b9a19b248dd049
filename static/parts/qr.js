// A seed as a QR code that a machine's camera can read: black on white in dark mode too.
const {backLeaves} = spirekeeper

const PIXELS_PER_MODULE = 4
const SMALLEST = 320

window.app.component('spirekeeper-qr', {
  template: '#spirekeeper-qr',
  components: {QrcodeVue: QrcodeVue.default},
  props: {seed: {type: String, required: true}},
  data() {
    return {full: false, size: SMALLEST}
  },
  watch: {
    full(shown) {
      if (shown) this.left = backLeaves(() => (this.full = false))
      else this.left()
    }
  },
  // The denser the code, the larger it has to be; its viewBox counts in modules.
  mounted() {
    const modules = this.$refs.code.querySelector('svg').viewBox.baseVal.width
    this.size = modules * Math.max(PIXELS_PER_MODULE, Math.ceil(SMALLEST / modules))
  },
  beforeUnmount() {
    this.left?.()
  }
})
