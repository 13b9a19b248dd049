// Comparing by camera: the machine shows its client npub as a QR code, the page reads it and compares
// the whole key. The video is LNbits' own; what reads it is ours (static/zxing), not from a CDN.
const {t} = await import(LNbits.utils.url_for('/spirekeeper/static/shared.js'))

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
  other: {color: 'bg-negative text-white', icon: 'report'},
  none: {color: 'bg-warning text-black', icon: 'help'}
}

// The key that a code names as an npub, in capitals too, with `nostr:` before it or without; or null.
export function keyOf(text) {
  try {
    const {type, data} = NostrTools.nip19.decode(text.trim().toLowerCase().replace(/^nostr:/, ''))
    return type === 'npub' ? data : null
  } catch {
    return null
  }
}

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

export default {
  template: '#spirekeeper-camera',
  props: {pubkey: {type: String, required: true}},
  emits: ['seen'],
  data() {
    return {step: '', seen: '', problem: ''} // step: starting, on
  },
  computed: {
    look() {
      return LOOKS[this.seen] ?? LOOKS.none
    },
    told() {
      if (this.problem) return t(`spirekeeper.camera.problems.${this.problem}`)
      return this.seen && t(`spirekeeper.camera.${this.seen}`)
    }
  },
  methods: {
    // What was seen before stays on show until something else is: the operator goes by it.
    async start() {
      Object.assign(this, {step: 'starting', problem: ''})
      try {
        await loadReader()
        this.step = 'on'
      } catch {
        this.fail('reader')
      }
    },
    stop() {
      this.step = ''
    },
    fail(problem) {
      Object.assign(this, {step: '', problem})
    },
    refused(error) {
      this.fail(PROBLEMS[error.name] ?? 'unusable')
    },
    // A code that names no key says nothing about the machine: the camera looks on. Of several keys
    // one may have been put beside the machine's screen.
    detect(codes) {
      const keys = new Set(codes.map(({rawValue}) => keyOf(rawValue)))
      keys.delete(null)
      if (!keys.size) {
        this.seen = 'none'
        return
      }
      this.step = ''
      this.seen = keys.size > 1 ? 'several' : keys.has(this.pubkey) ? 'same' : 'other'
      if (this.seen !== 'several') this.$emit('seen', this.seen)
    }
  }
}
