"""What relays that users named may say, and what becomes of those that say more."""

from types import SimpleNamespace

import pytest
from spirekeeper.nostr import budgets
from spirekeeper.nostr.budgets import LINK, OPERATOR, PROCESS, Meter, Overrun

BURST = LINK.bytes * LINK.burst


@pytest.fixture(autouse=True)
def time(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """`time.now` is what the clock says; nothing is owed by anybody."""
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(budgets, "time", SimpleNamespace(monotonic=lambda: clock.now))
    monkeypatch.setattr(budgets, "accounts", budgets.Accounts())
    return clock


def url(number: int = 0) -> str:
    return f"wss://r{number}.example.com/path"


def said(meter: Meter, size: int, piece: int = 2048) -> int:
    """The bytes that were taken of so many."""
    for start in range(0, size, piece):
        if not meter.count(piece, 0):
            return start
    return size


def test_a_link_has_a_burst_and_then_its_rate(time: SimpleNamespace) -> None:
    meter = Meter(url(), ["a"])
    assert said(meter, BURST) == BURST
    time.now += 2
    assert said(meter, 2 * LINK.bytes) == 2 * LINK.bytes
    assert not meter.count(2048, 0)


def test_messages_count_however_small(time: SimpleNamespace) -> None:
    meter = Meter(url(), ["a"])
    taken = sum(meter.count(0, 1) for _ in range(10_000))
    assert taken == LINK.messages * LINK.burst


def test_it_is_left_alone_for_longer_each_time(time: SimpleNamespace) -> None:
    rests = []
    for _ in range(12):
        meter = Meter(url(), ["a"])
        assert said(meter, 2 * BURST) < 2 * BURST
        began = time.now
        while True:
            try:
                Meter(url(), ["a"])
                break
            except Overrun:
                time.now += 1
        rests.append(time.now - began)
        time.now += 60  # so that the operator has paid
    assert rests[:4] == [5, 10, 20, 40]
    assert rests[-1] == budgets.LONGEST_REST
    time.now += budgets.LONGEST_REST + 1
    said(Meter(url(), ["a"]), 2 * BURST)
    with pytest.raises(Overrun):
        Meter(url(), ["a"])
    time.now += budgets.FIRST_REST
    Meter(url(), ["a"])


def test_another_path_of_the_server_is_left_alone_too_but_not_for_others() -> None:
    said(Meter(url(), ["a"]), 2 * BURST)
    with pytest.raises(Overrun):
        Meter("wss://r0.example.com:443/other", ["a"])
    Meter("wss://r0.example.com/other", ["b"])
    Meter("wss://r0.example.com/other", ["a", "b"])
    for spelled in (url(), "WSS://R0.Example.com:443/path"):
        with pytest.raises(Overrun):
            Meter(spelled, ["b"])


def test_an_operators_links_together_have_a_limit() -> None:
    taken = sum(said(Meter(url(n), ["a"]), BURST) for n in range(20))
    assert taken <= OPERATOR.bytes * OPERATOR.burst
    assert said(Meter(url(99), ["b"]), BURST) == BURST


def test_a_link_of_several_is_paid_for_by_who_has_something_left() -> None:
    for number in range(20):
        said(Meter(url(number), ["a"]), BURST)
    assert said(Meter(url(99), ["a", "b"]), BURST) == BURST


def test_the_process_has_a_limit_that_takes_from_nobody_his_fair_part() -> None:
    """Forty who take all they can, and one who takes little."""
    taken = sum(
        said(Meter(url(100 * who + n), [f"greedy {who}"]), BURST)
        for who in range(40)
        for n in range(5)
    )
    assert taken <= PROCESS.bytes * PROCESS.burst * 2
    little = 16 * 1024
    assert said(Meter(url(9999), ["modest"]), little) == little


def test_who_is_idle_is_forgotten(time: SimpleNamespace) -> None:
    for number in range(100):
        Meter(url(), [f"o{number}"]).count(1, 1)
        time.now += 1
    assert len(budgets.accounts.operators) <= 2
