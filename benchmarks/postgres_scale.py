"""The same large fleet on PostgreSQL, and a cut made by another LNbits that shares it."""

from cut_elsewhere import cut_elsewhere
from data_scale import sections_of
from report import Section
from spirekeeper.devkit.postgres import Postgres, PostgresError


async def sections() -> list[Section]:
    try:
        with Postgres() as postgres:
            found = await sections_of("PostgreSQL", postgres)
        with Postgres() as postgres:
            return [*found, await cut_elsewhere(postgres)]
    except PostgresError as error:
        return [Section("A large fleet on PostgreSQL", unmeasured=str(error))]
