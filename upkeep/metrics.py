"""What is known of this server and its machines, as numbers that name nobody.

Nothing asks the bunker or a relay: the background has asked.
"""

import asyncio
import json
from datetime import datetime
from pathlib import Path

from ..connection.open_bunker import opened
from ..lifecycle import LockReason
from ..store import notice_rows, totals
from . import loop_lag, passes, relay_watch
from .notices import BUNKER_AWAY
from .notify import OF_NO_MACHINE
from .prometheus import Metric

VERSION = str(json.loads((Path(__file__).parent.parent / "config.json").read_text())["version"])


async def known(now: datetime) -> list[Metric]:
    """All metrics."""
    return [
        Metric("spirekeeper_info", "The version that runs.", label="version", values={VERSION: 1}),
        *await _of_bunker(now),
        *_of_relays(),
        *await _of_machines(now),
        *_of_background(),
    ]


async def _of_bunker(now: datetime) -> list[Metric]:
    away = await notice_rows.get_notice(OF_NO_MACHINE, BUNKER_AWAY)
    bunker = opened()
    return [
        Metric(
            "spirekeeper_bunker_away_seconds",
            "How long the bunker has not answered; 0: it does.",
            (now - away.since).total_seconds() if away else 0,
        ),
        Metric(
            "spirekeeper_bunker_round_trip_seconds",
            "How long the bunker took for its last answer to a ping.",
            bunker.admin.round_trip if bunker else None,
        ),
        Metric(
            "spirekeeper_bunker_relays",
            "The bunker's relays by whether we are connected.",
            label="connected",
            values=_split(len(bunker.admin.connected), len(bunker.config.relays)) if bunker else {},
        ),
    ]


def _of_relays() -> list[Metric]:
    links = relay_watch.links()
    return [
        Metric(
            "spirekeeper_watched_relays",
            "Relays that machines are listened for on, by whether they serve us.",
            label="connected",
            values=_split(sum(link.up for link in links), len(links)),
        )
    ]


def _split(yes: int, of: int) -> dict[str, int]:
    return {"yes": yes, "no": of - yes}


async def _of_machines(now: datetime) -> list[Metric]:
    states, locked, notices, waiting, (owed, since) = await asyncio.gather(
        totals.count_by_state(),
        totals.count_locked(),
        totals.count_notices(),
        totals.count_waiting(now),
        totals.count_owed(),
    )
    return [
        Metric("spirekeeper_machines", "Machines by state.", label="state", values=states),
        Metric(
            "spirekeeper_locked_keys",
            "Machines whose key the bunker cannot sign with, by the reason.",
            label="reason",
            values={str(reason): locked.get(reason, 0) for reason in LockReason},
        ),
        Metric("spirekeeper_scans_waiting", "Pairing codes that may still be scanned.", waiting),
        Metric(
            "spirekeeper_revokes_owed",
            "What the bunker has not carried out yet: revokes, and tokens to be ended.",
            owed,
        ),
        Metric(
            "spirekeeper_revokes_owed_oldest_seconds",
            "The age of the oldest of them; 0: there is none.",
            now.timestamp() - since if since is not None else 0,
        ),
        Metric(
            "spirekeeper_notices",
            "Notices that stood at the last look, by code.",
            label="code",
            values=notices,
        ),
    ]


def _of_background() -> list[Metric]:
    counted = passes.counted()
    return [
        Metric(
            "spirekeeper_passes_total",
            "Passes of the background's work that went well.",
            kind="counter",
            label="work",
            values={work: each.well for work, each in counted.items()},
        ),
        Metric(
            "spirekeeper_pass_failures_total",
            "Passes of the background's work that failed; the log says at what.",
            kind="counter",
            label="work",
            values={work: each.failed for work, each in counted.items()},
        ),
        Metric(
            "spirekeeper_pass_age_seconds",
            "How long ago a pass last went well.",
            label="work",
            values={work: each.seconds_ago for work, each in counted.items()},
        ),
        Metric(
            "spirekeeper_loop_lag_seconds",
            "The longest that LNbits' event loop was late in the last minute.",
            loop_lag.longest(),
        ),
    ]
