"""What several of these tests start beside the LNbits of all tests."""

from collections.abc import Iterator

import pytest
from spirekeeper.devkit.postgres import Postgres, PostgresError
from support.needed import missing


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """A throw-away server, for several LNbits that share it."""
    try:
        with Postgres() as running:
            yield running
    except PostgresError as error:
        missing(str(error))
