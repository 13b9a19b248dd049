"""PyPI's nostr-relay for real: a process of its own, in an environment of its own, because what it
needs clashes with what LNbits pins."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from spirekeeper.devkit.kept import free_port
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from support.host import NamedRelay

ENVIRONMENT = Path(__file__).resolve().parents[2] / ".build" / "nostr-relay"
COMMAND = ENVIRONMENT / "bin" / "nostr-relay"
MISSING = "PyPI's nostr-relay is not here: make nostr-relay"
START_SECONDS = 60


def installed() -> bool:
    return COMMAND.is_file()


@asynccontextmanager
async def nostr_relay(folder: Path, **settings: Any) -> AsyncIterator[NamedRelay]:
    """It runs on loopback and keeps its events in `folder`; `settings` are added to those that it
    comes with."""
    port = free_port()
    [shipped] = ENVIRONMENT.glob("lib/python*/site-packages/nostr_relay/config.yaml")
    config = shipped.read_text()
    config = config.replace("bind: 127.0.0.1:6969", f"bind: 127.0.0.1:{port}")
    config = config.replace("///nostr.sqlite3", f"///{folder / 'nostr.sqlite3'}")
    added = (f"{name}: {json.dumps(value)}\n" for name, value in settings.items())
    (folder / "config.yaml").write_text("".join([config, *added]))
    with (folder / "nostr-relay.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(COMMAND, "--config", folder / "config.yaml", "serve"),
            cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        relay = NamedRelay(f"ws://127.0.0.1:{port}")
        await asyncio.wait_for(_until_up(relay.url, process), START_SECONDS)
        yield relay
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _until_up(url: str, process: asyncio.subprocess.Process) -> None:
    while not await _is_up(url):
        if process.returncode is not None:
            raise AssertionError(f"nostr-relay ended with {process.returncode} while it started")
        await asyncio.sleep(0.1)


async def _is_up(url: str) -> bool:
    try:
        async with connect(url, proxy=None):
            return True
    except (OSError, WebSocketException):
        return False
