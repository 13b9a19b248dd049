"""`spire` as a process of its own."""

import asyncio
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nostr_sdk import Keys
from spirekeeper.devkit.smoke import SPIRE


@dataclass
class Ran:
    code: int
    out: str
    error: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Command:
    """`await spire("sign", …)` with the home folder of the test; it saw no secret if it passed."""

    home: Path
    secrets: list[str]

    async def __call__(self, *arguments: str, stdin: str = "") -> Ran:
        process = await asyncio.create_subprocess_exec(
            str(SPIRE),
            "--home",
            str(self.home),
            *arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        out, error = await process.communicate(stdin.encode())
        ran = Ran(process.returncode or 0, out.decode(), error.decode())
        file = self.home / "state.json"
        stored = json.loads(file.read_text()) if file.exists() else {}
        keys = [part["client_secret"] for part in stored.values() if part]
        for secret in (*self.secrets, *keys, *map(nsec, keys)):
            assert secret not in ran.out + ran.error
        assert "Traceback" not in ran.error
        return ran


def nsec(client_secret: str) -> str:
    return str(Keys.parse(client_secret).secret_key().to_bech32())
