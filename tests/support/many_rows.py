"""Many rows at once, as a test needs them to be there."""

from collections.abc import Sequence

from pydantic import BaseModel
from sqlalchemy import text


async def insert_many(table: str, models: Sequence[BaseModel]) -> None:
    """All of one kind."""
    from lnbits.db import insert_query, model_to_dict
    from spirekeeper.store.database import db

    async with db.transaction() as tx:
        query = text(insert_query(table, models[0]))
        await tx.conn.execute(query, [model_to_dict(model) for model in models])
