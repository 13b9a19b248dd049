"""Asks the operator's service over the relays of a seed, and believes nobody else.

An answer counts when it is signed by the service's key, is of the kind of the request and for this
one request, and when the bunker decrypts it.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from nostr_sdk import Event, NostrSdkError

from ..loop import within
from .cash_wire import CLINK_KINDS, CLINK_VERSION, KINDS, Question, Said
from .errors import BadCashAnswer, NoAnswer, NotForCash, Unreachable
from .relay import AGAIN_S, Relay, open_relay
from .relay_reasons import Reason
from .signer import RemoteSigner
from .state import Connection


@dataclass(frozen=True)
class Line:
    """Where machine and service hear each other, and as whom."""

    relays: Sequence[str]
    machine: str
    service: str

    @classmethod
    def of(cls, connection: Connection, relays: Sequence[str]) -> "Line":
        """NotForCash when its seed named no service."""
        if connection.service_pubkey is None:
            raise NotForCash(
                "This machine was paired without cash. Pair it again after the operator has "
                "switched cash on for it."
            )
        return cls(relays, connection.spire_pubkey, connection.service_pubkey)


async def ask(signer: RemoteSigner, line: Line, question: Question, timeout: float) -> Said:
    """What the service answers. NoAnswer when it does not within `timeout` seconds."""
    async with open_line(line, timeout) as ears:
        return await ask_over(signer, ears, question, timeout)


async def ask_over(signer: RemoteSigner, ears: "Ears", question: Question, timeout: float) -> Said:
    """The same, over a line that is open: one question at a time."""
    service = ears.line.service
    sealed = await signer.nip44_encrypt(service, question.text())
    event = await signer.sign_event(question.kind, sealed, question.tags(service))
    try:
        return await within(timeout, _answer(signer, ears, event))
    except asyncio.TimeoutError:
        raise NoAnswer(ears.why_silent(question.name, timeout)) from None


async def _answer(signer: RemoteSigner, ears: "Ears", event: Event) -> Said:
    async with ears.saying(event):
        while True:
            answer = await ears.heard()
            if _answers(answer, event):
                plain = await signer.nip44_decrypt(ears.line.service, answer.content())
                return Said(_content(plain), answer.created_at().as_secs(), int(time.time()))


@asynccontextmanager
async def open_line(
    line: Line, timeout: float, kinds: Sequence[int] = KINDS
) -> AsyncIterator["Ears"]:
    """Listens on each relay that is up, and on those that come up later."""
    ears = Ears(line, kinds)
    tasks = [asyncio.create_task(ears.listen(url, timeout)) for url in line.relays]
    try:
        yield ears
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Ears:
    """Hears what the service says to the machine, each event once."""

    def __init__(self, line: Line, kinds: Sequence[int]) -> None:
        self.line = line
        self._kinds = kinds
        self._relays: list[Relay] = []
        """Those that serve us now."""
        self._problems: dict[str, str] = {}
        """By relay, why it did not carry the request."""
        self._event: Event | None = None
        """What is said, also to relays that come up later."""
        self._seen: set[str] = set()
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._up = asyncio.Event()

    async def heard(self) -> Event:
        """The next event that is by the service and for the machine."""
        return await self._events.get()

    @asynccontextmanager
    async def saying(self, event: Event) -> AsyncIterator[None]:
        """Says it, meanwhile again: nobody keeps it for a service that listens later."""
        self._event = event
        saying = asyncio.create_task(self._say(event))
        try:
            yield
        finally:
            self._event = None
            saying.cancel()
            await asyncio.gather(saying, return_exceptions=True)

    async def _say(self, event: Event) -> None:
        await self._up.wait()
        for pause in (0.0, *AGAIN_S):
            await asyncio.sleep(pause)
            for relay in self._relays:
                with suppress(Unreachable):  # noticed where it is listened to
                    await relay.send(event)

    async def listen(self, url: str, timeout: float) -> None:
        """As often as it has to be connected to."""
        while True:
            try:
                async with open_relay(url, timeout) as relay:
                    await self._listen(relay)
            except Unreachable as problem:
                self._problems[url] = str(problem)
            await asyncio.sleep(AGAIN_S[0])

    async def _listen(self, relay: Relay) -> None:
        line = self.line
        wanted = {"kinds": list(self._kinds), "authors": [line.service], "#p": [line.machine]}
        await relay.subscribe(wanted)
        late = self._up.is_set()
        self._relays.append(relay)
        try:
            self._up.set()
            if late and self._event:
                await relay.send(self._event)
            while True:
                self._hear(relay, await relay.receive())
        finally:
            self._relays.remove(relay)

    def _hear(self, relay: Relay, message: list[Any]) -> None:
        match message:
            case ["EVENT", str(), dict(fields)]:
                event = _of_service(fields, self.line, self._kinds)
                if event and event.id().to_hex() not in self._seen:
                    self._seen.add(event.id().to_hex())
                    self._events.put_nowait(event)
            case ["OK", str(of), False, *rest] if self._event and of == self._event.id().to_hex():
                reason = Reason.of(rest)
                if not reason.has_it:
                    self._problems[relay.url] = f"The relay {relay.url} refuses it ({reason})."

    def why_silent(self, name: str, timeout: float) -> str:
        problems = " ".join(self._problems.values())
        return (
            f"The operator's service did not answer to {name} within {timeout:g} s. It may be "
            "down, or not take this machine: not confirmed yet, cut off, or cash switched off. Run "
            f"the same command again; if it stays so, ask the operator. {problems}".rstrip()
        )


def _of_service(fields: dict[str, Any], line: Line, kinds: Sequence[int]) -> Event | None:
    if fields.get("pubkey") != line.service or fields.get("kind") not in kinds:
        return None
    try:
        event = Event.from_json(json.dumps(fields))
    except (NostrSdkError, ValueError, RecursionError):
        return None
    return event if event.verify() and ["p", line.machine] in _tags(event) else None


def _answers(answer: Event, request: Event) -> bool:
    tags = _tags(answer)
    if answer.kind().as_u16() != request.kind().as_u16():
        return False
    if answer.kind().as_u16() in CLINK_KINDS and ["clink_version", CLINK_VERSION] not in tags:
        return False
    return ["e", request.id().to_hex()] in tags


def _tags(event: Event) -> list[Sequence[str]]:
    """The first two parts of each."""
    each: Iterable[Any] = event.tags().to_vec()
    return [tag.as_vec()[:2] for tag in each]


def _content(plain: str) -> dict[str, Any]:
    try:
        content = json.loads(plain)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise BadCashAnswer("The service's answer is no JSON object. Ask the operator.")
    return content
