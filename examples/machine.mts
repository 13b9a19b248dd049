// A machine that sells notes for sats, and takes notes for sats; docs/machine.md says why each step is where it is.
//   node machine.mts HOME scan SEED                     connects; the operator compares the fingerprint, and confirms
//   node machine.mts HOME sell DISPENSER SATS 20 EUR    goes on with what was broken off, then serves a customer; or take ACCEPTOR SATS
//   node machine.mts HOME go-on DISPENSER               goes on only, as a machine does when it starts
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {fsyncSync, mkdirSync, openSync, readFileSync, realpathSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:net'
import {BunkerSigner, parseBunkerInput} from 'nostr-tools/nip46'
import {SimplePool} from 'nostr-tools/pool'
import {generateSecretKey, getPublicKey, verifyEvent, type NostrEvent} from 'nostr-tools/pure'
import {decode, fingerprint} from './seed.mts'

type Step = 'made' | 'attempt' | 'motor' | 'counted' | 'reported' | 'over' | 'unknown' | 'asks' | 'empty' | 'taking' | 'inserted' | 'sent' | 'left'
type Order = {id: string; sats: number; fiat: string[]; step: Step; attempt?: string; notes?: number; dispensed?: number; inserted?: number}
const RPC = 21000, OFFER = 21001, ENDED = ['reported', 'over', 'unknown', 'sent', 'left']
const [home, verb, given, sats, ...fiat] = process.argv.slice(2)
const newId = () => Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('hex')
const sleep = (seconds: number) => new Promise(done => setTimeout(done, seconds * 1000))
const waiting = new Map<string, (answer: NostrEvent) => void>()
const pool = new SimplePool({enableReconnect: true})
let bunker: BunkerSigner, relays: string[], machine: string, service: string, left = false, wake = (_?: NostrEvent) => {}, stop = () => {}
mkdirSync(home, {recursive: true})
const journal = openSync(`${home}/journal`, 'a', 0o600)
fsyncSync(openSync(home, 'r'))
/** On the disk, and not only on its way there, when this returns. */
const note = <T,>(line: T): T => { writeFileSync(journal, `\n${JSON.stringify(line)}`); fsyncSync(journal); return line }
/** Each line of the journal. One that was cut off was never acted on. */
const read = (line: string): any[] => { try { return [JSON.parse(line)] } catch { return [] } }
const noted = () => readFileSync(`${home}/journal`, 'utf8').split('\n').flatMap(read)
const within = <T,>(seconds: number, work: Promise<T>) => Promise.race([work, sleep(seconds).then((): never => { throw new Error('nobody answers') })])

/** The client key is new for each seed, and on the disk before the bunker hears of it. */
async function scan(text: string) {
  const seed = decode(text), key = generateSecretKey()
  if (!seed.service_pubkey) throw new Error('a pairing code without cash: pair again after it is switched on')
  note({seed, key: Buffer.from(key).toString('hex')})
  await open()
  // A lost answer looks like a spent seed; but whoever is known is taken without the secret too.
  await within(20, bunker.connect()).catch(() => { bunker.bp.secret = null; return within(20, bunker.connect()) })
  if (await within(20, bunker.getPublicKey()) !== machine) throw new Error('the bunker holds another key')
  console.log(`fingerprint ${fingerprint(getPublicKey(key))}`)
}
async function open() {
  const {seed, key} = noted().findLast(line => line.seed)
  ;({relays, spire_pubkey: machine, service_pubkey: service} = seed)
  bunker = BunkerSigner.fromBunker(Buffer.from(key, 'hex'), (await parseBunkerInput(seed.bunker_url))!, {pool})
  pool.subscribe(relays, {kinds: [RPC, OFFER], authors: [service], '#p': [machine]}, {onevent: hear})
}

/** Believes the service that the seed names, and nobody else. What answers no question, as a receipt, is news. */
function hear(event: NostrEvent) {
  const says = (name: string, value: string) => event.tags.some(tag => tag[0] === name && tag[1] === value)
  if (!verifyEvent(event) || event.pubkey !== service || !says('p', machine) || event.kind !== RPC && !says('clink_version', '1')) return
  const question = `${event.kind} ${event.tags.find(tag => tag[0] === 'e')?.[1]}`, answered = waiting.get(question) ?? wake
  waiting.delete(question) // it has one answer: what comes later is news
  answered(event)
}

/** Asks again, with a new event, while nobody answers: the same question has the same answer. */
const ask = (kind: number, content: object, tries = 6): Promise<any> => within(10, askOnce(kind, JSON.stringify(content)))
  .catch(problem => tries > 1 ? sleep(1).then(() => ask(kind, content, tries - 1)) : Promise.reject(problem))
async function askOnce(kind: number, text: string) {
  const content = await bunker.nip44Encrypt(service, text), tags = [['p', service], ...(kind === OFFER ? [['clink_version', '1']] : [])]
  const request = await bunker.signEvent({kind, tags, content, created_at: Math.floor(Date.now() / 1000)})
  const answer = new Promise<NostrEvent>(done => waiting.set(`${kind} ${request.id}`, done))
  for (const sent of pool.publish(relays, request)) sent.catch(() => {}) // what counts is the answer
  return JSON.parse(await bunker.nip44Decrypt(service, (await answer).content))
}
const call = (rpc_name: string, body: object) => ask(RPC, {rpc_name, auth_level: 'AUTH_WALLET', body})
  .then(({data, error}) => data ?? Promise.reject(new Error(error)))

/** In a session of its own and its words in a file: neither Ctrl-C nor our end stops it. An acceptor whose input ends takes no more. */
async function program(verb: 'check' | 'dispense' | 'accept', {id, sats, fiat}: Order) {
  const file = `${home}/${id}.${verb}`, input = verb === 'accept' ? 'pipe' as const : 'ignore' as const
  const ran = spawn(given, [verb, `${sats}`, ...fiat.length ? [fiat.join(' ')] : []], {detached: true, stdio: [input, openSync(file, 'w'), 'inherit']})
  stop = () => { ran.stdin?.end() }
  const [code] = await once(ran, 'close').catch(() => [null]) // there is no such program
  const lines = readFileSync(file, 'utf8').trim().split('\n'), line = /^\{"notes": ?(\d+), ?"sats": ?(\d+)\}$/
  const [, notes, worth] = line.exec((verb === 'accept' ? lines.findLast(each => line.test(each)) : lines.at(-1)) ?? '')?.map(Number) ?? []
  return {code, notes, worth: worth <= sats && !notes === !worth ? worth : undefined}
}

/** The next step of an order, on the disk before the one after it is begun. */
async function next(order: Order): Promise<Order> {
  const {id, attempt} = order
  const at = (step: Step, more: Partial<Order> = {}) => note({...order, ...more, step})
  if (order.step === 'made') {
    const payer_data = {order: id, fiat: {amount: order.fiat[0], code: order.fiat[1]}}
    const offered = await ask(OFFER, {offer: 'cash-out', amount_sats: order.sats, payer_data})
    if (offered.code === 2) throw new Error(offered.error) // the same may be asked again
    if (offered.error) return at('over')
    let now = await call('get_payment', {order: id})
    if (now.bolt11) console.log(`pay ${now.bolt11}\ncode ${now.short_code}`)
    while (now.state === 'asked' || now.state === 'invoiced') {
      await Promise.race([sleep(5), new Promise<unknown>(heard => { wake = heard })])
      now = await call(left ? 'abandon' : 'get_payment', {order: id})
    }
    return now.state === 'paid' ? at('attempt', {attempt: newId()}) : at('over')
  }
  if (order.step === 'attempt') {
    const asked = performance.now(), leave = await call('dispense', {order: id, attempt})
    if (leave.order !== id || leave.attempt !== attempt) throw new Error('an answer to another question')
    if (leave.why_not === 'too_late') return at('counted', {notes: 0, dispensed: 0}) // the motor never ran
    if (['stopped', 'not_paid'].includes(leave.why_not)) throw new Error(`not now: ${leave.why_not}`)
    if (leave.dispense !== true) return at('over')
    at('motor')
    if (performance.now() - asked > 10_000) return at('attempt') // it has not run, and that yes is old
    const {notes, worth: dispensed} = await program('dispense', order)
    return dispensed === undefined ? at('unknown') : at('counted', {notes, dispensed})
  }
  if (order.step === 'asks') {
    const hold = () => call('hold', {order: id, sats: order.sats})
    const {state, short_code, link} = await hold() // before the first note; a no says why
    if (state !== 'held' || !link) return at('empty') // no link: the customer could not fetch the sats
    at('taking')
    console.log(`insert ${order.sats} sats at most\ncode ${short_code}`)
    const renewed = setInterval(() => hold().catch(() => stop()), 240_000)
    const {notes, worth: inserted} = await program('accept', order).finally(() => { clearInterval(renewed); left = false })
    return inserted === undefined ? at('unknown') : inserted ? at('inserted', {notes, inserted}) : at('empty')
  }
  if (order.step === 'inserted') { // never given back, and never said to be worth anything else
    const link = await call('create_withdraw', {order: id, sats: order.inserted})
    console.log(`fetch LIGHTNING:${link.lnurl.toUpperCase()}\ncode ${link.short_code}`)
    for (let now = link; !left; now = await call('get_payment', {order: id})) {
      if (['sent', 'unclaimed', 'settled'].includes(now.state)) return at(now.state === 'sent' ? 'sent' : 'over')
      await Promise.race([sleep(3), new Promise<unknown>(heard => { wake = heard })])
    }
    return at('left') // with the link, or the sats on their way
  }
  if (order.step === 'empty') return call('abandon', {order: id}).catch(no => /^unknown_order/.test(no.message) || Promise.reject(no)).then(() => at('over'))
  if (order.step === 'motor' || order.step === 'taking') return at('unknown') // never again for it: the operator is told, or counts
  await call('dispensed', {order: id, attempt, notes: order.notes, dispensed_sats: order.dispensed})
  return at('reported')
}

const serve = async (order: Order) => { while (!ENDED.includes(order.step)) order = await next(order); console.log(order.step) }
await once(createServer().listen(`\0${realpathSync(home)}`), 'listening') // one at a time with a journal (Linux)
process.on('SIGINT', () => { left = true; wake(); stop() })
await (verb === 'scan' ? scan(given) : open())
const begun = new Map<string, Order>(noted().filter(line => line.id).map(line => [line.id, line]))
const noMotor = (step: Step) => verb !== 'take' || ['asks', 'empty', 'taking', 'inserted'].includes(step) // an acceptor is given, no dispenser
for (const order of begun.values()) if (verb !== 'scan' && !ENDED.includes(order.step) && noMotor(order.step))
  await serve(order.step === 'asks' ? note({...order, step: 'empty'}) : order) // no note was in
if (verb === 'sell' || verb === 'take') {
  const order: Order = {id: newId(), sats: Number(sats), fiat, step: verb === 'sell' ? 'made' : 'asks'}
  if ((await program('check', order)).code !== 0) throw new Error('the dispenser has not the notes, or the acceptor takes none')
  await serve(note(order))
}
process.exit()
