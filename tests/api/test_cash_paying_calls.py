"""Whoever asks LNbits to pay holds a lock for as long, and no longer, whatever becomes of it."""

from uuid import uuid4

import pytest
from support.host import Host


async def test_it_is_let_go_after_an_error_of_lnbits(host: Host) -> None:
    """PostgreSQL takes no statement of a transaction in which one has failed."""
    from spirekeeper.store.paying_calls import calling, is_called

    for _ in range(2):  # the pool hands the same connection out again
        attempt = f"spirekeeper-pay-{uuid4().hex}"
        async with calling(attempt) as connection:
            assert connection
            assert await is_called(attempt)
            with pytest.raises(Exception, match="no_such_column"):
                await connection.execute("SELECT no_such_column FROM apipayments")
        assert not await is_called(attempt)


async def test_one_at_a_time(host: Host) -> None:
    from spirekeeper.store.paying_calls import calling, is_called

    attempt = f"spirekeeper-pay-{uuid4().hex}"
    async with calling(attempt) as connection:
        assert connection
        async with calling(attempt) as late:
            assert late is None
        assert await is_called(attempt)
    assert not await is_called(attempt)
