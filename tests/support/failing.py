"""Something that fails as nobody foresaw, and what the log then says."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

SECRET = "nsec1thisstandsforasecret"


class UnforeseenError(Exception):
    """None of the kinds that anybody looks for."""


async def fails(*_: Any, **__: Any) -> NoReturn:
    raise UnforeseenError(SECRET)


@contextmanager
def logged() -> Iterator[list[str]]:
    """What LNbits' log says meanwhile."""
    from loguru import logger

    lines: list[str] = []
    sink = logger.add(lines.append, level="DEBUG", format="{message}\n{exception}")
    try:
        yield lines
    finally:
        logger.remove(sink)
