"""Who asks: a machine whose operator has confirmed it, and about which there is no doubt."""

from dataclasses import dataclass

from .. import crud
from ..cash_models import CashPairing, CashSettings
from ..clock import Clock
from ..store import cash_settings
from ..store.lnbits_tables import standing_wallets
from .answers import Limits, Silence


@dataclass(frozen=True)
class Asker:
    """A machine that may be answered, and its wallet."""

    pairing: CashPairing
    settings: CashSettings
    wallet_id: str
    event_id: str
    """Of what it asks now."""

    @property
    def limits(self) -> Limits:
        return Limits(self.settings.smallest, self.settings.largest)


async def asker_of(
    spire_pubkey: str, service_pubkey: str | None, event_id: str, clock: Clock
) -> Asker | Silence:
    """The machine that signs as this key and believes that one. Cash needs more than the roster:
    the client confirmed, nobody else on the key, and all of that now.

    `service_pubkey`: None when the host has heard it, over a transport of its own.
    """
    pairing = await cash_settings.get_cash_pairing(spire_pubkey, clock())
    if pairing is None:
        return await _why_not(spire_pubkey)
    if pairing.service_pubkey is None or service_pubkey not in {None, pairing.service_pubkey}:
        return Silence.OTHER_RECIPIENT
    settings = await cash_settings.get_cash_settings(pairing.machine_id)
    if settings is None:
        return Silence.OTHER_RECIPIENT
    wallet_id = pairing.wallet_id or ""
    if not await standing_wallets([wallet_id], pairing.operator_user_id):
        return Silence.INACTIVE
    return Asker(pairing, settings, wallet_id, event_id)


async def _why_not(spire_pubkey: str) -> Silence:
    """For the page's counters alone."""
    machine = await crud.get_machine_by_npub(spire_pubkey)
    if machine is None:
        return Silence.UNKNOWN_AUTHOR
    if machine.cut_at is not None:
        return Silence.CUT
    if not machine.is_active or machine.wallet_id is None:
        return Silence.INACTIVE
    return Silence.FLAGGED if machine.flag else Silence.UNCONFIRMED
