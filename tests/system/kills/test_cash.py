"""LNbits and machines are killed while machines sell notes and take them, over a relay that loses
and repeats: no paid order is lost, no note comes out twice, no note goes in without a hold, and no
customer is paid twice."""

from itertools import islice
from pathlib import Path
from random import Random

import pytest
from spirekeeper.spire import cash_in
from support.cash_ledger import amiss
from support.figures import Figures
from system.kills.made_up import Deposit, Fetch, Mood, Motor, Notes, Sale, Wish, made_up
from system.kills.market import SEED, market

CUSTOMERS = 2000
"""Made up, by night."""
MACHINES, CUSTOMERS_A_ROUND, KILLS_A_ROUND = 24, 4, 2


@pytest.fixture(autouse=True)
def _renewed_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Holds are renewed between two notes."""
    monkeypatch.setattr(cash_in, "RENEW_S", 1.0)


@pytest.mark.long
async def test_killed_once(tmp_path: Path, figures: Figures) -> None:
    """LNbits, while five machines serve; two of them are killed as well."""
    wishes: list[list[Wish]] = [
        [Sale(1000, deaths=(9,)), Deposit((1000, 2000), deaths=(6,))],
        [Sale(2000, Mood.PAYS_LATE), Sale(1000, Mood.PAYS_TWICE, inside=False)],
        [Sale(5000, motor=Motor.SOME), Deposit((1000,), fetch=Fetch.INVOICE, inside=False)],
        [Deposit((1000,), fetch=Fetch.TWO), Deposit((5000,), goes_in=Notes.ONE_BY_ONE)],
        [Deposit((2000,), fetch=Fetch.BROKEN_OFF), Deposit((2000,), fetch=Fetch.LNBITS)],
    ]
    async with market(tmp_path, len(wishes)) as here:
        await here.serves(wishes, kills=1)
        books = await here.books()
        assert amiss(books) == []
        assert len(books.orders) >= sum(map(len, wishes))
        here.tell(figures, books, sum(map(len, wishes)))


@pytest.mark.long(limit_s=3 * 3600.0)
@pytest.mark.parametrize("deposits", [0.0, 0.8], ids=["sats for notes", "both ways"])
async def test_no_paid_order_is_lost_and_nobody_is_paid_twice(
    deposits: float, tmp_path: Path, figures: Figures
) -> None:
    print(f"{CUSTOMERS} made-up customers with seed {SEED}")  # noqa: T201
    chance = Random(SEED)  # noqa: S311
    left = iter([made_up(chance, deposits) for _ in range(CUSTOMERS)])
    async with market(tmp_path, MACHINES) as here:
        while any(wishes := [list(islice(left, CUSTOMERS_A_ROUND)) for _ in here.stands]):
            await here.serves(wishes, KILLS_A_ROUND)
            books = await here.books()
            assert amiss(books) == []
            await here.makes_room()
            print(f"{len(books.orders)} orders, {here.kills} kills of LNbits", flush=True)  # noqa: T201
        here.tell(figures, books, CUSTOMERS)
        states = {order["state"] for order in books.orders}
        assert states >= {"dispensed", "settled", "abandoned", "dispensing"}
        if deposits:
            assert states >= {"sent", "held"}
            assert here.refusals.keys() >= {"wallet_short", "cap_order", "cap_hour"}
        else:
            assert len(books.paid) >= CUSTOMERS // 3
