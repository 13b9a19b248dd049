"""Whether the superuser has confirmed that a passphrase that was made here is kept.

It is shown once. Until somebody has typed its end, a notice stands that it may be lost, and a new
one can be made.
"""

from datetime import datetime

from lnbits.db import Connection

from ..models import PASSPHRASE_UNKEPT, NoticeRow
from ..store import notice_rows

_OF_NO_MACHINE = ""


async def note(now: datetime, conn: Connection) -> None:
    """It is about to be shown."""
    row = NoticeRow(machine_id=_OF_NO_MACHINE, code=PASSPHRASE_UNKEPT, mark="", since=now)
    await notice_rows.keep_notice(row, conn)


async def forget(conn: Connection | None = None) -> None:
    """It is kept, or in force no more."""
    await notice_rows.delete_notice(_OF_NO_MACHINE, PASSPHRASE_UNKEPT, conn)


async def since() -> datetime | None:
    """When one was made that nobody has confirmed; None: there is none."""
    row = await notice_rows.get_notice(_OF_NO_MACHINE, PASSPHRASE_UNKEPT)
    return row.since if row else None
