"""Reference machines, and what the bunker lets them do."""

from collections.abc import Callable
from typing import Any

from spirekeeper.spire.errors import Refused
from spirekeeper.spire.machine import Machine

NewSpire = Callable[[], Machine]


async def signs(spire: Machine) -> bool:
    """Whether the machine gets a kind-21000 event signed; False when it is refused."""
    try:
        await spire.sign(21000, "", [])
    except Refused:
        return False
    return True


async def boots(spire: Machine, seed: dict[str, Any]) -> bool:
    """Whether the machine connects from a seed; False when it is refused."""
    try:
        await spire.boot(seed["seed_url"])
    except Refused:
        return False
    return True
