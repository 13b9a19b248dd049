"""What a process uses, as Linux tells it."""

import asyncio
import os
from pathlib import Path

IDLE_S, IDLE_SHARE = 1.0, 0.15


def rss_mb(pid: int) -> float:
    """Resident memory."""
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def cpu_s(pid: int) -> float:
    """Seconds of CPU so far, of all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def idle(pid: int, within: float = 120.0) -> None:
    """Returns when it does about nothing any more, or after `within` seconds."""
    clock = asyncio.get_running_loop().time
    end = clock() + within
    while clock() < end:
        before = cpu_s(pid)
        await asyncio.sleep(IDLE_S)
        if cpu_s(pid) - before < IDLE_SHARE * IDLE_S:
            return
