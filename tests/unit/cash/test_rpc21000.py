"""Kind 21000: what is read of a machine's calls, and what is answered."""

import json
from datetime import datetime, timezone
from typing import Any

import pytest
from spirekeeper.cash.answers import (
    ClockDelta,
    Dispense,
    Invoice,
    MachineStanding,
    OrderStanding,
    Quote,
    Refusal,
    Silence,
    Why,
    WhyNot,
    too_many,
    wrong_amount,
)
from spirekeeper.cash.requests import (
    MOST_NOTES,
    MOST_SATS,
    AbandonRequest,
    DispensedReport,
    DispenseRequest,
    Fiat,
    HoldRequest,
    OrderRequest,
    QuoteRequest,
    StatusRequest,
    WithdrawRequest,
)
from spirekeeper.cash.rpc21000 import MOST_LISTED, NAMES, NOT_HERE, parse, parse_call, write
from spirekeeper.orders import Direction
from unit.cash.asking import (
    ATTEMPT,
    BAD_AMOUNTS,
    BAD_IDS,
    LIMITS,
    NO_JSON,
    NO_OBJECTS,
    ORDER,
    RANGE,
    rpc,
    with_amount,
)

BODIES: dict[str, tuple[dict[str, Any], object]] = {
    "quote": (
        {"direction": "cash_out", "amount_sats": 25_000},
        QuoteRequest(Direction.CASH_OUT, 25_000),
    ),
    "hold": ({"order": ORDER, "sats": 25_000}, HoldRequest(ORDER, 25_000)),
    "create_withdraw": ({"order": ORDER, "sats": 25_000}, WithdrawRequest(ORDER, 25_000)),
    "dispense": ({"order": ORDER, "attempt": ATTEMPT}, DispenseRequest(ORDER, ATTEMPT)),
    "dispensed": (
        {"order": ORDER, "attempt": ATTEMPT, "notes": 2, "dispensed_sats": 25_000},
        DispensedReport(ORDER, ATTEMPT, 2, 25_000),
    ),
    "abandon": ({"order": ORDER}, AbandonRequest(ORDER)),
    "get_payment": ({"order": ORDER}, OrderRequest(ORDER)),
    "status": ({}, StatusRequest()),
}
WITH_IDS = [
    (name, field)
    for name, (body, _) in BODIES.items()
    for field in ("order", "attempt")
    if field in body
]


def why(content: str) -> Why:
    """Why a call is refused; the answer says it too."""
    refusal = parse(content, LIMITS)
    assert isinstance(refusal, Refusal), refusal
    assert json.loads(write(refusal))["error"] == f"{refusal.why.value}: {refusal.words}"
    return refusal.why


def without(name: str, field: str) -> str:
    body = dict(BODIES[name][0])
    del body[field]
    return rpc(name, body)


# What is read.


def test_each_call_is_tried_here() -> None:
    assert set(BODIES) == set(NAMES)


@pytest.mark.parametrize("name", BODIES)
def test_a_call(name: str) -> None:
    body, request = BODIES[name]
    assert parse(rpc(name, body), LIMITS) == request
    assert parse(rpc(name, {**body, "more": [1]}, request_id="7"), LIMITS) == request
    assert parse_call(name, body, LIMITS) == request


def test_a_report_that_nothing_came_out() -> None:
    body = {"order": ORDER, "attempt": ATTEMPT, "notes": 0, "dispensed_sats": 0}
    assert parse(rpc("dispensed", body), LIMITS) == DispensedReport(ORDER, ATTEMPT, 0, 0)


# What is refused.


@pytest.mark.parametrize("written", BAD_AMOUNTS, ids=lambda text: text[:24])
def test_an_amount_that_is_none(written: str) -> None:
    content = with_amount(rpc("quote", BODIES["quote"][0]), written)
    assert parse(content, LIMITS) == wrong_amount(LIMITS)
    assert json.loads(write(wrong_amount(LIMITS)))["range"] == RANGE


def test_millisats_and_no_amount_are_refused() -> None:
    assert why(rpc("quote", {**BODIES["quote"][0], "amount_msats": 25_000_000})) is Why.AMOUNT
    assert why(without("quote", "amount_sats")) is Why.AMOUNT


def test_notes_are_quoted_too() -> None:
    asked = {"direction": "cash_in", "amount_sats": 25_000}
    assert parse(rpc("quote", asked), LIMITS) == QuoteRequest(Direction.CASH_IN, 25_000)


def test_what_host_builds_call_what_was_inserted() -> None:
    body = {"order": ORDER, "principal_sats": 25_000}
    assert parse(rpc("create_withdraw", body), LIMITS) == WithdrawRequest(ORDER, 25_000)
    both = {**body, "sats": 1}
    assert parse(rpc("create_withdraw", both), LIMITS) == WithdrawRequest(ORDER, 1)


@pytest.mark.parametrize("direction", [None, "", "out", "CASH_OUT", "in", 1, ["cash_out"]])
def test_a_direction_that_is_none(direction: Any) -> None:
    assert why(rpc("quote", {"direction": direction, "amount_sats": 1})) is Why.UNSUPPORTED


@pytest.mark.parametrize(("name", "field"), WITH_IDS)
def test_an_id_that_is_none(name: str, field: str) -> None:
    assert why(without(name, field)) is Why.INVALID
    for bad in [*BAD_IDS, None]:
        assert why(rpc(name, {**BODIES[name][0], field: bad})) is Why.INVALID, bad


@pytest.mark.parametrize("field", ["notes", "dispensed_sats"])
def test_a_report_of_what_is_no_count(field: str) -> None:
    assert why(without("dispensed", field)) is Why.INVALID
    most = MOST_NOTES if field == "notes" else MOST_SATS
    report = rpc("dispensed", {**BODIES["dispensed"][0], field: "HERE"})
    for bad in [*BAD_AMOUNTS, str(most + 1)]:
        assert why(report.replace('"HERE"', bad)) is Why.INVALID, bad[:24]


@pytest.mark.parametrize(("notes", "sats"), [(0, 1), (1, 0)])
def test_a_report_that_contradicts_itself(notes: int, sats: int) -> None:
    body = {"order": ORDER, "attempt": ATTEMPT, "notes": notes, "dispensed_sats": sats}
    assert why(rpc("dispensed", body)) is Why.INVALID


@pytest.mark.parametrize("name", sorted(NOT_HERE))
def test_what_host_builds_answer(name: str) -> None:
    refusal = parse(rpc(name, {"amount_sats": 0}), LIMITS)
    assert refusal == Refusal(Why.UNSUPPORTED, NOT_HERE[name])


def test_the_issues_calls_are_among_them() -> None:
    assert {
        *("pay_invoice", "list_payments", "get_wallet", "create_wallet", "lnurlw_create_link"),
        "create_invoice",
    } <= set(NOT_HERE)


@pytest.mark.parametrize("name", ["", "Quote", "quote ", "__init__", "x" * 10_000, "\ud800"])
def test_an_unknown_name_is_not_repeated(name: str) -> None:
    refusal = parse(rpc(name), LIMITS)
    assert isinstance(refusal, Refusal)
    assert refusal.why is Why.UNSUPPORTED
    assert all(known in refusal.words for known in NAMES)
    assert len(write(refusal)) < 300


@pytest.mark.parametrize("name", [None, 1, True, ["quote"], {}])
def test_no_name(name: Any) -> None:
    assert why(rpc(name)) is Why.INVALID


@pytest.mark.parametrize("level", [None, "", "auth_wallet", "AUTH_USER", 1, ["AUTH_WALLET"]])
def test_another_level(level: Any) -> None:
    assert why(rpc("status", auth_level=level)) is Why.INVALID


@pytest.mark.parametrize("body", [None, [], "", "{}", 0, True])
@pytest.mark.parametrize("name", BODIES)
def test_no_body(name: str, body: Any) -> None:
    assert why(rpc(name).replace('"body": {}', f'"body": {json.dumps(body)}')) is Why.INVALID


@pytest.mark.parametrize("content", [*NO_OBJECTS, "{}", rpc("status")[:-1] + ', "body": {}}'])
def test_malformed(content: str) -> None:
    assert why(content) is Why.INVALID


@pytest.mark.parametrize("content", NO_JSON, ids=lambda text: repr(text[:12]))
def test_no_json_is_answered_with_silence(content: str) -> None:
    assert parse(content, LIMITS) is Silence.NOT_JSON


@pytest.mark.parametrize(
    "theirs",
    [
        {"rpcName": "NewInvoice", "requestId": "1", "body": {}, "authIdentifier": "…"},
        {"requestId": "1", "status": "OK"},
        {"rpcName": "quote"},
    ],
)
def test_lightning_pubs_envelope_is_answered_with_silence(theirs: dict[str, Any]) -> None:
    assert parse(json.dumps(theirs), LIMITS) is Silence.OTHER_DIALECT


# What is answered.


def test_a_quote() -> None:
    quote = Quote(Direction.CASH_OUT, 25_000, 1_250, 23_750)
    assert json.loads(write(quote)) == {
        "data": {
            "direction": "cash_out",
            "gross_sats": 25_000,
            "fee_sats": 1_250,
            "net_sats": 23_750,
        }
    }


def test_yes_and_no_to_dispense() -> None:
    of_it = {"order": ORDER, "attempt": ATTEMPT}
    yes = json.loads(write(Dispense(ORDER, ATTEMPT)))
    assert yes == {"data": {**of_it, "dispense": True}}
    for why_not in WhyNot:
        no = json.loads(write(Dispense(ORDER, ATTEMPT, why_not)))
        assert no == {"data": {**of_it, "dispense": False, "why_not": why_not.value}}


def test_an_order_as_it_stands() -> None:
    bare = json.loads(write(OrderStanding(ORDER, "asked", 25_000, 0, "K7F2")))["data"]
    assert bare == {
        "order": ORDER,
        "direction": "cash_out",
        "state": "asked",
        "amount_sats": 25_000,
        "fee_sats": 0,
        "fiat": None,
        "short_code": "K7F2",
        "bolt11": None,
        "expires_at": None,
        "attempt": None,
        "preimage": None,
    }
    expires = datetime(2026, 11, 30, 12, 3, tzinfo=timezone.utc)
    full = OrderStanding(
        *(ORDER, "dispensing", 25_000, 1_250, "K7F2", Fiat("20", "EUR"), "lnbc1…", expires),
        attempt=ATTEMPT,
    )
    assert json.loads(write(full))["data"] == bare | {
        "state": "dispensing",
        "fee_sats": 1_250,
        "fiat": {"amount": "20", "code": "EUR"},
        "bolt11": "lnbc1…",
        "expires_at": 1_796_040_180,
        "attempt": ATTEMPT,
    }


def test_a_machine_as_it_stands() -> None:
    machine = MachineStanding(True, False, LIMITS, 50_000, 100, 40_000, 10, (ORDER,))
    assert json.loads(write(machine))["data"] == {
        "cash_out": True,
        "cash_in": False,
        "range": RANGE,
        "fee_ppm": 50_000,
        "fee_fixed_sats": 100,
        "in_fee_ppm": 40_000,
        "in_fee_fixed_sats": 10,
        "open_orders": [ORDER],
        "more_open_orders": False,
    }
    many = MachineStanding(
        *(False, False, LIMITS, 0, 0, 0, 0), tuple(f"{at:032x}" for at in range(10_000))
    )
    listed = json.loads(write(many))["data"]
    assert listed["open_orders"] == list(many.open_orders[:MOST_LISTED])
    assert listed["more_open_orders"]


def test_a_refusal_tells_programs_what_clink_would() -> None:
    late = Refusal(Why.CLOCK, "Late.", delta=ClockDelta(300_000, 301_500))
    assert json.loads(write(late)) == {
        "error": "clock: Late.",
        "delta": {"max_delta_ms": 300_000, "actual_delta_ms": 301_500},
    }
    wait = too_many(datetime(2026, 11, 30, 12, 0, 30, tzinfo=timezone.utc))
    assert json.loads(write(wait))["retry_after"] == 1_796_040_030


def test_what_this_wire_has_no_words_for_is_a_fault_of_ours() -> None:
    with pytest.raises(TypeError):
        write(Invoice("lnbc1…"))
