"""What the operator says of a seed or of the client that redeemed it: Yes, No, or not at all."""

from datetime import datetime

from .. import lifecycle
from ..bunker.answers import KeyUser, Token
from ..clock import Clock
from ..connection.bunker_failures import bunker_errors
from ..connection.open_bunker import open_bunker
from ..errors import (
    AnotherClient,
    NothingWaits,
    PairingError,
    RevokeOwed,
    UnexpectedClient,
)
from ..failures import log_failure
from ..models import Machine, OwedRevocation, Pairing, PairingState
from ..schemas.machines import CancelResult
from ..store import details, journal, key_rows, owed_rows, pairing_rows
from . import key_use, owed_revocations
from .redemption import take_over, token_of
from .revoke import cut_spent_key
from .standing import end_pairing, remember_state

BUNKER_SECONDS = 5.0


async def confirm(
    machine: Machine, client_pubkey: str, *, actor: str, clock: Clock
) -> CancelResult:
    """The operator has compared the fingerprint: this client is the machine. Older connections end.

    Raises NothingWaits, AnotherClient, UnexpectedClient when anybody else ever used the key or may
    yet, RevokeOwed while an older seed of it lives, or a PairingError: without the bunker nobody
    can be sure.
    """
    pairings = await pairing_rows.get_history(machine.id)
    waiting = _whom_it_is_about(pairings, client_pubkey)
    bunker = await open_bunker()
    of_key = [pairing for pairing in pairings if pairing.key_name == waiting.key_name]
    with bunker_errors():
        tokens = await bunker.admin.get_key_tokens(waiting.key_name)
        users = await bunker.admin.get_key_users(waiting.key_name)
    burners = await key_rows.get_burners(waiting.bunker_pubkey, waiting.key_name)
    _guard_no_other_token(waiting, of_key, tokens, clock())
    _guard_expected(waiting, of_key, users, burners)
    confirmed = waiting.copy(update={"state": PairingState.CONFIRMED, "confirmed_at": clock()})
    if not await pairing_rows.move_pairing(confirmed, waiting.state):
        raise NothingWaits("The pairing has changed meanwhile; reload the page.")
    detail = details.told("client", client=client_pubkey)
    await journal.about(machine, "confirm", "confirmed", actor=actor, at=clock(), detail=detail)
    owing = await take_over(machine, confirmed, clock())
    await remember_state(machine, clock)
    return await _settle_now(owing, actor=actor, clock=clock)


async def reject(machine: Machine, client_pubkey: str, *, actor: str, clock: Clock) -> CancelResult:
    """The fingerprint was not the machine's: cuts this client and whoever else redeemed the seed.

    Raises NothingWaits or AnotherClient.
    """
    pairings = await pairing_rows.get_history(machine.id)
    waiting = _whom_it_is_about(pairings, client_pubkey)
    return await _end(machine, waiting, lifecycle.EndReason.REJECTED, actor, clock)


async def cancel(machine: Machine, *, actor: str, clock: Clock) -> CancelResult:
    """Ends the seed that waits to be scanned. Raises NothingWaits when there is none."""
    pairings = await pairing_rows.get_history(machine.id)
    waiting = next((p for p in pairings if p.state is PairingState.ISSUED), None)
    if waiting is None:
        raise NothingWaits(
            "No pairing code waits to be scanned; it may have been scanned just now."
        )
    return await _end(machine, waiting, lifecycle.EndReason.CANCELLED, actor, clock)


def _whom_it_is_about(pairings: list[Pairing], client_pubkey: str) -> Pairing:
    """The pairing whose client waits to be judged, when that is the client that was compared."""
    waiting = next((pairing for pairing in pairings if lifecycle.confirming(pairing)), None)
    if waiting is None:
        raise NothingWaits(
            "No client waits to be confirmed; has the machine scanned the pairing code?"
        )
    if waiting.client_pubkey != client_pubkey:
        raise AnotherClient(
            "Another client redeemed the pairing code; reload, and compare once more."
        )
    return waiting


def _guard_no_other_token(
    waiting: Pairing, of_key: list[Pairing], tokens: list[Token], now: datetime
) -> None:
    """Nobody can come to the key after this. Tokens first, users after them: whoever redeems in
    between is then among the users."""
    if token_of(waiting, tokens) is None:
        raise RevokeOwed(
            "The bunker does not show the key's tokens, as while the key is locked; confirm again "
            "in a minute."
        )
    usable = {token.client_name for token in tokens if owed_revocations.usable(token, now)}
    if usable - {pairing.client_name for pairing in of_key}:
        raise UnexpectedClient(
            "The machine's key has an unused token that was not made here; revoke the machine, and "
            "pair it again."
        )
    if usable:
        raise RevokeOwed(
            "Another pairing code of the same key could still be redeemed; cancel it if it waits, "
            "or confirm again in a minute, when the bunker has ended it."
        )


def _guard_expected(
    waiting: Pairing, of_key: list[Pairing], users: list[KeyUser], burners: set[str]
) -> None:
    """Nobody else ever used the key: who was revoked since may have had events signed ahead."""
    live = {user.pubkey for user in users if user.revoked_at is None}
    if waiting.client_pubkey not in live:
        raise UnexpectedClient("The bunker has revoked this client; reject it, and pair again.")
    ours = {waiting.client_pubkey, *key_use.confirmed_clients(of_key)}
    strangers = key_use.strangers(users, ours, burners)
    if strangers or waiting.flagged_at is not None:
        raise UnexpectedClient(
            "Somebody else has used the machine's key; reject this client, and pair again, which "
            "makes a new key."
        )


async def _end(
    machine: Machine, pairing: Pairing, reason: str, actor: str, clock: Clock
) -> CancelResult:
    owing = await owed_revocations.owe_token(pairing, machine.operator_user_id, clock())
    if not await end_pairing(pairing, PairingState.CANCELLED, reason, clock()):
        await owed_revocations.withdraw(owing)
        raise NothingWaits("The pairing has changed meanwhile; reload the page.")
    with log_failure(f"the journal's line of the end of {pairing.id}"):
        await journal.about(machine, "pairing", reason, actor=actor, at=clock())
    owing_now = [owing]
    with log_failure(f"cutting {machine.id} for its key's sake"):
        if await cut_spent_key(machine.id, clock):
            owing_now = await owed_rows.get_owed(machine.id)
    with log_failure(f"remembering the state of {machine.id}"):
        await remember_state(machine, clock)
    return await _settle_now(owing_now, actor=actor, clock=clock)


async def _settle_now(owing: list[OwedRevocation], *, actor: str, clock: Clock) -> CancelResult:
    """Has the bunker do it at once as far as it answers; the rest stays owed. Never raises: what
    the operator said counts here already."""
    settled = owed_revocations.Settled(done=False)
    with log_failure("the bunker's part of a verdict"):
        try:
            bunker = await open_bunker()
        except PairingError:
            return CancelResult(bunker="pending")
        settled = await owed_revocations.settle_all(owing, bunker, clock, actor, BUNKER_SECONDS)
    return CancelResult(
        bunker="done" if settled.done else "pending",
        revoked_count=settled.revoked,
        burned_count=settled.burned,
    )
