"""Notices when an older sealed connection is put back into the database.

Each seal holds a count, which grows with every store. This process remembers the highest, and so
does a file in LNbits' data folder, which somebody who can only write to the database cannot reach.
A higher count than is remembered is a newer store by another process.
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
    """Whether a seal with a higher count has been in force."""
    return count < _highest()


def next_count(now: datetime) -> int:
    """The count of the next seal: higher than every count that is remembered here.

    It is the time in seconds, unless that has been used. So it is also higher than what other
    processes remember.
    """
    return max(_highest() + 1, int(now.timestamp()))


def remember(count: int) -> None:
    """Remembers that a seal with this count is in force, or took one out of force."""
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
    """The highest count in the file; 0 where there is none, or none that can be read."""
    try:
        text = _file().read_bytes()
    except OSError:
        return 0
    return int(text) if text.isdigit() else 0


def _write(count: int) -> None:
    """Writes the file as a whole, and never a lower count than another process has written."""
    file = os.open(_file(), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        if count > _read():
            os.pwrite(file, f"{count:0{_DIGITS}}".encode(), 0)
            os.ftruncate(file, _DIGITS)
    finally:
        os.close(file)
