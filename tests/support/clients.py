"""NIP-46 clients that people build machines with, each a program behind the same five questions."""

import asyncio
import json
import shutil
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "api" / "clients"
ANSWER_SECONDS = 30
MISSING = "node and the clients' npm packages are not here: make clients"
RUST = (sys.executable, "nostr_sdk_client.py")


def installed() -> bool:
    """Whether the JavaScript clients can be run."""
    return shutil.which("node") is not None and (FOLDER / "node_modules").is_dir()


class Refused(Exception):
    """The client says no, in its own words."""


class Client:
    """A machine's side of NIP-46, as somebody else wrote it, in a process of its own."""

    def __init__(self, name: str) -> None:
        self._command = RUST if name == "nostr-sdk" else ("node", "run.mjs", name)
        self._process: asyncio.subprocess.Process | None = None

    async def ask(self, question: str, **given: Any) -> Any:
        """`connect(bunker_url, client_key)`, `public_key()`, `sign(event)`, `encrypt(peer, text)`,
        `decrypt(peer, text)`; Refused when it fails."""
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
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
        """It ends without notice, as when its power goes."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            await process.wait()
