"""Whether the bunker answers, and what it is."""

from typing import Any

from .. import keys
from ..bunker.errors import NsecBunkerError
from ..errors import NoBunker, PairingError, SettingsWrong
from ..nostr.keys import new_secret_key
from ..schemas.bunker import BunkerConnectionData, BunkerStatus
from ..store import key_rows, setting_versions
from . import environment, machine_relays, settings, unkept
from .bunker_failures import from_bunker
from .hazards import ShareOfKeys, find_hazards, find_hazards_of_relays
from .open_bunker import OpenBunker, open_bunker, trial

_WITHOUT_KEY = {
    "not_accepted": (
        "key_needed",
        "A bunker answers there. Save, then add the admin npub that is shown to its ADMIN_NPUBS.",
    ),
    "bunker_silent": (
        "silent_to_strangers",
        "Its relay is there, and no bunker answered. It may not run, or answer only to a key that "
        "it knows: enter the admin key, or save and add the admin npub to its ADMIN_NPUBS.",
    ),
}
"""What it means when there is no admin key yet, by what it would mean with one."""


async def ask(
    operator_user_id: str, share_of_keys: ShareOfKeys, *, for_superuser: bool
) -> BunkerStatus:
    """Pings the bunker. Where it is, our admin npub, how many keys it has in all, which variables
    of the environment are wrong, whether a passphrase may be lost, and which version the settings
    have, are told to the superuser only."""
    version = await setting_versions.get_version("bunker") if for_superuser else None
    status = await _ask(operator_user_id, share_of_keys, for_superuser=for_superuser)
    if not for_superuser:
        return status
    told = {
        "version": version,
        "wrong_settings": environment.current().wrong,
        "passphrase_unkept_since": await unkept.since(),
    }
    return status.copy(update=told)


async def _ask(
    operator_user_id: str, share_of_keys: ShareOfKeys, *, for_superuser: bool
) -> BunkerStatus:
    try:
        if await settings.get_bunker_config() is None:
            missing = NoBunker("The superuser has to enter a bunker.")
            return BunkerStatus(configured=False, **_problem(missing))
        bunker = await open_bunker()
    except (NoBunker, SettingsWrong) as error:
        return BunkerStatus(configured=True, **_problem(error))
    status = BunkerStatus(
        configured=True,
        source=bunker.config.source,
        private_relays_allowed=bunker.config.allow_private_relays,
        pair_relays=await machine_relays.to_begin_with(bunker.config, operator_user_id),
        mint=bunker.config.mint,
    )
    if for_superuser:
        return await _asked_for_superuser(status, bunker, share_of_keys)
    return await _asked(status, bunker, operator_user_id, None)


async def try_out(data: BunkerConnectionData, share_of_keys: ShareOfKeys) -> BunkerStatus:
    """How a bunker answers to what was entered. Stores nothing. InvalidInput, NoBunker,
    SettingsWrong.

    Where no admin key is known yet it is asked with one that nobody knows, which shows whether a
    bunker is there at all.
    """
    known = await settings.known_admin_secret(data)
    config = settings.as_entered(data, known or new_secret_key())
    machine_relays.guard(config)
    async with trial(config) as bunker:
        status = BunkerStatus(configured=True)
        found = await _asked_for_superuser(status, bunker, share_of_keys)
    return found if known else _without_key(found)


def _without_key(found: BunkerStatus) -> BunkerStatus:
    found = found.copy(update={"admin_npub": None})
    if found.problem_code not in _WITHOUT_KEY:
        return found
    code, words = _WITHOUT_KEY[found.problem_code]
    return found.copy(
        update={
            "problem_code": code,
            "problem": words,
            "problem_reason": None,
            "problem_values": {},
        }
    )


async def _asked_for_superuser(
    status: BunkerStatus, bunker: OpenBunker, share_of_keys: ShareOfKeys
) -> BunkerStatus:
    status = status.copy(update=_where(bunker))
    return await _asked(status, bunker, None, share_of_keys)


async def _asked(
    status: BunkerStatus,
    bunker: OpenBunker,
    operator_user_id: str | None,
    share_of_keys: ShareOfKeys | None,
) -> BunkerStatus:
    """`operator_user_id`: whose machines are counted; None: all, for the superuser."""
    try:
        return status.copy(update=await _measured(bunker, operator_user_id, share_of_keys))
    except NsecBunkerError as error:
        found = [] if share_of_keys is None else await find_hazards_of_relays(bunker)
        return status.copy(update={**_problem(from_bunker(error)), "hazards": found})


def _problem(error: PairingError) -> dict[str, Any]:
    return {
        "problem": error.detail,
        "problem_code": error.code,
        "problem_reason": error.reason,
        "problem_values": error.values,
    }


def _where(bunker: OpenBunker) -> dict[str, Any]:
    return {
        "bunker_npub": keys.npub(bunker.config.bunker_pubkey),
        "relays": list(bunker.config.relays),
        "admin_npub": keys.npub(bunker.config.admin_pubkey),
        "machine_relays": list(bunker.config.machine_relays),
        "bunker_relays_for_machines": bunker.config.bunker_relays_for_machines,
    }


async def _measured(
    bunker: OpenBunker, operator_user_id: str | None, share_of_keys: ShareOfKeys | None
) -> dict[str, object]:
    known = await bunker.admin.refresh_keys()
    in_use = await key_rows.get_keys_in_use(bunker.config.bunker_pubkey)
    whole = operator_user_id is None
    ours = {key.key_name for key in in_use if whole or key.operator_user_id == operator_user_id}
    dialect = await bunker.admin.dialect()
    seconds = await bunker.admin.ping()
    return {
        "reachable": True,
        "settling": not await bunker.admin.settled(),
        "round_trip_ms": round(seconds * 1000, 1),
        "lineage": dialect.name,
        "keys": len(known if whole else known.keys() & ours),
        "locked_keys": sum(key.locked for key in known.values() if key.name in ours),
        "hazards": await find_hazards(bunker, dialect, len(known), share_of_keys),
    }
