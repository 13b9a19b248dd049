"""The relays that a pairing begins with: those that its operator used last, or else those that the
superuser names for machines."""

from datetime import datetime

from ..models import LastRelays
from ..schemas.bunker import PairRelays
from ..schemas.machines import PairMachineData
from ..store import last_relays
from .relay_probe import problem_as_written, refuse_written
from .settings import BunkerConfig


def guard(config: BunkerConfig) -> None:
    """InvalidInput for a relay that no machine could be paired over with these settings."""
    for number, relay in enumerate(config.relays_for_machines, 1):
        problem = problem_as_written(relay, allow_private=config.allow_private_relays)
        refuse_written("machine_relays", number, problem)


async def to_begin_with(config: BunkerConfig, operator_user_id: str) -> PairRelays:
    """What the pair dialog shows at first."""
    last = await last_relays.get(operator_user_id)
    if last is None:
        named = list(config.relays_for_machines)
        return PairRelays(relays=named, allow_private_relays=config.allow_private_relays)
    private = last.allow_private_relays and config.allow_private_relays
    return PairRelays(relays=last.relays, allow_private_relays=private)


async def remember(request: PairMachineData, operator_user_id: str, now: datetime) -> None:
    """The next pairing of this operator begins with these."""
    row = LastRelays(
        operator_user_id=operator_user_id,
        relays=list(dict.fromkeys(request.relays)),
        allow_private_relays=request.allow_private_relays,
        used_at=now,
    )
    await last_relays.set_last(row)
