"""Asks one of a machine's two connections: the one that signs, or the newer one in its place."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from ..loop import within
from .errors import BadAnswer, CutOff, Failing, Refused, SpireError, Unreachable
from .signer import RemoteSigner, open_signer
from .state import Connection

REACH = 1 / 3
"""The share of the timeout in which the older of two connections has to tell its public key, which
no admin is asked about: a relay that is gone or a locked key does not cost each request its whole
time twice."""

NEWER_SIGNS = "the bunker refuses the older connection: the newer one signs from now on"
NEWER_SIGNS_MEANWHILE = "the older connection does not answer: the newer one signs meanwhile"

T = TypeVar("T")
Request = Callable[[RemoteSigner, Connection], Awaitable[T]]


@dataclass(frozen=True)
class Answer(Generic[T]):
    """What a connection answered. `refused` is the older one, if the bunker no longer takes it."""

    value: T
    by: Connection
    refused: Connection | None = None


class Asking:
    """Asks the connections. `timeout` (seconds) is for each request. `tell` is called with what
    it notices."""

    def __init__(self, timeout: float, tell: Callable[[str], None]) -> None:
        self._timeout = timeout
        self._tell = tell

    async def ask(self, both: Sequence[Connection], request: Request[T]) -> Answer[T]:
        """The answer of the older connection while it can give one, else that of the newer.

        If the bunker refuses the older one, the newer takes its place. If the older only gives no
        answer, the newer is asked this once. Raises CutOff when the bunker refuses both.
        """
        older, newer = both[0], both[1] if both[1:] else None
        if newer is None:
            async with open_signer(older, self._timeout) as signer:
                return Answer(await _answered(request, signer, older), older)
        try:
            async with self._reached(older) as signer:
                return Answer(await _answered(request, signer, older, sure=True), older)
        except (CutOff, Failing, Unreachable) as problem:
            return await self._instead(problem, older, newer, request)

    async def _instead(
        self, problem: SpireError, older: Connection, newer: Connection, request: Request[T]
    ) -> Answer[T]:
        refused = older if isinstance(problem, CutOff) else None
        self._tell(NEWER_SIGNS if refused else NEWER_SIGNS_MEANWHILE)
        try:
            async with open_signer(newer, self._timeout) as signer:
                return Answer(await _answered(request, signer, newer), newer, refused)
        except CutOff:
            raise problem from None

    async def problem(self, connection: Connection) -> SpireError | None:
        """What is wrong with a connection; None: the bunker signs for it.

        CutOff only when the bunker will surely never sign for it again.
        """
        try:
            async with self._reached(connection) as signer:
                await signer.check_access(sure=True)
        except SpireError as problem:
            return problem
        return None

    @asynccontextmanager
    async def _reached(self, connection: Connection) -> AsyncIterator[RemoteSigner]:
        """Raises Unreachable when it does not tell its public key soon."""
        async with AsyncExitStack() as stack:
            try:
                signer = await within(self._timeout * REACH, self._reach(stack, connection))
            except asyncio.TimeoutError:
                raise Unreachable(
                    f"No answer over {', '.join(connection.bunker_relays)}: the relay is away, the "
                    "bunker is down, or the key is locked. Try again later."
                ) from None
            yield signer

    async def _reach(self, stack: AsyncExitStack, connection: Connection) -> RemoteSigner:
        signer = await stack.enter_async_context(open_signer(connection, self._timeout))
        await signer.check_public_key()
        return signer


async def _answered(
    request: Request[T], signer: RemoteSigner, connection: Connection, *, sure: bool = False
) -> T:
    """The answer of a connection.

    A bunker refuses without a reason: then it finds out whether the bunker refuses this or
    everything.
    """
    try:
        return await request(signer, connection)
    except BadAnswer:
        raise
    except Refused:
        await signer.check_access(sure=sure)
        raise
