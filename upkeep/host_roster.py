"""Our roster, registered with an LNbits build that serves machines' requests."""

from loguru import logger

from .. import roster
from ..clock import utc_now
from ..connection.host_client import host_client, register_of_rosters
from ..loop import within

SECONDS = 3.0
SOURCE = "spirekeeper"

_serving = False


def start() -> None:
    """Registers `resolve` with the host, if it has a register. Logs once what of the host's is
    used."""
    global _serving  # noqa: PLW0603 - one extension in the process
    _serving = True
    register = register_of_rosters()
    if register is not None:
        try:
            register(resolve)
        except Exception as error:  # the host's code; pairing goes on without it
            logger.warning(f"The host did not take the roster resolver: {type(error).__name__}")
            register = None
    resolver = "not registered" if register is None else "registered"
    logger.info(f"spirekeeper uses {_client()}; roster resolver {resolver}")


def _client() -> str:
    theirs = host_client()
    if theirs is None:
        return "its own bunker client"
    calls = ", ".join(sorted(theirs.calls))
    return (
        f"the host's bunker client for {calls}, if lnbits_nsec_bunker_url names the bunker in "
        "force, and its own for the rest"
    )


def stop() -> None:
    """Makes `resolve` answer None from now on: the host has no call to take it back."""
    global _serving  # noqa: PLW0603
    _serving = False


async def resolve(pubkey: str) -> tuple[str, str, str] | None:
    """The tuple (operator_user_id, wallet_id, source_extension), or None if there is any doubt.
    Never raises."""
    if not _serving or not isinstance(pubkey, str):
        return None
    try:
        entry = await within(SECONDS, roster.resolve(pubkey, utc_now))
    except Exception as error:  # whatever it is, it is doubt
        logger.warning(f"spirekeeper's roster could not answer: {type(error).__name__}")
        return None
    return (entry.operator_user_id, entry.wallet_id, SOURCE) if entry else None
