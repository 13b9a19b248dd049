"""docs/cash-wire.md: its examples are read and written by the code, and its tables are whole."""

import json
import re
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from spirekeeper.cash import envelope, wire
from spirekeeper.cash.answers import (
    FAILED,
    Answer,
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
    too_many,
    wrong_amount,
)
from spirekeeper.cash.clink import GFY_CODES, OFFER_CODES
from spirekeeper.cash.requests import (
    AbandonRequest,
    DispensedReport,
    DispenseRequest,
    Fiat,
    HoldRequest,
    InvoiceRequest,
    OrderRequest,
    PayRequest,
    QuoteRequest,
    StatusRequest,
    WithdrawRequest,
)
from spirekeeper.cash.rpc21000 import MOST_LISTED, NAMES, NOT_HERE
from spirekeeper.nostr.events import Event
from spirekeeper.orders import Direction

PAGE = (Path(__file__).parents[2] / "docs" / "cash-wire.md").read_text()
EXAMPLES: list[tuple[str, str]] = re.findall(r"<!-- (.*?) -->\n```json\n(.*?)```", PAGE, re.S)

NOON = datetime(2026, 11, 30, 12, 0, tzinfo=timezone.utc)
LIMITS = Limits(1_000, 500_000)
ORDER = "5f0c86c1f7f4b7c5a9b1d0e6e83c520d"
ATTEMPT = "0d2f3a86c1f7f4b7c5a9b1d0e6e83c52"
FIAT = Fiat("20", "EUR")
BOLT11 = "lnbc250u1p5n0rthpp5"
PREIMAGE = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
NO_DEBIT = "Budgets and unlimited debits are never granted: send `bolt11` and `order`."
LINK = "https://lnbits.example.com/spirekeeper/api/v1/lnurl/" + ATTEMPT

ASKED: list[object] = [
    InvoiceRequest(ORDER, 25_000, FIAT, "20 EUR at Station North", 180),
    PayRequest(ORDER, 25_000, "lnbc237500n1p5n0rthpp5"),
    QuoteRequest(Direction.CASH_OUT, 25_000),
    HoldRequest(ORDER, 25_000),
    WithdrawRequest(ORDER, 25_000),
    DispenseRequest(ORDER, ATTEMPT),
    DispensedReport(ORDER, ATTEMPT, 1, 25_000),
    AbandonRequest(ORDER),
    OrderRequest(ORDER),
    StatusRequest(),
    Refusal(Why.UNSUPPORTED, NO_DEBIT),
]
"""In the page's order."""
ANSWERED: dict[str, Answer | None] = {
    "21001 invoice": Invoice(BOLT11),
    "21001 receipt": Receipt(PREIMAGE),
    "21001 internal receipt": Receipt(),
    "21001 wrong amount": wrong_amount(LIMITS),
    "21002 paid": Paid(PREIMAGE),
    "21002 failed": FAILED,
    "21000 hold": HoldStanding(
        *(ORDER, "held", 25_000, 1_250, 23_750, "K7F2QM", NOON + timedelta(minutes=10), True)
    ),
    "21000 withdraw": Withdraw(
        *(ORDER, "reserved", "lnurl1dp68gurn8ghj7um9", LINK, 23_750, 1_250, "K7F2QM"),
        NOON + timedelta(days=7),
    ),
    "21000 quote": Quote(Direction.CASH_OUT, 25_000, 1_250, 23_750),
    "21000 yes": Dispense(ORDER, ATTEMPT),
    "21000 no": Dispense(ORDER, ATTEMPT, WhyNot.PAID_LATE),
    "21000 order": OrderStanding(
        *(ORDER, "dispensing", 25_000, 1_250, "K7F2QM", FIAT, BOLT11),
        *(NOON + timedelta(seconds=180), ATTEMPT),
    ),
    "21000 machine": MachineStanding(*(True, True, LIMITS, 50_000, 0, 50_000, 0), (ORDER,)),
    "21000 clock": envelope.not_fresh(
        int(NOON.timestamp()), NOON + timedelta(milliseconds=301_500)
    ),
    "21002 rate": too_many(NOON + timedelta(seconds=30)),
    "21002 denied": Refusal(Why.UNSUPPORTED, NO_DEBIT),
}


def marked(word: str) -> list[tuple[str, str]]:
    """What stands behind the word, and the example below it."""
    return [
        (rest, body)
        for mark, body in EXAMPLES
        for at, _, rest in [mark.partition(" ")]
        if at == word
    ]


def table(first: str) -> list[list[str]]:
    """The cells of the table whose first column is headed so."""
    found = re.search(rf"^\| {re.escape(first)} \|.*\n\|[-|]+\n((?:\|.*\n)+)", PAGE, re.M)
    assert found, first
    return [
        [cell.strip().strip("`") for cell in row.split("|")[1:-1]] for row in found[1].splitlines()
    ]


def test_every_example_is_tried() -> None:
    assert {mark.partition(" ")[0] for mark, _ in EXAMPLES} == {"event", "ask", "answer"}
    assert PAGE.count("```json") == len(EXAMPLES)


def test_its_requests_are_read() -> None:
    asked = marked("ask")
    assert [wire.parse(int(kind), body, LIMITS) for kind, body in asked] == ASKED


def test_its_answers_are_what_is_written() -> None:
    shown = {mark: json.loads(body) for mark, body in marked("answer")}
    for mark, answer in ANSWERED.items():
        assert answer is not None
        assert json.loads(wire.write(int(mark[:5]), answer)) == shown[mark], mark
    assert set(shown) == set(ANSWERED)


def test_its_event_is_one_that_is_heard() -> None:
    [(_, body)] = marked("event")
    shown: dict[str, Any] = json.loads(body)
    event = Event("ee" * 32, "bb" * 32, 0, **shown)
    assert envelope.to_ignore(event, "<service_pubkey>") is None


def test_its_limits_are_the_codes() -> None:
    oldest, earliest = envelope.OLDEST_MS // 1000, envelope.EARLIEST_MS // 1000
    assert f"at most {oldest} s old and {earliest} s ahead" in PAGE
    assert f"at most {envelope.LARGEST_CONTENT // 1024} KiB" in PAGE
    assert f"at most {MOST_LISTED}." in PAGE


def test_its_table_of_refusals_is_whole() -> None:
    rows = table("word in kind 21000")
    codes = {word: (int(offer), int(gfy)) for word, offer, gfy, _ in rows}
    assert codes == {why.value: (OFFER_CODES[why], GFY_CODES[why]) for why in Why}


@pytest.mark.parametrize(("first", "words"), [("word", Silence), ("`why_not`", WhyNot)])
def test_its_tables_of_words_are_whole(first: str, words: type[Silence] | type[WhyNot]) -> None:
    assert [row[0] for row in table(first)] == [word.value for word in words]


def test_every_call_is_described() -> None:
    assert set(re.findall(r"^### `(\w+)`", PAGE, re.M)) == set(NAMES)
    assert all(f"`{name}`" in PAGE for name in NOT_HERE)
