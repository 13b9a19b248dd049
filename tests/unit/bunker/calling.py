"""Calls to one peer, as the tests of `RelayRpc` make them."""

from collections.abc import Iterable

from nostr_sdk import Keys
from spirekeeper.bunker.nip46 import ADMIN_KIND, Encryption, Reply, Request
from spirekeeper.bunker.rpc import RelayRpc
from support.raw_wire import Message, RawKey

US = Keys.generate()
PEER = RawKey()
SECRET = "s3cret-in-the-content"
READ = Request("get_keys")
CHANGE = Request("create_new_key", ["name", SECRET], changes=True)
DEAD = "ws://127.0.0.1:1"
"""Nobody listens there."""


def rpc(*relays: str, connect_deadline: float = 2) -> RelayRpc:
    return RelayRpc(US, PEER.pubkey, relays, connect_deadline=connect_deadline)


async def call(
    client: RelayRpc,
    request: Request = READ,
    *,
    deadline: float = 5,
    encryption: Encryption = Encryption.NIP44,
    again: Iterable[tuple[float, Encryption]] = (),
) -> Reply:
    return await client.call(
        request, encryption=encryption, kind=ADMIN_KIND, deadline=deadline, again=again
    )


def frame(event: str) -> str:
    return f'["EVENT","{{sub}}",{event}]'


def good(asked: Message) -> str:
    return frame(PEER.reply(asked, result="good"))


def echo(asked: Message) -> Iterable[str]:
    yield PEER.reply(asked, result=asked.method)
