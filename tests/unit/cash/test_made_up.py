"""Whatever is said to the wires: they raise nothing of their own, and answer in short JSON."""

import json
from datetime import datetime, timezone
from typing import Any, get_args

from hypothesis import given
from hypothesis import strategies as st
from spirekeeper.cash import envelope, wire
from spirekeeper.cash.answers import (
    Answer,
    ClockDelta,
    Dispense,
    HoldStanding,
    Invoice,
    Limits,
    MachineStanding,
    OrderStanding,
    Paid,
    Quote,
    Receipt,
    Refusal,
    Silence,
    Why,
    WhyNot,
    Withdraw,
)
from spirekeeper.cash.requests import MOST_SATS, Fiat, InvoiceRequest, Request
from spirekeeper.cash.rpc21000 import NAMES, NOT_HERE
from spirekeeper.nostr.events import Event
from spirekeeper.orders import Direction
from unit.cash.asking import ATTEMPT, LIMITS, ORDER

RESULTS = (*get_args(Request), Refusal, Silence)
KINDS = st.sampled_from(sorted(envelope.KINDS))
FIELDS = (
    *("offer", "amount_sats", "payer_data", "order", "fiat", "amount", "code", "description"),
    *("expires_in_seconds", "zap", "bolt11", "k1", "frequency", "rpc_name", "auth_level", "body"),
    *("attempt", "notes", "dispensed_sats", "direction", "rpcName", "requestId"),
    *("sats", "principal_sats"),
)
WORDS = ("cash-out", "cash_out", "AUTH_WALLET", ORDER, ATTEMPT, "20", "EUR", *NAMES, *NOT_HERE)
names = st.sampled_from(FIELDS) | st.text(max_size=8)
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(WORDS),
    st.sampled_from([0, 1, 2, 25_000, 2**63, 10**500]),
)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=3),
    max_leaves=5,
)
sats = st.integers(0, MOST_SATS)
times = st.integers(1_200_000_000_000, 7_000_000_000_000).map(
    lambda ms: datetime.fromtimestamp(ms / 1000, timezone.utc)
)
limits = st.builds(Limits, sats, sats)
states = st.sampled_from(["asked", "invoiced", "paid_late"])
fiats = st.builds(Fiat, st.just("999999999999.999"), st.just("EUR"))
ids = st.just(ORDER)
bolt11s = st.text("0123456789abcdefghjklmnpqrstuvwxyz", max_size=4_000)
refusals = st.builds(
    Refusal,
    st.sampled_from(Why),
    st.text(max_size=300),
    limits=st.none() | limits,
    delta=st.none() | st.builds(ClockDelta, sats, st.integers(0, 2**63 * 1000)),
    retry_at=st.none() | times,
)
RPC_ANSWERS = st.one_of(
    st.builds(Quote, st.sampled_from(Direction), sats, sats, sats),
    st.builds(Dispense, ids, ids, st.none() | st.sampled_from(WhyNot)),
    st.builds(
        OrderStanding,
        *(ids, states, sats, sats, st.text(max_size=12), st.none() | fiats),
        *(st.none() | bolt11s, st.none() | times, st.none() | ids),
    ),
    st.builds(
        HoldStanding,
        *(ids, states, sats, sats, sats, ids, st.none() | times, st.booleans()),
    ),
    st.builds(Withdraw, ids, states, bolt11s, bolt11s, sats, sats, ids, times),
    st.builds(
        MachineStanding,
        *(st.booleans(), st.booleans(), limits, sats, sats, sats, sats),
        st.integers(0, 1_000).map(lambda many: tuple(f"{at:032x}" for at in range(many))),
    ),
    refusals,
)
CLINK_ANSWERS = st.one_of(
    st.builds(Invoice, bolt11s),
    st.builds(Receipt, st.none() | st.just("ab" * 32)),
    st.builds(Paid, st.none() | st.just("ab" * 32)),
    refusals,
)


def fits(kind: int, answer: Answer) -> dict[str, Any]:
    """An answer is one object of JSON in less than 16 KiB, which NIP-44 can encrypt."""
    content = wire.write(kind, answer)
    assert 2 < len(content.encode()) < 16 * 1024
    said: dict[str, Any] = json.loads(content, parse_constant=lambda name: 1 / 0)
    assert isinstance(said, dict)
    return said


def answered(kind: int, content: str) -> None:
    result = wire.parse(kind, content, LIMITS)
    assert type(result) in RESULTS
    if isinstance(result, Refusal):
        fits(kind, result)
    if isinstance(result, InvoiceRequest):
        assert 0 < result.sats <= MOST_SATS
        assert len(result.order) == 32


@given(KINDS, st.text())
def test_any_text(kind: int, text: str) -> None:
    answered(kind, text)


@given(KINDS, values)
def test_any_json(kind: int, value: Any) -> None:
    answered(kind, json.dumps(value))


@given(st.dictionaries(names, values, max_size=3), st.dictionaries(names, leaves, max_size=2))
def test_any_offer(fields: dict[str, Any], payer: dict[str, Any]) -> None:
    good = {"offer": "cash-out", "amount_sats": 25_000, "payer_data": {"order": ORDER, **payer}}
    answered(21001, json.dumps(good | fields))


@given(st.sampled_from([*NAMES, *NOT_HERE]), st.dictionaries(names, values, max_size=3), leaves)
def test_any_call(name: str, fields: dict[str, Any], other: Any) -> None:
    good = {"order": ORDER, "attempt": ATTEMPT, "notes": 1, "dispensed_sats": 25_000}
    call = {"rpc_name": name, "auth_level": "AUTH_WALLET", "body": good | fields}
    answered(21000, json.dumps(call))
    answered(21000, json.dumps(call | {"body": other}))


@given(
    st.integers(0, 65_535) | KINDS,
    st.lists(
        st.lists(st.sampled_from(["p", "clink_version", "1", ORDER * 2, "", "\ud800"])), max_size=4
    ),
    st.text(),
    st.integers(0, 2**63 - 1),
    times,
)
def test_any_envelope(
    kind: int, tags: list[list[str]], content: str, created_at: int, now: datetime
) -> None:
    event = Event(ORDER * 2, ORDER * 2, created_at, kind, tags, content)
    assert isinstance(envelope.to_ignore(event, ORDER * 2), Silence | None)
    refusal = envelope.not_fresh(created_at, now)
    if refusal:
        fits(21002, refusal)


@given(RPC_ANSWERS)
def test_any_answer_of_kind_21000(answer: Answer) -> None:
    assert set(fits(21000, answer)) & {"data", "error"}


@given(st.sampled_from(sorted(envelope.KINDS - {21000})), CLINK_ANSWERS)
def test_any_answer_of_clink(kind: int, answer: Answer) -> None:
    assert set(fits(kind, answer)) & {"bolt11", "res", "error"}
