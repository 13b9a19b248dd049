// Comparing by camera: the machine shows its client npub as a QR code, the page reads it and compares
// the whole key. The video is LNbits' own; what reads it is ours (static/zxing), not from a CDN.
const {keyOf, t} = spirekeeper

const READER = '/spirekeeper/static/zxing/zxing_reader.wasm'
const PROBLEMS = {
  NotAllowedError: 'refused',
  NotFoundError: 'absent',
  OverconstrainedError: 'absent',
  InsecureContextError: 'insecure',
  NotSupportedError: 'insecure',
  StreamApiNotSupportedError: 'insecure'
}
const LOOKS = {
  same: {color: 'bg-positive text-white', icon: 'check_circle'},
  other: {color: 'bg-negative text-white', icon: 'report'}
}
const DOUBT = {color: 'bg-warning text-black', icon: 'help'}

async function fetchReader() {
  const answer = await fetch(LNbits.utils.url_for(READER))
  const wasmBinary = await answer.arrayBuffer()
  if (!answer.ok || !WebAssembly.validate(wasmBinary)) throw new Error('no reader')
  VueQrcodeReader.setZXingModuleOverrides({wasmBinary})
}

let reader = null

function loadReader() {
  reader ??= fetchReader().catch(error => {
    reader = null // asked for again at the next try
    throw error
  })
  return reader
}

window.app.component('spirekeeper-camera', {
  template: '#spirekeeper-camera',
  props: {pubkey: {type: String, required: true}},
  emits: ['seen'],
  data() {
    // step: starting, on; seen: same, other; hint: why nothing is seen at the moment
    return {step: '', seen: '', hint: ''}
  },
  computed: {
    // What was seen stays on show until something else is: the operator goes by it.
    told() {
      const keys = [this.seen, this.hint].filter(Boolean)
      return keys.map(key => ({...(LOOKS[key] ?? DOUBT), text: t(`spirekeeper.camera.${key}`)}))
    }
  },
  // On a phone the picture would be below what is in sight.
  updated() {
    this.$el.scrollIntoView({block: 'nearest'})
  },
  methods: {
    async start() {
      Object.assign(this, {step: 'starting', hint: ''})
      try {
        await loadReader()
        if (this.step === 'starting') this.step = 'on'
      } catch {
        this.end('problems.reader')
      }
    },
    end(hint = '') {
      Object.assign(this, {step: '', hint})
    },
    fail(error) {
      this.end(`problems.${PROBLEMS[error.name] ?? 'unusable'}`)
    },
    // A code that names no key says nothing about the machine: the camera looks on. Of several keys
    // one may have been put beside the machine's screen.
    detect(codes) {
      const keys = new Set(codes.map(({rawValue}) => keyOf(rawValue)))
      keys.delete(null)
      if (!keys.size) this.hint = 'none'
      else if (keys.size > 1) this.end('several')
      else this.judge(keys.has(this.pubkey) ? 'same' : 'other')
    },
    judge(seen) {
      this.end()
      this.seen = seen
      this.$emit('seen', seen)
    }
  }
})
