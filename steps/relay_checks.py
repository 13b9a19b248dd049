"""Relays that an operator has tried from the server, to find out what is wrong with them."""

from datetime import datetime

from ..connection import settings
from ..connection.relay_probe import probe_each
from ..schemas.relays import RelayCheck, RelaysToCheck
from . import quotas


async def check_relays(
    data: RelaysToCheck, operator_user_id: str, now: datetime, *, for_superuser: bool
) -> list[RelayCheck]:
    """Each of them: reachable or not, and nothing else. TooManyChecks, and none is tried, when that
    is too many. The superuser, who allows private relays, may have them tried before."""
    await quotas.count_relay_checks(operator_user_id, len(data.relays), now)
    allowed = data.allow_private_relays and (
        for_superuser or await settings.private_relays_allowed()
    )
    return await probe_each(data.relays, operator_user_id, allow_private=allowed)
