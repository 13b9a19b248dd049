// CLINK's SDK as a program, with a pool of lines in place of relays: `node ask.mjs SECRET SERVICE`.
// A line in is a question ({"ask": "Noffer", "data": …}) or an event that a relay would deliver
// ({"event": …}). A line out is what the SDK publishes, with the filter that it listens by, or what
// it has understood: {"answer"}, then {"receipt"}.
import {createInterface} from 'node:readline'

console.log = () => {} // the SDK tells what it does
const {ClinkSDK} = await import('@shocknet/clink-sdk')
const say = line => process.stdout.write(JSON.stringify(line) + '\n')

const [secret, service] = process.argv.slice(2)
let heard, filter
const pool = {
  subscribeMany(_relays, [only], {onevent}) {
    filter = only
    heard = onevent
    return {close() {}}
  },
  publish(_relays, event) {
    say({event, filter})
    return [Promise.resolve()]
  },
}
const sdk = new ClinkSDK(
  {privateKey: Buffer.from(secret, 'hex'), relays: ['wss://relay.example'], toPubKey: service},
  pool
)

for await (const line of createInterface({input: process.stdin})) {
  const {ask, data, event} = JSON.parse(line)
  if (event) {
    await heard(event)
    continue
  }
  const receipt = got => say({receipt: got})
  sdk[ask](data, ask === 'Noffer' ? receipt : undefined).then(answer => say({answer}))
}
process.exit(0)
