"""Lets work go on when a part of it fails: after a cut, and in the background.

The failure is logged by its type and place, never by its words, which may hold a secret. Whoever
asked learns that the part failed, and leaves what is still to be done where it is found again.
"""

import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from loguru import logger

LOG_AGAIN_SECONDS = 3600.0
"""The same failure of the same part is logged once in so long, until that part goes well."""

_HERE = Path(__file__).parent
_logged: dict[str, tuple[str, float]] = {}
"""By part: what was logged last, and when."""


@dataclass
class Part:
    """How a part of the work went."""

    failure: str = ""
    """What failed, and where; empty: nothing did."""
    error: Exception | None = None


@contextmanager
def log_failure(part: str) -> Iterator[Part]:
    """Logs whatever fails inside, and goes on. A cancellation passes through."""
    how = Part()
    try:
        yield how
    except Exception as error:
        how.failure, how.error = _in_short(error), error
        if _is_news(part, how.failure):
            logger.error(f"spirekeeper: {part}: {how.failure}")
    else:
        _logged.pop(part, None)


def _in_short(error: Exception) -> str:
    """The type of the failure, and the last line of our code that it came through."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [each for each in frames if Path(each.filename).is_relative_to(_HERE)]
    last = (ours or frames)[-1]
    return f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}"


def _is_news(part: str, failure: str) -> bool:
    now = time.monotonic()
    for old in [each for each, (_, at) in _logged.items() if now - at >= LOG_AGAIN_SECONDS]:
        del _logged[old]
    if part in _logged and _logged[part][0] == failure:
        return False
    _logged[part] = (failure, now)
    return True
