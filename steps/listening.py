"""Whether the bunker listens on the relay that a seed names: found out before somebody drives to
the machine."""

from lnbits.task_manager import task_manager

from ..bunker.errors import NsecBunkerError
from ..bunker.key_client import answers
from ..clock import Clock
from ..connection.open_bunker import open_bunker
from ..connection.relay_probe import where_allowed
from ..errors import PairingError
from ..failures import log_failure
from ..models import Machine, PairingState
from ..nostr.throwaway_keys import new_throwaway
from ..store import details, journal, pairing_rows

LISTEN_SECONDS = 10.0


def check_listening_later(machine: Machine, clock: Clock) -> None:
    """Off the critical path: does the bunker answer for the new key over the seed's relay?"""

    async def check() -> None:
        with log_failure(f"asking whether the bunker listens for {machine.id}"):
            await check_listening(machine, clock)

    task_manager.create_task(check(), name=f"spirekeeper_listens_{machine.id}")


async def check_listening(machine: Machine, clock: Clock) -> None:
    """Notes on the newest seed whether the bunker was heard, so the page can warn in time."""
    pairings = await pairing_rows.get_history(machine.id)
    pairing = next((p for p in pairings if p.state is PairingState.ISSUED), None)
    if pairing is None or pairing.spire_pubkey is None:
        return
    try:
        bunker = await open_bunker()
        dialect = await bunker.admin.dialect()
    except (PairingError, NsecBunkerError):
        return  # not known: the warning is for silence on the seed's relay alone
    heard = await answers(
        pairing.spire_pubkey,
        pairing.bunker_relay,
        dialect.encryption,
        LISTEN_SECONDS,
        client_secret=new_throwaway(),
        resolve=where_allowed(bunker.config, [machine.operator_user_id]),
    )
    await pairing_rows.set_bunker_listens(pairing.id, heard)
    if not heard:
        await journal.record(
            "listening",
            "silent",
            at=clock(),
            actor=journal.BACKGROUND,
            operator_user_id=machine.operator_user_id,
            machine_id=machine.id,
            detail=details.told("not_heard", relay=pairing.bunker_relay),
        )
