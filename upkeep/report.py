"""A text for a bug report: what this server is and how it stands, with nothing in it that names an
operator, a machine, a key or an address, and no secret."""

import platform
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime

from lnbits.settings import settings as lnbits_settings

from ..connection import bunker_status, environment
from ..schemas.bunker import BunkerStatus
from ..steps import quotas
from ..store.database import db
from . import metrics, notify, prometheus

_OF_BUNKER = (
    "configured",
    "source",
    "private_relays_allowed",
    "mint",
    "reachable",
    "settling",
    "problem_code",
    "lineage",
    "keys",
    "locked_keys",
    "round_trip_ms",
)


async def report(user_id: str, now: datetime) -> str:
    """For the superuser, whose id this is. Asks the bunker how it is."""
    status = await bunker_status.ask(user_id, quotas.share_of_keys, for_superuser=True)
    parts = {
        "Versions": _versions(),
        "LNbits' environment": environment.current().shown(),
        "The bunker": _bunker(status),
        "Notices that stand": await _notices(now),
    }
    return "\n".join(
        [
            f"spirekeeper, a report of {now.isoformat(timespec='seconds')}",
            "It holds no secret, and names no operator, machine, key or address.",
            *(line for title, told in parts.items() for line in _part(title, told)),
            "",
            "What is known in numbers",
            "",
            prometheus.written(await metrics.known(now)),
        ]
    )


def _part(title: str, told: Mapping[str, str]) -> Iterator[str]:
    yield from ("", title, "")
    width = max(map(len, told), default=0)
    yield from (f"  {name:<{width}}  {value}" for name, value in told.items())
    if not told:
        yield "  none"


def _versions() -> dict[str, str]:
    return {
        "spirekeeper": metrics.VERSION,
        "LNbits": lnbits_settings.version,
        "Python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "database": str(db.type),
    }


def _bunker(status: BunkerStatus) -> dict[str, str]:
    told = {name: str(getattr(status, name)) for name in _OF_BUNKER}
    told["relays"] = str(len(status.relays or []))
    told["relays for machines"] = str(len(status.machine_relays or []))
    told["hazards"] = ", ".join(hazard.code for hazard in status.hazards) or "none"
    return told


async def _notices(now: datetime) -> dict[str, str]:
    since: dict[str, list[datetime]] = defaultdict(list)
    for notice in await notify.standing_notices(now):
        since[notice.code].append(notice.since)
    return {
        code: f"{len(times)}, the oldest since {min(times).isoformat(timespec='seconds')}"
        for code, times in sorted(since.items())
    }
