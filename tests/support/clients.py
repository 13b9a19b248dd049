"""NIP-46 clients that people build machines with, each behind the same five questions."""

import asyncio
import json
import shutil
from abc import ABC, abstractmethod
from datetime import timedelta
from pathlib import Path
from typing import Any

from nostr_sdk import EventBuilder, Keys, Kind, NostrConnect, NostrConnectUri, PublicKey, Tag

FOLDER = Path(__file__).resolve().parent.parent / "api" / "clients"
ANSWER_SECONDS = 30
MISSING = "node and the clients' npm packages are not here: make clients"


def installed() -> bool:
    """Whether the JavaScript clients can be run."""
    return shutil.which("node") is not None and (FOLDER / "node_modules").is_dir()


class Refused(Exception):
    """The client says no, in its own words."""


class Client(ABC):
    """A machine's side of NIP-46, as somebody else wrote it."""

    @abstractmethod
    async def ask(self, question: str, **given: Any) -> Any:
        """`connect(bunker_url)`, `public_key()`, `sign(event)`, `encrypt(peer, text)`,
        `decrypt(peer, text)`; Refused when it fails."""

    @abstractmethod
    async def close(self) -> None: ...


class JavaScript(Client):
    """`nostr-tools` or `ndk`, in a Node process of its own."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._process: asyncio.subprocess.Process | None = None

    async def ask(self, question: str, **given: Any) -> Any:
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                *("node", "run.mjs", self._name),
                cwd=FOLDER,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=1 << 20,
            )
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps({"ask": question, **given}).encode() + b"\n")
        line = await asyncio.wait_for(stdout.readline(), ANSWER_SECONDS)
        answer = json.loads(line)
        if "error" in answer:
            raise Refused(answer["error"])
        return answer["result"]

    async def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            await self._process.wait()


class RustNostr(Client):
    """nostr-sdk's NostrConnect."""

    _signer: NostrConnect

    async def ask(self, question: str, **given: Any) -> Any:
        try:
            return await getattr(self, f"_{question}")(**given)
        except Exception as error:
            raise Refused(str(error)) from error

    async def _connect(self, bunker_url: str) -> None:
        uri = NostrConnectUri.parse(bunker_url)
        self._signer = NostrConnect(uri, Keys.generate(), timedelta(seconds=10), None)
        await self._signer.get_public_key()

    async def _public_key(self) -> str:
        return str((await self._signer.get_public_key()).to_hex())

    async def _sign(self, event: dict[str, Any]) -> Any:
        builder = EventBuilder(Kind(event["kind"]), event["content"])
        builder = builder.tags([Tag.parse(tag) for tag in event["tags"]])
        unsigned = builder.build(await self._signer.get_public_key())
        return json.loads((await self._signer.sign_event(unsigned)).as_json())

    async def _encrypt(self, peer: str, text: str) -> str:
        return str(await self._signer.nip44_encrypt(PublicKey.parse(peer), text))

    async def _decrypt(self, peer: str, text: str) -> str:
        return str(await self._signer.nip44_decrypt(PublicKey.parse(peer), text))

    async def close(self) -> None:
        """The bindings have no way to end it; it goes with its last reference."""
