// docs/seed-url.md, for the tests to run: what a pairing code is made of, and what the operator compares.
import {schnorr} from '@noble/curves/secp256k1.js'
import {npubEncode} from 'nostr-tools/nip19'

type Seed = {spire_npub: string; spire_pubkey: string; bunker_url: string; relays: string[]; service_pubkey?: string}

function isRelay(url: string): boolean {
  const {username, port} = new URL(url)
  return /^wss?:\/\/[\w.\-~:?[\]@!$&'()*+,;=%][\w.\-~:/?[\]@!$&'()*+,;=%]*$/i.test(url) && !username && port !== '0'
}

function isKey(key: unknown): boolean {
  // A point of the curve, or it throws.
  return typeof key === 'string' && /^[0-9a-f]{64}$/.test(key) && !!schnorr.utils.lift_x(BigInt(`0x${key}`))
}

export function decode(text: string): Seed {
  const payload = /^spire-seed:v1:([\w-]+)$/.exec(text)![1]
  const plain = Buffer.from(payload, 'base64url')
  const seed: Seed = JSON.parse(new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(plain))
  const bunker = /^bunker:\/\/([0-9a-f]{64})\?((?:[?/\w:.=&-]|%[0-9A-Fa-f]{2})*)$/
  const [, pubkey, query] = bunker.exec(seed.bunker_url)!
  const named = new URLSearchParams(query)
  const [secret = '', ...more] = named.getAll('secret')
  const bunkerRelays = named.getAll('relay')
  const keys = isKey(pubkey) && (seed.service_pubkey === undefined || isKey(seed.service_pubkey))
  const sameBytes = plain.toString('base64url') === payload
  const sameKey = pubkey === seed.spire_pubkey && npubEncode(pubkey) === seed.spire_npub
  const relays = Array.isArray(seed.relays) && [bunkerRelays, seed.relays].every(each => each.length && each.every(isRelay))
  if (!(text.length <= 8192 && sameBytes && keys && sameKey && relays && /^[!-~]+$/.test(secret) && !more.length))
    throw new Error('no seed')
  return seed
}

export function fingerprint(clientPubkey: string): string {
  return npubEncode(clientPubkey).slice(5, 21).match(/.{4}/g)!.join(' ')
}
