"""Which sealed connection is the newest there was, so that an older one that is put back is told.

Each seal holds a count, which grows with every store. The highest is remembered by this process,
and in a file of LNbits' data folder, where whoever can only write to the database cannot reach.
Several processes may use one database: a higher count than is remembered is another's newer store.
"""

import fcntl
import logging
import os
from datetime import datetime
from pathlib import Path

from lnbits.settings import settings as lnbits_settings

logger = logging.getLogger(__name__)

FILE = ".spirekeeper_newest_seal"
_DIGITS = 20

_seen = 0


def is_older(count: int) -> bool:
    """Whether a newer seal than this has been in force."""
    return count < _highest()


def next_count(now: datetime) -> int:
    """For a seal that is newer than all that are remembered, and than those of whoever remembers
    more: the time in seconds, unless that has been counted already."""
    return max(_highest() + 1, int(now.timestamp()))


def note(count: int) -> None:
    """A seal with this count is in force, or has been taken out of force by what has it."""
    global _seen  # noqa: PLW0603 - of the whole process
    if count <= _highest():
        return
    _seen = count
    try:
        _write(count)
    except OSError as error:
        logger.warning("LNbits' data folder cannot be written to: %s", type(error).__name__)


def _highest() -> int:
    return max(_seen, _read())


def _file() -> Path:
    return Path(lnbits_settings.lnbits_data_folder, FILE)


def _read() -> int:
    """0 where nothing was written, or nothing that can be read."""
    try:
        text = _file().read_bytes()
    except OSError:
        return 0
    return int(text) if text.isdigit() else 0


def _write(count: int) -> None:
    """In one piece, and never less than another process has written."""
    file = os.open(_file(), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        if count > _read():
            os.pwrite(file, f"{count:0{_DIGITS}}".encode(), 0)
            os.ftruncate(file, _DIGITS)
    finally:
        os.close(file)
