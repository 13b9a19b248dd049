"""Kinds 21001, 21002 and 21003: what is read of a machine's requests, and what is answered."""

import json
from datetime import datetime, timezone
from typing import Any

import pytest
from spirekeeper.cash.answers import (
    ClockDelta,
    Invoice,
    Paid,
    Quote,
    Receipt,
    Refusal,
    Silence,
    Why,
    too_many,
    wrong_amount,
)
from spirekeeper.cash.clink import GFY_CODES, OFFER_CODES, parse, write
from spirekeeper.cash.requests import MOST_SATS, Fiat, InvoiceRequest, PayRequest
from spirekeeper.orders import Direction
from unit.cash.asking import (
    BAD_AMOUNTS,
    BAD_IDS,
    LIMITS,
    NO_JSON,
    NO_OBJECTS,
    ORDER,
    RANGE,
    offer,
    with_amount,
)

BOLT11 = "lnbc237500n1p5n0rthpp5"
BUDGET = {"amount_sats": 50_000, "frequency": {"number": 1, "unit": "month"}}


def code(content: str) -> int:
    """The code with which a request for an invoice is refused."""
    refusal = parse(21001, content, LIMITS)
    assert isinstance(refusal, Refusal), refusal
    answer = json.loads(write(21001, refusal))
    assert answer["error"]
    return int(answer["code"])


# What is read.


def test_an_invoice_is_asked_for() -> None:
    assert parse(21001, offer(), LIMITS) == InvoiceRequest(ORDER, 25_000)
    everything = offer(
        {"fiat": {"amount": "20.50", "code": "EUR"}},
        description="20 € at the bar",
        expires_in_seconds=180,
    )
    assert parse(21001, everything, LIMITS) == InvoiceRequest(
        ORDER, 25_000, Fiat("20.50", "EUR"), "20 € at the bar", 180
    )


@pytest.mark.parametrize(
    "content",
    [
        offer(description=None, expires_in_seconds=None, zap=None),
        offer({"fiat": None}),
        offer({"name": "Bar"}, later_fields={"of": ["CLINK"]}),
    ],
)
def test_what_is_null_or_unknown_counts_as_left_out(content: str) -> None:
    assert parse(21001, content, LIMITS) == InvoiceRequest(ORDER, 25_000)


@pytest.mark.parametrize("sats", [1, 999, 500_001, MOST_SATS])
def test_the_machines_limits_are_the_cores_to_apply(sats: int) -> None:
    """An order that is there keeps its amount when they change."""
    assert parse(21001, offer(amount_sats=sats), LIMITS) == InvoiceRequest(ORDER, sats)


# What is refused.


@pytest.mark.parametrize("written", BAD_AMOUNTS, ids=lambda text: text[:24])
def test_an_amount_that_is_none(written: str) -> None:
    refusal = parse(21001, with_amount(offer(), written), LIMITS)
    assert refusal == wrong_amount(LIMITS)
    answer = json.loads(write(21001, wrong_amount(LIMITS)))
    assert (answer["code"], answer["range"]) == (5, RANGE)


@pytest.mark.parametrize("name", ["amount_msat", "amount_msats", "msats", "amountMsat", "MSAT"])
def test_millisats_are_refused(name: str) -> None:
    assert code(offer(**{name: 25_000_000})) == 5
    assert code(offer(**{name: 25_000_000}).replace('"amount_sats": 25000, ', "")) == 5


def test_no_amount() -> None:
    assert code(offer().replace('"amount_sats": 25000, ', "")) == 5


@pytest.mark.parametrize("content", NO_OBJECTS)
def test_malformed_is_what_is_no_object(content: str) -> None:
    assert code(content) == 1


@pytest.mark.parametrize(
    "content",
    [
        '{"offer": "cash-out", ' + offer()[1:],
        '{"amount_sats": 25000, ' + offer()[1:],
        offer().replace('{"order"', f'{{"order": "{ORDER}", "order"'),
        offer(other=[{"a": 1}]).replace('{"a": 1}', '{"a": 1, "a": 1}'),
    ],
)
def test_malformed_is_a_name_that_stands_twice(content: str) -> None:
    assert json.loads(content)
    assert code(content) == 1


@pytest.mark.parametrize(
    "other", ["", "cash-in", "Cash-out", "cash-out ", "cash_out", None, 1, True, ["cash-out"], {}]
)
def test_another_offer(other: Any) -> None:
    assert code(offer(offer=other)) == 1


def test_no_offer() -> None:
    assert code(offer().replace('"offer": "cash-out", ', "")) == 1


@pytest.mark.parametrize("data", [None, {}, {"order": None}, {"Order": ORDER}])
def test_without_an_order_nothing_is_made(data: Any) -> None:
    assert code(offer(payer_data=data)) == 4


def test_no_payer_data() -> None:
    assert code('{"offer": "cash-out", "amount_sats": 25000}') == 4


@pytest.mark.parametrize("bad", BAD_IDS, ids=repr)
def test_an_order_that_is_none(bad: Any) -> None:
    assert code(offer({"order": bad})) == 1


@pytest.mark.parametrize("data", [ORDER, [ORDER], 1, False, ""])
def test_payer_data_that_are_no_object(data: Any) -> None:
    assert code(offer(payer_data=data)) == 1


@pytest.mark.parametrize("zap", ["", "{}", {}, False, 0, '{"kind": 9734}'])
def test_zaps(zap: Any) -> None:
    assert code(offer(zap=zap)) == 4


@pytest.mark.parametrize(
    "text",
    ["x" * 101, "🧾" * 101, "a\nb", "a\x00b", "\u202eb", "\ud800", 1, True, [], {}, ["text"]],
    ids=ascii,
)
def test_a_description_that_is_none(text: Any) -> None:
    assert code(offer(description=text)) == 1


@pytest.mark.parametrize("text", ["", "x" * 100, "🧾" * 100, "<b>", "ATM — 20 €"], ids=ascii)
def test_a_description(text: str) -> None:
    assert parse(21001, offer(description=text), LIMITS) == InvoiceRequest(
        ORDER, 25_000, description=text
    )


@pytest.mark.parametrize(
    "seconds", [0, -1, 1.0, 1e3, True, False, "180", [], {}, 2**31, float("nan"), float("inf")]
)
def test_a_lifetime_that_is_none(seconds: Any) -> None:
    assert code(offer(expires_in_seconds=seconds)) == 1


@pytest.mark.parametrize(
    "fiat",
    [
        "20 EUR",
        20,
        True,
        [],
        {},
        {"amount": "20"},
        {"code": "EUR"},
        *(
            {"amount": bad, "code": "EUR"}
            for bad in (
                *(20, 20.5, True, None, ["20"], "", "0", "0.00", "-20", "+20", "020", "20.", ".5"),
                *("1e3", "NaN", "20,50", "20.0000", " 20", "20\n", "\u0662\u0660", "9" * 13),
            )
        ),
        *({"amount": "20", "code": bad} for bad in ("", "eur", "EU", "EURO", "€", "EUR\n", 978)),
    ],
    ids=repr,
)
def test_fiat_that_is_none(fiat: Any) -> None:
    assert code(offer({"fiat": fiat})) == 1


@pytest.mark.parametrize("kind", [21001, 21002, 21003])
@pytest.mark.parametrize("content", NO_JSON, ids=lambda text: repr(text[:12]))
def test_no_json_is_answered_with_silence(kind: int, content: str) -> None:
    assert parse(kind, content, LIMITS) is Silence.NOT_JSON


def test_a_fault_in_the_shape_comes_before_the_amounts() -> None:
    """So a machine builder mends one thing after the other, in the order of CLINK's codes."""
    assert code(offer(offer="zap_default", zap="{}", payer_data=None, amount_sats=0)) == 1
    assert code(offer(zap="{}", amount_sats=0)) == 4
    assert code(offer(payer_data={}, amount_sats=0)) == 4
    assert code(offer(amount_sats=0, description=1)) == 5


@pytest.mark.parametrize(
    "asked",
    [
        BUDGET,
        {**BUDGET, "bolt11": BOLT11, "order": ORDER, "sats": 1},
        {"amount_sats": 50_000},
        {},
        {"pointer": "till"},
        {"amount_sats": 0},
    ],
    ids=repr,
)
def test_budgets_are_denied(asked: Any) -> None:
    refusal = parse(21002, json.dumps(asked), LIMITS)
    assert isinstance(refusal, Refusal)
    answer = json.loads(write(21002, refusal))
    assert (answer["res"], answer["code"]) == ("GFY", 1)
    assert set(answer) == {"res", "code", "error"}


def test_a_debit() -> None:
    """CLINK's own fields beside ours are left alone."""
    wanted = PayRequest(ORDER, 25_000, BOLT11)
    asked = {"bolt11": BOLT11, "order": ORDER, "sats": 25_000}
    more = {"amount_sats": 24_000, "pointer": "till", "k1": "00" * 32, "description": "mine"}
    for each in (asked, {**asked, **more}):
        assert parse(21002, json.dumps(each), LIMITS) == wanted


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"order": None}, 6),
        ({"order": "A" * 32}, 6),
        ({"sats": None}, 5),
        ({"sats": 0}, 5),
        ({"sats": 1.5}, 5),
        ({"sats": True}, 5),
        ({"sats": "25000"}, 5),
        ({"amount_msats": 25_000_000}, 5),
        ({"bolt11": "lnbc1…"}, 6),
        ({"bolt11": 1}, 6),
        ({"bolt11": "l" * 4_001}, 6),
    ],
    ids=repr,
)
def test_what_a_debit_may_not_be(wrong: dict[str, Any], code: int) -> None:
    asked = {"bolt11": BOLT11, "order": ORDER, "sats": 25_000, **wrong}
    refusal = parse(21002, json.dumps(asked), LIMITS)
    assert isinstance(refusal, Refusal)
    assert json.loads(write(21002, refusal))["code"] == code


@pytest.mark.parametrize("asked", [[], None, "a", 1], ids=repr)
def test_a_debit_is_an_object(asked: Any) -> None:
    refusal = parse(21002, json.dumps(asked), LIMITS)
    assert isinstance(refusal, Refusal)
    assert json.loads(write(21002, refusal))["code"] == 6


def test_what_became_of_a_debit() -> None:
    assert json.loads(write(21002, Paid("ab" * 32))) == {"res": "ok", "preimage": "ab" * 32}
    assert json.loads(write(21002, Paid())) == {"res": "ok"}


@pytest.mark.parametrize("action", ["create", "update", "get", "list", "delete", None])
def test_offers_are_not_managed(action: str | None) -> None:
    refusal = parse(21003, json.dumps({"resource": "offer", "action": action}), LIMITS)
    assert isinstance(refusal, Refusal)
    answer = json.loads(write(21003, refusal))
    assert (answer["res"], answer["code"]) == ("GFY", 1)


# What is answered.


def test_an_invoice_and_its_receipts() -> None:
    assert json.loads(write(21001, Invoice("lnbc250u1…"))) == {"bolt11": "lnbc250u1…"}
    assert json.loads(write(21001, Receipt("ab" * 32))) == {"res": "ok", "preimage": "ab" * 32}
    assert json.loads(write(21001, Receipt())) == {"res": "ok"}
    assert json.loads(write(21002, Receipt())) == {"res": "ok"}


def test_every_refusal_has_its_code() -> None:
    assert set(OFFER_CODES) == set(GFY_CODES) == set(Why)
    assert set(OFFER_CODES.values()) <= {1, 2, 4, 5}
    assert set(GFY_CODES.values()) == {1, 2, 3, 4, 5, 6}


@pytest.mark.parametrize(
    ("refusal", "offers", "gfy"),
    [
        (Refusal(Why.INVALID, "No."), {"code": 1}, {"code": 6}),
        (Refusal(Why.CONFLICT, "No."), {"code": 1}, {"code": 6}),
        (Refusal(Why.DENIED, "No."), {"code": 1}, {"code": 1}),
        (Refusal(Why.TEMPORARY, "No."), {"code": 2}, {"code": 2}),
        (Refusal(Why.UNSUPPORTED, "No."), {"code": 4}, {"code": 1}),
        (wrong_amount(LIMITS), {"code": 5, "range": RANGE}, {"code": 5, "range": RANGE}),
        (
            Refusal(Why.CLOCK, "Late.", delta=ClockDelta(300_000, 301_500)),
            {"code": 2, "delta": {"max_delta_ms": 300_000, "actual_delta_ms": 301_500}},
            {"code": 3, "delta": {"max_delta_ms": 300_000, "actual_delta_ms": 301_500}},
        ),
        (
            too_many(datetime(2026, 11, 30, 12, 0, 30, 1, timezone.utc)),
            {"code": 2, "retry_after": 1_796_040_031},
            {"code": 4, "retry_after": 1_796_040_031},
        ),
    ],
    ids=lambda value: value.why.value if isinstance(value, Refusal) else "",
)
def test_a_refusal_in_clinks_words(
    refusal: Refusal, offers: dict[str, Any], gfy: dict[str, Any]
) -> None:
    assert json.loads(write(21001, refusal)) == {"error": refusal.words, **offers}
    for kind in (21002, 21003):
        said = json.loads(write(kind, refusal))
        assert said == {"res": "GFY", "error": refusal.words, **gfy}


def test_what_clink_has_no_words_for_is_a_fault_of_ours() -> None:
    with pytest.raises(TypeError):
        write(21001, Quote(Direction.CASH_OUT, 100, 1, 99))
