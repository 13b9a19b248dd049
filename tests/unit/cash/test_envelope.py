"""What an event tells before it is opened, and a request's whole way there and back."""

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from nostr_sdk import Keys, Nip44Version, PublicKey, nip44_decrypt, nip44_encrypt
from spirekeeper.cash import envelope, wire
from spirekeeper.cash.answers import ClockDelta, Invoice, Refusal, Silence, Why
from spirekeeper.cash.requests import InvoiceRequest, StatusRequest
from spirekeeper.nostr.events import Event, EventSigner, genuine
from unit.cash.asking import LIMITS, ORDER, offer, rpc

OURS = "aa" * 32
NOW = datetime(2026, 11, 30, 12, 0, tzinfo=timezone.utc)
AT = int(NOW.timestamp())
P = ["p", OURS]
VERSION = ["clink_version", "1"]
CLINK = [21001, 21002, 21003]


def event(kind: int, *tags: list[str], content: str = "sealed") -> Event:
    return Event("ee" * 32, "bb" * 32, AT, kind, list(tags), content)


# Whether it is for us.


@pytest.mark.parametrize("kind", CLINK)
def test_a_request_of_clink(kind: int) -> None:
    for tags in ([P, VERSION], [VERSION, P], [P, VERSION, ["expiration", "1"]], [P, [], VERSION]):
        assert envelope.to_ignore(event(kind, *tags), OURS) is None


@pytest.mark.parametrize(
    "tags", [[P], [P, VERSION], [P, ["clink_version", "2"]], [[*P, "wss://r"]]]
)
def test_kind_21000_has_no_version(tags: list[list[str]]) -> None:
    assert envelope.to_ignore(event(21000, *tags), OURS) is None


@pytest.mark.parametrize("kind", [0, 1, 24133, 24134, 30078, 20999, 21004, 65_535])
def test_another_kind(kind: int) -> None:
    assert envelope.to_ignore(event(kind, P, VERSION), OURS) is Silence.OTHER_KIND


@pytest.mark.parametrize("kind", [21000, *CLINK])
@pytest.mark.parametrize(
    "tags",
    [
        [],
        [["p"]],
        [["p", "cc" * 32]],
        [["p", OURS.upper()]],
        [["P", OURS]],
        [["e", OURS]],
        [P, ["p", "cc" * 32]],
        [["p", "cc" * 32], P],
        [P, P],
        [P, ["p"]],
    ],
)
def test_somebody_else_or_several(kind: int, tags: list[list[str]]) -> None:
    assert envelope.to_ignore(event(kind, *tags, VERSION), OURS) is Silence.OTHER_RECIPIENT


@pytest.mark.parametrize("kind", CLINK)
def test_no_version(kind: int) -> None:
    for tags in ([P], [P, ["version", "1"]], [P, ["Clink_version", "1"]]):
        assert envelope.to_ignore(event(kind, *tags), OURS) is Silence.NO_VERSION


@pytest.mark.parametrize("kind", CLINK)
@pytest.mark.parametrize("version", [["2"], ["0"], ["1.0"], [" 1"], ["01"], [""], []])
def test_another_version(kind: int, version: list[str]) -> None:
    other = ["clink_version", *version]
    for tags in ([P, other], [P, VERSION, other], [P, other, VERSION]):
        assert envelope.to_ignore(event(kind, *tags), OURS) is Silence.OTHER_VERSION


@pytest.mark.parametrize("kind", [21000, *CLINK])
def test_over_16_kib(kind: int) -> None:
    for letter, fits in (("x", 16_384), ("é", 8_192), ("🧾", 4_096)):
        most = event(kind, P, VERSION, content=letter * fits)
        assert envelope.to_ignore(most, OURS) is None
        more = replace(most, content=letter * (fits + 1))
        assert envelope.to_ignore(more, OURS) is Silence.TOO_LARGE


def test_the_tags_of_an_answer() -> None:
    to, of = ["p", "bb" * 32], ["e", "ee" * 32]
    assert envelope.answer_tags(21000, "bb" * 32, "ee" * 32) == [to, of]
    for kind in CLINK:
        assert envelope.answer_tags(kind, "bb" * 32, "ee" * 32) == [to, of, VERSION]


# Whether it is fresh.


@pytest.mark.parametrize("age", [0, 1, 299, 300, -1, -59, -60])
def test_fresh(age: int) -> None:
    assert envelope.not_fresh(AT - age, NOW) is None


@pytest.mark.parametrize(
    ("created_at", "later", "delta"),
    [
        (AT - 301, timedelta(0), ClockDelta(300_000, 301_000)),
        (AT - 300, timedelta(milliseconds=1), ClockDelta(300_000, 300_001)),
        (AT + 61, timedelta(0), ClockDelta(60_000, 61_000)),
        (AT + 61, timedelta(milliseconds=999), ClockDelta(60_000, 60_001)),
        (0, timedelta(0), ClockDelta(300_000, AT * 1000)),
        (2**63 - 1, timedelta(0), ClockDelta(60_000, (2**63 - 1 - AT) * 1000)),
    ],
)
def test_the_clock_is_named_with_the_delta(
    created_at: int, later: timedelta, delta: ClockDelta
) -> None:
    refusal = envelope.not_fresh(created_at, NOW + later)
    assert refusal is not None
    assert (refusal.why, refusal.delta) == (Why.CLOCK, delta)
    assert "clock" in refusal.words
    assert f"{delta.actual_ms} ms" in refusal.words
    for kind, word in ((21000, "error"), (21001, "code"), (21002, "res"), (21003, "res")):
        said = json.loads(wire.write(kind, refusal))
        assert said[word]
        assert said["delta"]["actual_delta_ms"] == delta.actual_ms
    assert json.loads(wire.write(21001, refusal))["code"] == 2
    assert json.loads(wire.write(21002, refusal))["code"] == 3


# The way there and back.


@pytest.mark.parametrize(
    ("kind", "content", "request_"),
    [
        (21001, offer(description="Café ☕"), InvoiceRequest(ORDER, 25_000, None, "Café ☕")),
        (21000, rpc("status"), StatusRequest()),
    ],
)
def test_through_nip44_between_two_keys(kind: int, content: str, request_: object) -> None:
    machine, service = Keys.generate(), Keys.generate()
    to, by = service.public_key(), machine.public_key()
    sealed = nip44_encrypt(machine.secret_key(), to, content, Nip44Version.V2)
    tags = [["p", to.to_hex()], VERSION]
    asked_id, text = EventSigner(machine).sign(kind, sealed, tags)
    heard = genuine(json.loads(text))
    assert heard is not None
    assert envelope.to_ignore(heard, to.to_hex()) is None
    now = datetime.now(timezone.utc)
    assert envelope.not_fresh(heard.created_at, now) is None
    plain = nip44_decrypt(service.secret_key(), PublicKey.parse(heard.pubkey), heard.content)
    assert wire.parse(heard.kind, plain, LIMITS) == request_

    answer = Refusal(Why.TEMPORARY, "Later…") if kind == 21000 else Invoice("lnbc250u1…")
    back = nip44_encrypt(service.secret_key(), by, wire.write(kind, answer), Nip44Version.V2)
    _, text = EventSigner(service).sign(
        kind, back, envelope.answer_tags(kind, heard.pubkey, heard.id)
    )
    got = genuine(json.loads(text))
    assert got is not None
    assert ["e", asked_id] in got.tags
    said = json.loads(nip44_decrypt(machine.secret_key(), to, got.content))
    assert said == ({"error": "temporary: Later…"} if kind == 21000 else {"bolt11": "lnbc250u1…"})
