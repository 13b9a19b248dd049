"""What bunkers and relays answer, spoiled: taken, dropped, or refused in our own words."""

import json
from collections.abc import Callable
from datetime import datetime, timezone
from random import Random
from typing import Any

import pytest
from nostr_sdk import EventBuilder, Keys, Kind, Tag
from spirekeeper.bunker import decode
from spirekeeper.bunker.rpc import RelayRpc
from spirekeeper.nostr.relay_link import parsed
from support.figures import Figures
from support.raw_wire import RawKey
from support.replaying import RECORDINGS
from system.input.mutating import ODD_VALUES, kept_by, randoms, spoiled_json, spoiled_value

US, BUNKER = Keys.parse("11" * 32), Keys.parse("22" * 32)
DECODERS: list[Callable[[str], Any]] = [
    decode.done,
    decode.created_key,
    decode.unlocked,
    decode.keys,
    decode.policies,
    decode.tokens,
    decode.key_users,
    decode.word,
]


def recorded() -> list[Any]:
    """The content of every reply in the recordings."""
    steps = [json.loads(line) for path in RECORDINGS for line in path.read_text().splitlines()]
    return [reply["content"] for step in steps for reply in step.get("replies", [])]


def results() -> list[Any]:
    """What is in them, unpacked."""
    found = []
    for content in recorded():
        try:
            found.append(json.loads(content["result"]))
        except (KeyError, TypeError, ValueError):  # noqa: PERF203
            continue
    return found


CONTENTS, RESULTS = recorded(), results()


def decode_spoiled(number: int) -> None:
    """What is taken can be stored, sent on and compared."""
    for each, random in enumerate(randoms("decode", number)):
        text = spoiled_json(random, RESULTS)
        for decoder in DECODERS:
            try:
                value = decoder(text)
            except decode.Misshapen as refused:
                assert len(str(refused)) < 80  # noqa: PT017
                continue
            except Exception as error:
                raise AssertionError(f"{each}: {decoder.__name__} {text!r:.2000}") from error
            assert "\x00" not in repr(value).encode("utf-8", "backslashreplace").decode()
            for item in value if isinstance(value, (list, tuple)) else []:
                for field in vars(item).values():
                    assert not isinstance(field, str) or field.encode() is not None
                    assert not isinstance(field, datetime) or field.tzinfo is timezone.utc


def sealed(text: str) -> dict[str, Any]:
    """A genuine event of the bunker's with this text."""
    event = RawKey(BUNKER).event(US.public_key().to_hex(), text, encryption="nip04")
    return dict(json.loads(event))


def hear_spoiled(number: int) -> None:
    """Contents in genuine events, and events that were genuine."""
    rpc = RelayRpc(US, BUNKER.public_key().to_hex(), ["ws://127.0.0.1:1"], on_request=str)
    genuine = sealed(json.dumps(CONTENTS[0]))
    for each, random in enumerate(randoms("rpc", number)):
        if each % 4 == 0:
            text = spoiled_json(random, CONTENTS).encode("utf-8", "replace").decode()
            event: Any = sealed(text[:30_000])
        else:
            event = spoiled_value(random, genuine)
        try:
            rpc.heard_event("ws://relay", event if isinstance(event, dict) else {"pubkey": event})
        except Exception as error:
            raise AssertionError(f"{each}: {event!r:.2000}") from error


def parse_spoiled(number: int) -> None:
    genuine = sealed("{}")
    frames = [["EVENT", "s", genuine], ["OK", "e", True, ""], ["EOSE", "s"], ["CLOSED", "s", "x"]]
    for each, random in enumerate(randoms("frames", number)):
        text = spoiled_json(random, frames)
        try:
            message = parsed(text)
        except Exception as error:
            raise AssertionError(f"{each}: {text!r:.2000}") from error
        assert message is None or isinstance(message, list)


def see_spoiled(number: int) -> None:
    from spirekeeper.upkeep.sightings import Forged, Sightings
    from spirekeeper.upkeep.watched_keys import WatchedKey, WatchedKeys

    def ignore(*_: object) -> None:
        return None

    spire, client = Keys.parse("33" * 32), Keys.parse("44" * 32)
    pubkey, ours = (keys.public_key().to_hex() for keys in (spire, client))
    watched = WatchedKey("m", "k", pubkey, (ours,), (ours,), True, (), "o")
    sightings = Sightings(lambda: datetime.now(timezone.utc), hint=ignore, suspect=ignore)
    sightings.watch(WatchedKeys([watched]))
    request = EventBuilder(Kind(24133), "x").tags([Tag.public_key(spire.public_key())])
    genuine = [
        json.loads(EventBuilder(Kind(21000), "x").sign_with_keys(spire).as_json()),
        json.loads(request.sign_with_keys(client).as_json()),
    ]
    for odd in ODD_VALUES:
        for name in genuine[0]:
            _hear(sightings, Forged, {**genuine[0], name: odd})
            _hear(sightings, Forged, {**genuine[1], name: odd})
    for random in randoms("sightings", number):
        event = spoiled_value(random, random.choice(genuine))
        _hear(sightings, Forged, event if isinstance(event, dict) else {"pubkey": event})


def _hear(sightings: Any, forged: type[Exception], event: dict[str, Any]) -> None:
    try:
        sightings.hear(event)
    except forged:
        return
    except Exception as error:
        raise AssertionError(f"{event!r:.2000}") from error


ALL: dict[str, tuple[Callable[[int], None], int, int]] = {
    "decoders": (decode_spoiled, 500, 30_000),
    "rpc": (hear_spoiled, 300, 12_000),
    "frames": (parse_spoiled, 500, 20_000),
    "sightings": (see_spoiled, 300, 12_000),
}
"""What is done, how often, and how often in the long run."""


@pytest.mark.usefixtures("host")
@pytest.mark.parametrize("name", ALL)
def test_spoiled_answers(name: str, figures: Figures) -> None:
    hear, few, _ = ALL[name]
    hear(few)
    figures.add("inputs", few)


@pytest.mark.long
@pytest.mark.usefixtures("host")
@pytest.mark.parametrize("name", ALL)
def test_many_spoiled_answers(name: str, figures: Figures) -> None:
    hear, _, many = ALL[name]
    hear(many)
    figures.add("inputs", many)


@pytest.mark.usefixtures("host")
@pytest.mark.parametrize("name", ["decoders", "frames"])
def test_no_answer_leaves_anything_behind(name: str, figures: Figures) -> None:
    hear, _, _ = ALL[name]
    assert kept_by(lambda: hear(200)) < 20_000
    figures.add("inputs", 600)


def test_the_same_again_is_the_same_answer() -> None:
    first, second = (
        [spoiled_json(Random(f"{number}"), RESULTS) for number in range(50)]  # noqa: S311
        for _ in range(2)
    )
    assert first == second


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", "a\x00b"),
        ("id", "\ud800"),
        ("id", 10**200),
        ("created_at", "0001-01-01T00:00:00+14:00"),
    ],
)
def test_what_no_database_takes_is_refused(name: str, value: Any) -> None:
    token = next(
        item
        for found in RESULTS
        if isinstance(found, list)
        for item in found
        if isinstance(item, dict) and "token" in item
    )
    assert decode.tokens(json.dumps([token]))
    with pytest.raises(decode.Misshapen):
        decode.tokens(json.dumps([{**token, name: value}]))
    (named,) = decode.tokens(json.dumps([{**token, "client_name": "a\x00\ud800b"}]))
    assert named.client_name == "a\ufffd\ufffdb"
