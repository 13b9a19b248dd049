"""LNbits with every logger at its most talkative: `python talkative_lnbits.py APP …`, as uvicorn.

Everything, from TRACE on, goes to the file of `TALKATIVE_LOG`: what loguru is told, with the values
of variables in tracebacks, and what Python's own logging is told, at any level, by LNbits and by
every library: uvicorn, websockets, httpx, asyncio, SQLAlchemy, and aiosqlite, which writes each
statement with its parameters.
"""

import logging
import os
import sys
from typing import Any

from loguru import logger

FORMAT = "%(asctime)s %(levelname)s %(name)s %(pathname)s %(message)s"


def talk(file: str) -> None:
    """Also after LNbits has set up logging as it likes it."""
    settings: dict[str, Any] = {"level": 0, "backtrace": True, "diagnose": True, "enqueue": False}
    logger.add(file, **settings)
    remove = logger.remove

    def remove_and_talk(*which: int) -> None:
        remove(*which)
        logger.add(file, **settings)

    logger.remove = remove_and_talk  # type: ignore[method-assign]
    handler = logging.FileHandler(f"{file}.python")
    handler.setFormatter(logging.Formatter(FORMAT))
    logging.root.addHandler(handler)
    _everything(handler)


def _everything(handler: logging.Handler) -> None:
    """Whatever levels and handlers are set later, by anybody: every record is written."""

    def handle(self: logging.Logger, record: logging.LogRecord) -> None:
        handler.emit(record)
        usual(self, record)

    usual = logging.Logger.handle
    logging.Logger.handle = handle  # type: ignore[method-assign]
    logging.Logger.isEnabledFor = lambda self, level: True  # type: ignore[method-assign]


def main() -> None:
    import uvicorn

    talk(os.environ["TALKATIVE_LOG"])
    uvicorn.main(sys.argv[1:])


if __name__ == "__main__":
    main()
