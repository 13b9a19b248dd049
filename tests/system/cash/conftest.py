"""Two LNbits that several files of these tests share: starting them takes longer than most of what
is tried on them."""

from collections.abc import AsyncIterator

import pytest
from support.cash_ledger import amiss
from support.two_lnbits import Bed

WAITS_S = "1"
"""So long LNbits waits for its node to pay."""


@pytest.fixture(scope="package")
async def the_bed(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bed]:
    waits = {"LNBITS_FUNDING_SOURCE_PAY_INVOICE_WAIT_SECONDS": WAITS_S}
    async with Bed(tmp_path_factory.mktemp("bed"), **waits) as bed:
        await bed.fund(1_000_000)
        yield bed


@pytest.fixture
async def bed(the_bed: Bed) -> AsyncIterator[Bed]:
    """What a test did to the way between the two is undone; whatever it did, all agrees then."""
    yield the_bed
    the_bed.proxy.normal()
    assert amiss(await the_bed.books()) == []
