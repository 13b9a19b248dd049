"""nostr-sdk's NostrConnect as a program, which asks and answers as `run.mjs` does."""

import asyncio
import json
import sys
from datetime import timedelta
from typing import Any

from nostr_sdk import EventBuilder, Keys, Kind, NostrConnect, NostrConnectUri, PublicKey, Tag

signer: NostrConnect


async def connect(bunker_url: str, client_key: str) -> None:
    global signer  # noqa: PLW0603 - one client a process
    uri, keys = NostrConnectUri.parse(bunker_url), Keys.parse(client_key)
    signer = NostrConnect(uri, keys, timedelta(seconds=10), None)
    await signer.get_public_key()


async def public_key() -> str:
    return str((await signer.get_public_key()).to_hex())


async def sign(event: dict[str, Any]) -> Any:
    builder = EventBuilder(Kind(event["kind"]), event["content"])
    builder = builder.tags([Tag.parse(tag) for tag in event["tags"]])
    unsigned = builder.build(await signer.get_public_key())
    return json.loads((await signer.sign_event(unsigned)).as_json())


async def encrypt(peer: str, text: str) -> str:
    return str(await signer.nip44_encrypt(PublicKey.parse(peer), text))


async def decrypt(peer: str, text: str) -> str:
    return str(await signer.nip44_decrypt(PublicKey.parse(peer), text))


QUESTIONS = {
    function.__name__: function for function in (connect, public_key, sign, encrypt, decrypt)
}


async def main() -> None:
    while line := await asyncio.to_thread(sys.stdin.readline):
        given = json.loads(line)
        question = QUESTIONS[given.pop("ask")]
        try:
            answer = {"result": await question(**given)}
        except Exception as error:
            answer = {"error": str(error)}
        print(json.dumps(answer), flush=True)  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main())
