import {RelayPool} from 'applesauce-relay'
import {NostrConnectSigner, PrivateKeySigner} from 'applesauce-signers'

let signer

export async function connect({bunker_url, client_key}) {
  const options = {pool: new RelayPool(), signer: PrivateKeySigner.fromKey(client_key)}
  signer = await NostrConnectSigner.fromBunkerURI(bunker_url, options)
}

export const public_key = () => signer.getPublicKey()
export const sign = ({event}) => signer.signEvent(event)
export const encrypt = ({peer, text}) => signer.nip44Encrypt(peer, text)
export const decrypt = ({peer, text}) => signer.nip44Decrypt(peer, text)
