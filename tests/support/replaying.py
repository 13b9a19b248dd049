"""Recorded conversations with real daemons, played to the bunker client step by step."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nostr_sdk import Keys
from spirekeeper.bunker.client import NsecBunkerAdminClient
from spirekeeper.bunker.errors import NsecBunkerError
from spirekeeper.devkit.relay import DevRelay

from support.raw_wire import Message, RawKey, RawPeer

RECORDINGS = sorted((Path(__file__).parents[1] / "contract").glob("*.jsonl"))
Client = NsecBunkerAdminClient


class Recording:
    """Answers a request as the step that is up, and what is asked beside it as recorded."""

    def __init__(self, path: Path) -> None:
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        self.key_pubkey: str = lines[0]["key_pubkey"]
        requests = [line for line in lines[1:] if "request" in line]
        self.steps = {step["name"]: step for step in requests if "device" not in step["from"]}
        """What an admin or a stranger asked of the admin interface."""
        self.connects = {
            step["name"]: step
            for step in requests
            if "device" in step["from"] and step["request"]["content"]["method"] == "connect"
        }
        self.kind: int = self.steps["ping"]["request"]["kind"]
        """In which the admin asked."""
        self.key = Keys.parse(self.steps["create key"]["request"]["content"]["params"][2])
        self.peer = RawKey()
        self.step: dict[str, Any] | None = None

    def play(self, name: str) -> None:
        self.step = self.steps[name]

    def answer(self, asked: Message) -> Iterable[str]:
        step = self._step(asked)
        for reply in step["replies"]:
            body = {**reply["content"], "id": asked.id}
            yield self.peer.reply(asked, kind=reply["kind"], **body)

    def _step(self, asked: Message) -> dict[str, Any]:
        if asked.method == "ping" and asked.kind != self.kind:
            return self.steps[f"ping sent as kind {asked.kind}"]
        assert asked.kind == self.kind
        if self.step and asked.method == self.step["request"]["content"]["method"]:
            return self.step
        if asked.method == "ping":
            modern = asked.encryption == "nip44"
            return self.steps["ping encrypted with NIP-44" if modern else "ping"]
        assert asked.method == "get_policies"
        return next(step for name, step in self.steps.items() if name.startswith("policies"))


@dataclass
class Replay:
    """A client, and a peer that answers it from a recording."""

    recording: Recording
    peer: RawPeer
    client: Client

    async def step(
        self, name: str, call: Callable[[Client], Awaitable[Any]]
    ) -> tuple[Any, list[Message]]:
        """What the client makes of one recorded step, and what it asked for it."""
        await self.client.dialect()
        self.recording.play(name)
        before = len(self.peer.asked)
        try:
            outcome = await call(self.client)
        except NsecBunkerError as error:
            outcome = error
        assert self.recording.step
        method = self.recording.step["request"]["content"]["method"]
        return outcome, [asked for asked in self.peer.asked[before:] if asked.method == method]


@asynccontextmanager
async def replaying(path: Path) -> AsyncIterator[Replay]:
    recording = Recording(path)
    async with (
        DevRelay() as relay,
        RawPeer(relay.url, recording.peer, recording.answer) as peer,
        Client(
            bunker_pubkey=recording.peer.pubkey,
            relays=[relay.url],
            admin_secret=Keys.generate().secret_key().to_hex(),
        ) as client,
    ):
        yield Replay(recording, peer, client)
