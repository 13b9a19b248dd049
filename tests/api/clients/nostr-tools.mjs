import {BunkerSigner, parseBunkerInput} from 'nostr-tools/nip46'

let signer

export async function connect({bunker_url, client_key}) {
  signer = BunkerSigner.fromBunker(Buffer.from(client_key, 'hex'), await parseBunkerInput(bunker_url))
  await signer.connect()
}

export const public_key = () => signer.getPublicKey()
export const sign = ({event}) => signer.signEvent(event)
export const encrypt = ({peer, text}) => signer.nip44Encrypt(peer, text)
export const decrypt = ({peer, text}) => signer.nip44Decrypt(peer, text)
