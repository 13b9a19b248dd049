"""What the kit makes once and needs again: passwords, keys, ports."""

import fcntl
import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import IO

from .relay import HOST


class Kept:
    """Texts by name in one file that only its owner reads; it survives a restart of the kit."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._texts: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}

    def text(self, name: str, make: Callable[[], str]) -> str:
        """The text of that name, made at the first call."""
        if name not in self._texts:
            self._keep(name, make())
        return self._texts[name]

    def port(self, name: str, wanted: int) -> int:
        """`wanted`, or the port of the last run if it is free, or any free one.

        A seed names the relay's port, so a machine paired in an earlier run finds it again.
        """
        if wanted and not free_port(wanted):
            raise OSError(f"port {wanted} is in use; name another")
        port = wanted or free_port(int(self._texts.get(name, "0"))) or free_port(0)
        self._keep(name, str(port))
        return port

    def _keep(self, name: str, text: str) -> None:
        self._texts[name] = text
        write_private(self.file, json.dumps(self._texts, indent=2))


def claim(folder: Path) -> IO[str]:
    """Keeps every other kit out of the folder until the file is closed; OSError if one is there."""
    claimed = (folder / "claimed").open("w")
    try:
        fcntl.flock(claimed, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        claimed.close()
        raise OSError(f"another devkit runs in {folder}; stop it, or name another folder") from None
    return claimed


def write_private(file: Path, text: str) -> None:
    """Writes a file that only its owner may read; readers see all of it or nothing."""
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
    unfinished.replace(file)


def free_port(port: int = 0) -> int:
    """That port if it is free, any for 0; 0 if it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return 0
        return int(probe.getsockname()[1])
