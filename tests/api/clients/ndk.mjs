import NDK, {NDKEvent, NDKNip46Signer, NDKPrivateKeySigner, NDKUser} from '@nostr-dev-kit/ndk'

let ndk, signer

export async function connect({bunker_url, client_key}) {
  const relay = new URL(bunker_url).searchParams.get('relay')
  ndk = new NDK({explicitRelayUrls: [relay]})
  await ndk.connect(2000)
  signer = NDKNip46Signer.bunker(ndk, bunker_url, new NDKPrivateKeySigner(client_key))
  await signer.blockUntilReady()
}

export const public_key = async () => (await signer.user()).pubkey

export async function sign({event}) {
  const signed = new NDKEvent(ndk, event)
  await signed.sign(signer)
  return signed.rawEvent()
}

const user = pubkey => new NDKUser({pubkey})
export const encrypt = ({peer, text}) => signer.encrypt(user(peer), text, 'nip44')
export const decrypt = ({peer, text}) => signer.decrypt(user(peer), text, 'nip44')
