// One NIP-46 client as a program: `node run.mjs nostr-tools`. A line of JSON in is a question
// ({"ask": "sign", …}), a line out its answer ({"result"} or {"error"}).
import {createInterface} from 'node:readline'
import WebSocket from 'ws'

globalThis.WebSocket = WebSocket
const client = await import(`./${process.argv[2]}.mjs`)
const say = answer => process.stdout.write(JSON.stringify(answer) + '\n')

for await (const line of createInterface({input: process.stdin})) {
  const {ask, ...given} = JSON.parse(line)
  try {
    say({result: (await client[ask](given)) ?? null})
  } catch (error) {
    say({error: String(error?.message ?? error)})
  }
}
process.exit(0)
