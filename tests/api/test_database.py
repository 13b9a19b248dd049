"""A statement that has begun is finished, whoever waits for it; and texts that one lists."""

import asyncio
import logging
from typing import Any

import pytest
from host import Host

STATEMENTS = 40


async def test_a_cancelled_caller_leaves_neither_a_lock_nor_half_a_statement(
    host: Host, caplog: pytest.LogCaptureFixture
) -> None:
    """Cancelled twice, as a task is whose parent is cancelled and then cancels its children."""
    from spirekeeper.database import FinishingDatabase

    db = FinishingDatabase("ext_finishing")
    await db.execute("CREATE TABLE finishing.rows (id INT)")
    with caplog.at_level(logging.ERROR, logger="sqlalchemy"):
        for number in range(STATEMENTS):
            insert = "INSERT INTO finishing.rows (id) VALUES (:id)"
            caller = asyncio.create_task(db.execute(insert, {"id": number}))
            await asyncio.sleep(number / 20_000)  # a different moment of the statement each time
            caller.cancel()
            await asyncio.sleep(0)
            caller.cancel()
            await asyncio.gather(caller, return_exceptions=True)
        row: Any = await db.fetchone("SELECT COUNT(*) AS total FROM finishing.rows")
    assert row["total"] == STATEMENTS
    assert [record.message for record in caplog.records] == []


async def test_a_turn_that_is_given_up_while_it_is_taken_is_free_again(host: Host) -> None:
    from datetime import timedelta

    from spirekeeper.clock import utc_now
    from spirekeeper.leases import our_turn

    async def take() -> bool:
        async with our_turn("given up", utc_now, timedelta(hours=1)) as ours:
            return ours

    for number in range(STATEMENTS):
        taking = asyncio.create_task(take())
        await asyncio.sleep(number / 20_000)
        taking.cancel()
        await asyncio.gather(taking, return_exceptions=True)
        assert await take()


@pytest.mark.parametrize("texts", [[], ["a"], ["a", "c", "nobody"], ["a b", "%", "", "é"]])
async def test_a_parameter_lists_any_number_of_texts(host: Host, texts: list[str]) -> None:
    from spirekeeper.database import among, db, listed

    there = ["a", "b", "c", "a b", "é", "A"]
    union = " UNION ALL ".join(f"SELECT '{text}' AS one" for text in there)
    query = f"SELECT one FROM ({union}) AS they WHERE one {among('texts')}"
    rows: list[Any] = await db.fetchall(query, {"texts": listed(texts)})
    assert [row["one"] for row in rows] == [text for text in there if text in texts]
