"""Connections to bunker and service that the questions of one sale share: a customer waits for each
answer, and over the internet a connection takes longer to open than a question to be answered."""

import asyncio
from contextlib import AsyncExitStack, suppress

from .cash_wire import Question, Said
from .errors import SpireError
from .service_line import Ears, Line, ask_over, open_line
from .signer import RemoteSigner, open_signer
from .state import Connection


class KeptOpen:
    """Opened ahead, or by the first question. After one that failed they are opened anew by the
    next."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._opened = AsyncExitStack()
        self._now: tuple[Connection, RemoteSigner, Ears] | None = None
        self._turn = asyncio.Lock()
        self._ahead: asyncio.Task[None] | None = None

    def open_ahead(self, by: Connection, line: Line) -> None:
        """Opens them while nobody waits yet. What goes wrong the first question finds out."""
        self._ahead = asyncio.create_task(self._opened_ahead(by, line))

    async def _opened_ahead(self, by: Connection, line: Line) -> None:
        async with self._turn:
            if self._now is None:  # no question was faster
                with suppress(SpireError):
                    await self._open(by, line)

    async def ask(self, by: Connection, line: Line, question: Question) -> Said:
        """What the service answers to a machine that has this one connection. Raises what
        `service_line.ask` does."""
        async with self._turn:
            try:
                if self._now is None or self._now[0] != by:
                    await self._open(by, line)
                assert self._now is not None  # noqa: S101 - opened just now
                _, signer, ears = self._now
                return await ask_over(signer, ears, question, self._timeout)
            except BaseException:
                await self._forget()
                raise

    async def close(self) -> None:
        if self._ahead is not None:
            self._ahead.cancel()
            await asyncio.gather(self._ahead, return_exceptions=True)
        await self._forget()

    async def _forget(self) -> None:
        self._now = None
        await self._opened.aclose()

    async def _open(self, by: Connection, line: Line) -> None:
        await self._forget()
        signer = await self._opened.enter_async_context(open_signer(by, self._timeout))
        ears = await self._opened.enter_async_context(open_line(line, self._timeout))
        self._now = by, signer, ears
