"""The throw-away PostgreSQL: it runs, in its own time zone, and leaves nothing."""

from pathlib import Path
from tempfile import gettempdir

import pytest
from spirekeeper.devkit import postgres
from spirekeeper.devkit.postgres import Postgres, PostgresError
from support.needed import missing


def left() -> set[Path]:
    return set(Path(gettempdir()).glob("spirekeeper-postgres-*"))


async def test_it_runs_and_leaves_nothing() -> None:
    import asyncpg

    try:
        cluster = Postgres()
    except PostgresError as error:
        missing(str(error))
    before = left()
    with cluster:
        assert len(left() - before) == 1
        connection = await asyncpg.connect(cluster.url())
        assert await connection.fetchval("SHOW timezone") == postgres.TIME_ZONE
        await connection.close()
    assert not left() - before


def test_where_it_is_not_installed_it_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(postgres, "_DEBIAN", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PostgresError, match="apt-get install postgresql"):
        Postgres()
