"""What counts as the peer's answer, and of what sort it is, against relays that lie."""

import json
import logging
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from spirekeeper.bunker.nip46 import Encryption, Refusal, Reply
from spirekeeper.devkit.relay import DevRelay
from spirekeeper.nostr.relay_link import LARGEST_MESSAGE
from support.raw_wire import Message, RawKey, RawPeer, ScriptedRelay
from unit.bunker.calling import PEER, SECRET, call, frame, good, rpc

STRANGER = RawKey()


def altered(event: str, **change: Any) -> str:
    return json.dumps({**json.loads(event), **change})


def plain(asked: Message, text: str, *, encryption: str = "nip44") -> str:
    return frame(PEER.event(asked.author, text, encryption=encryption))


def bad(asked: Message) -> str:
    return PEER.reply(asked, result=SECRET)


def taken_over(asked: Message, *, to: list[str]) -> str:
    """A stranger signs what the peer has sealed."""
    sealed = json.loads(bad(asked))["content"]
    return STRANGER.event(asked.author, sealed, encryption="none", to=to)


LIES: dict[str, Callable[[Message], str]] = {
    "another key": lambda asked: frame(STRANGER.reply(asked, result=SECRET)),
    "another key under the peer's name": lambda asked: frame(
        altered(STRANGER.reply(asked, result=SECRET), pubkey=PEER.pubkey)
    ),
    "the peer's words by another key": lambda asked: frame(taken_over(asked, to=[asked.author])),
    "the same, which names the peer": lambda asked: frame(
        taken_over(asked, to=[asked.author, PEER.pubkey])
    ),
    "a signature of something else": lambda asked: frame(
        altered(bad(asked), sig=json.loads(bad(asked))["sig"])
    ),
    "an altered content": lambda asked: frame(
        altered(bad(asked), content=json.loads(bad(asked))["content"])
    ),
    "fields that are none": lambda asked: frame(altered(bad(asked), created_at="now", tags=7)),
    "an id that is a list": lambda asked: frame(altered(bad(asked), id=[SECRET])),
    "to somebody else": lambda asked: frame(PEER.reply(asked, result=SECRET, to=STRANGER.pubkey)),
    "another kind": lambda asked: frame(PEER.reply(asked, result=SECRET, kind=24135)),
    "another id": lambda asked: frame(PEER.reply(asked, id="0123456789abcdef", result=SECRET)),
    "an id that is a number": lambda asked: frame(PEER.reply(asked, id=1, result=SECRET)),
    "a request of its own": lambda asked: frame(
        PEER.reply(asked, method="acl", params=[SECRET], result=SECRET)
    ),
    "undecryptable": lambda asked: plain(asked, SECRET, encryption="none"),
    "undecryptable NIP-04": lambda asked: plain(asked, f"{SECRET}?iv=AAAA", encryption="none"),
    "no JSON": lambda asked: plain(asked, SECRET),
    "no object": lambda asked: plain(asked, json.dumps([SECRET])),
    "deep JSON": lambda asked: plain(asked, "[" * 30_000),
    "another subscription": lambda asked: f'["EVENT","other",{bad(asked)}]',
    "a frame that is no JSON": lambda asked: f"<html>{SECRET}",
    "a frame that is no list": lambda asked: json.dumps({"EVENT": SECRET}),
    "a deep frame": lambda asked: "[" * 200_000,
    "an empty list": lambda asked: "[]",
    "an event that is none": lambda asked: json.dumps(["EVENT", "{sub}", SECRET]),
    "a notice": lambda asked: json.dumps(["NOTICE", SECRET]),
    "an auth challenge": lambda asked: json.dumps(["AUTH", SECRET]),
    "too large": lambda asked: frame(altered(bad(asked), padding="x" * LARGEST_MESSAGE)),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
async def test_what_is_no_valid_answer_is_dropped(
    lie: Callable[[Message], str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="spirekeeper")

    def frames(event: dict[str, Any]) -> Iterable[str]:
        asked = PEER.read(event)
        return [lie(asked), good(asked)]

    async with ScriptedRelay(frames) as relay:
        client = rpc(relay.url)
        reply = await call(client)
        await client.close()
    assert reply.result == "good"
    assert relay.connections == 1
    assert SECRET not in caplog.text


async def test_a_forgery_does_not_shadow_the_real_answer() -> None:
    """Same event id, broken signature, sent first."""

    def frames(event: dict[str, Any]) -> Iterable[str]:
        real = PEER.reply(PEER.read(event), result="good")
        return [frame(altered(real, sig="00" * 64)), frame(real)]

    async with ScriptedRelay(frames) as relay:
        client = rpc(relay.url)
        assert (await call(client)).result == "good"
        await client.close()


async def test_an_answer_that_comes_twice_counts_once(relay: DevRelay) -> None:
    def twice(asked: Message) -> Iterable[str]:
        return [PEER.reply(asked, result="first"), PEER.reply(asked, result="second")]

    async with RawPeer(relay.url, PEER, twice):
        client = rpc(relay.url)
        assert [(await call(client)).result for _ in range(3)] == ["first"] * 3
        await client.close()


@pytest.mark.parametrize("encryption", Encryption)
@pytest.mark.parametrize("kind", [24133, 24134])
async def test_both_encryptions_and_kinds(
    relay: DevRelay, encryption: Encryption, kind: int
) -> None:
    def answer(asked: Message) -> Iterable[str]:
        yield PEER.reply(asked, kind=kind, result=asked.encryption)

    async with RawPeer(relay.url, PEER, answer):
        client = rpc(relay.url)
        reply = await call(client, encryption=encryption)
        await client.close()
    assert reply == Reply(reply.request_id, encryption.value, None, kind, encryption)
    assert encryption.value not in repr(reply).replace(repr(encryption), "")


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({"result": "error", "error": SECRET}, Refusal.SAID_NO),
        ({"result": "error"}, Refusal.SAID_NO),
        ({"error": SECRET}, Refusal.SAID_NO),
        ({"result": json.dumps(["error", SECRET])}, Refusal.SAID_NO),
        ({"result": json.dumps(["error", "Unknown method x"])}, Refusal.UNKNOWN_METHOD),
        ({"result": '["error", "Unknown method x"]'}, Refusal.UNKNOWN_METHOD),
        (
            {"result": "error", "error": "You are not designated to administrate this bunker"},
            Refusal.NOT_AN_ADMIN,
        ),
        ({"result": '["ok"]'}, None),
        ({"result": "[]", "error": ""}, None),
        ({"result": "[]", "error": None}, None),
    ],
)
async def test_the_sort_of_a_refusal(
    relay: DevRelay, body: dict[str, Any], refusal: Refusal | None
) -> None:
    async with RawPeer(relay.url, PEER, lambda asked: [PEER.reply(asked, **body)]):
        client = rpc(relay.url)
        reply = await call(client)
        await client.close()
    assert reply.refusal is refusal
    assert SECRET not in repr(reply)
