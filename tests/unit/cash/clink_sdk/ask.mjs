// CLINK's SDK as a program, with a pool of lines in place of relays: `node ask.mjs SECRET SERVICE`; or with a
// relay, `node ask.mjs SECRET SERVICE RELAY`, over which it waits so many seconds for an answer ({"within": 5}).
// A line in is a question ({"ask": "Noffer", "data": …}) or an event that a relay would deliver
// ({"event": …}). A line out is what the SDK publishes, with the filter that it listens by, or what
// it has understood: {"answer"}, then {"receipt"}; or {"problem"}.
import {createInterface} from 'node:readline'

console.log = () => {} // the SDK tells what it does
const {ClinkSDK} = await import('@shocknet/clink-sdk')
const say = line => process.stdout.write(JSON.stringify(line) + '\n')

const [secret, service, relay] = process.argv.slice(2)
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
  {privateKey: Buffer.from(secret, 'hex'), relays: [relay ?? 'wss://relay.example'], toPubKey: service},
  relay ? undefined : pool
)

for await (const line of createInterface({input: process.stdin})) {
  const {ask, data, event, within} = JSON.parse(line)
  if (event) {
    await heard(event)
    continue
  }
  const receipt = got => say({receipt: got})
  const more = ask === 'Noffer' ? [receipt, within] : [within]
  sdk[ask](data, ...more).then(answer => say({answer}), problem => say({problem: String(problem)}))
}
process.exit(0)
