"""A program of whoever builds the machine, which has the motor or the slot.

What it prints for an order goes into a file that it keeps locked while it lives: should `spire` be
killed meanwhile, the next one waits for it and reads that.
"""

import asyncio
import fcntl
import json
from collections.abc import Sequence
from pathlib import Path
from subprocess import DEVNULL

from ..loop import within

CHECK_S = 10.0
LOOK_AGAIN_S = 0.1


async def agrees(arguments: Sequence[str]) -> bool:
    """Whether it ends with 0, in time. OSError when it cannot be started."""
    process = await asyncio.create_subprocess_exec(*arguments, stdin=DEVNULL, stdout=DEVNULL)
    try:
        code = await within(CHECK_S, process.wait())
    except asyncio.TimeoutError:
        process.kill()
        code = await process.wait()
    return code == 0


async def started(
    arguments: Sequence[str], out: Path, stdin: int = DEVNULL
) -> asyncio.subprocess.Process:
    """It prints to that file. In a session of its own, so that no Ctrl-C stops it half-way. OSError
    when nothing was started."""
    with out.open("w", encoding="utf-8") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        return await asyncio.create_subprocess_exec(
            *arguments, stdin=stdin, stdout=stream, start_new_session=True
        )


async def printed(out: Path) -> str | None:
    """What it has printed, once it has ended. None: nothing that can be read."""
    try:
        with out.open(encoding="utf-8") as stream:
            while not _is_free(stream.fileno()):  # noqa: ASYNC110 - another process holds it
                await asyncio.sleep(LOOK_AGAIN_S)
            return stream.read()
    except (OSError, UnicodeError):
        return None


def notes_and_sats(line: str, most: int) -> tuple[int, int] | None:
    """What a line like `{"notes": 2, "sats": 20000}` reports; None when it is none, or over
    `most`."""
    try:
        said = json.loads(line)
        notes, sats = said["notes"], said["sats"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if not (type(notes) is int and type(sats) is int and notes >= 0 and 0 <= sats <= most):
        return None
    return (notes, sats) if (notes == 0) == (sats == 0) else None


def _is_free(descriptor: int) -> bool:
    """The program, and what it has started, hold the lock as long as they live."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
