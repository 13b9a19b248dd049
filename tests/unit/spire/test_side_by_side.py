"""Many requests under way over one connection."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from spirekeeper.devkit.relay import DevRelay
from spirekeeper.seed import Seed
from spirekeeper.spire.errors import Unreachable
from spirekeeper.spire.signer import open_signer
from spirekeeper.spire.state import Connection
from support.raw_wire import Message, RawPeer
from unit.spire.scripted_signer import ScriptedSigner


async def test_each_gets_its_own_answer_in_whatever_order_they_come(relay: DevRelay) -> None:
    signer, held = ScriptedSigner(), list[Message]()

    def the_last_first(asked: Message) -> Iterable[str]:
        held.append(asked)
        all_are_there = len(held) == 3
        return [text for each in held[::-1] for text in signer.answer(each)] * all_are_there

    async with (
        RawPeer(relay.url, signer.peer, the_last_first),
        open_signer(_connection(signer.pubkey, relay.url), 15) as remote,
    ):
        events = await asyncio.gather(*(remote.sign_event(21000, text, []) for text in "abc"))
    assert [event.content() for event in events] == ["a", "b", "c"]


async def test_all_end_with_the_relay_and_so_does_what_comes_later(
    relay: DevRelay, signer: ScriptedSigner
) -> None:
    both_are_there = asyncio.Event()

    def silent(asked: Message) -> Iterable[dict[str, Any]]:
        if len(signer.asked) == 2:
            both_are_there.set()
        return []

    signer.script["sign_event"] = silent
    async with open_signer(_connection(signer.pubkey, relay.url), 60) as remote:
        signing = [asyncio.create_task(remote.sign_event(21000, text, [])) for text in "ab"]
        await both_are_there.wait()
        await relay.stop()
        for each in signing:
            with pytest.raises(Unreachable, match="ended the connection"):
                await each
        with pytest.raises(Unreachable, match="ended the connection"):
            await remote.sign_event(21000, "c", [])


def _connection(pubkey: str, relay: str) -> Connection:
    seed = Seed.build(spire_pubkey=pubkey, secret="s", bunker_relay=relay, relays=[relay])
    return Connection.begin(seed, nip04=False)
