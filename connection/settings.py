"""The admin connection to the bunker.

The database's counts, with its secrets sealed; if there is none, the environment's.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from secrets import compare_digest, token_hex, token_urlsafe
from typing import Literal

from lnbits.db import Connection

from .. import keys
from ..bunker.address import AddressError, BunkerAddress
from ..clock import Clock
from ..errors import InvalidInput, MachinesPaired, NoBunker
from ..models import BunkerSettingsRow, Mint
from ..nostr.keys import new_secret_key, public_of
from ..nostr.relay_urls import normal_form
from ..schemas.bunker import BunkerConnectionData, BunkerStored
from ..schemas.fields import MOST_RELAYS
from ..store import bunker_settings, details, journal, key_rows, pairing_rows, setting_versions
from . import environment, newest_seal, unkept
from .environment import BunkerVariables
from .sealing import Sealed, mark_of


@dataclass(frozen=True)
class BunkerConfig:
    """One admin connection, ready to use."""

    source: Literal["database", "environment"]
    bunker_pubkey: str
    relays: tuple[str, ...]
    admin_secret: str = field(repr=False)
    passphrases: dict[str, str] = field(repr=False)
    """By id. Older ones stay as long as a key may need them."""
    passphrase_id: str
    """The one that new keys are encrypted with."""
    allow_private_relays: bool
    mint: Mint
    """Who makes the machines' keys."""
    machine_relays: tuple[str, ...] = ()
    bunker_relays_for_machines: bool = False
    updated_at: datetime | None = None

    @property
    def relays_for_machines(self) -> tuple[str, ...]:
        """Those that a pairing begins with, for who has paired nothing yet."""
        named = self.relays if self.bunker_relays_for_machines else self.machine_relays
        return named[:MOST_RELAYS]

    @property
    def admin_pubkey(self) -> str:
        return public_of(self.admin_secret)


async def get_bunker_config() -> BunkerConfig | None:
    """The connection in force; the database's wins. None when there is none.

    Raises NoBunker or SettingsWrong when there is one that cannot be read.
    """
    row = await bunker_settings.get_bunker_settings()
    return _opened(row) if row else _from_environment()


def _opened(row: BunkerSettingsRow) -> BunkerConfig:
    secrets = Sealed.open(row)
    if newest_seal.is_older(secrets.count):
        raise _put_back()
    newest_seal.remember(secrets.count)
    try:
        address = BunkerAddress(row.bunker_pubkey, tuple(map(normal_form, row.relays)))
    except AddressError as error:  # an older version took what is refused today
        words = f"The stored bunker connection cannot be used: {error} Enter it again."
        raise NoBunker(words, reason="stored_unusable") from None
    return BunkerConfig(
        source="database",
        bunker_pubkey=address.pubkey,
        relays=address.relays,
        admin_secret=secrets.admin_secret,
        passphrases=secrets.passphrases,
        passphrase_id=secrets.passphrase_id,
        allow_private_relays=row.allow_private_relays,
        mint=row.mint,
        machine_relays=tuple(map(normal_form, row.machine_relays)),
        bunker_relays_for_machines=row.bunker_relays_for_machines,
        updated_at=row.updated_at,
    )


def _from_environment() -> BunkerConfig | None:
    read = environment.current()
    return _configured(read.bunker, read.passphrase_as_written) if read.bunker.bunker_url else None


@lru_cache(maxsize=1)
def _configured(said: BunkerVariables, passphrase_as_written: str) -> BunkerConfig:
    """The environment's connection, worked out once though every call asks for it.

    A passphrase in quotes is kept with and without them: older versions took the quotes for a part
    of it, so keys may be encrypted with them.
    """
    address = BunkerAddress.parse(said.bunker_url or "")
    current = said.key_passphrase or ""
    return BunkerConfig(
        source="environment",
        bunker_pubkey=address.pubkey,
        relays=address.relays,
        admin_secret=said.admin_nsec or "",
        passphrases={_id_of(text): text for text in (passphrase_as_written, current)},
        passphrase_id=_id_of(current),
        allow_private_relays=said.allow_private_relays,
        mint=said.mint,
        machine_relays=said.machine_relays,
        bunker_relays_for_machines=said.bunker_relays_for_machines,
    )


def _id_of(passphrase: str) -> str:
    return f"environment-{mark_of(passphrase)[:16]}"


async def private_relays_allowed() -> bool:
    """Whether this instance lets operators pair over private relays."""
    config = await get_bunker_config()
    return config is not None and config.allow_private_relays


async def store_bunker(data: BunkerConnectionData, *, actor: str, now: Clock) -> BunkerStored:
    """Stores the admin connection. Keeps what is not given, or makes it.

    Raises MachinesPaired when machines are paired through another bunker, unless forced, and
    EditedMeanwhile when another version than this is to be changed.
    """
    address = address_of(data.bunker_url)
    await _refuse_while_paired(address.pubkey, force=data.force)
    version = await _version(data.version)
    row = await bunker_settings.get_bunker_settings()
    sealed, generated = await _secrets(data, _kept(row, data))
    wanted = BunkerSettingsRow(
        bunker_pubkey=address.pubkey,
        relays=list(address.relays),
        admin_pubkey=public_of(sealed.admin_secret),
        sealed="",
        allow_private_relays=data.allow_private_relays,
        mint=data.mint,
        machine_relays=list(dict.fromkeys(data.machine_relays)),
        bunker_relays_for_machines=data.bunker_relays_for_machines,
        updated_at=now(),
    )
    secrets = replace(sealed, count=newest_seal.next_count(now()))
    stored = secrets.seal(wanted)

    async def write(tx: Connection) -> None:
        if generated:
            await unkept.note(now(), tx)
        elif data.key_passphrase:
            await unkept.forget(tx)
        if row is None:
            await bunker_settings.create_bunker_settings(stored, tx)
        else:
            await bunker_settings.update_bunker_settings(stored, tx)

    version = await setting_versions.change("bunker", version, write)
    newest_seal.remember(secrets.count)
    detail = details.told("bunker", bunker=stored.bunker_pubkey)
    await journal.record("bunker", "stored", at=stored.updated_at, actor=actor, detail=detail)
    return _as_answer(stored, version, generated)


async def _version(read: int | None) -> int:
    """The version to change: what a caller has read, or else what is read from here on. What is
    kept of the older settings is never kept of others than those."""
    return await setting_versions.get_version("bunker") if read is None else read


def _as_answer(stored: BunkerSettingsRow, version: int, generated: str | None) -> BunkerStored:
    return BunkerStored(
        version=version,
        bunker_npub=keys.npub(stored.bunker_pubkey),
        relays=stored.relays,
        admin_npub=keys.npub(stored.admin_pubkey),
        allow_private_relays=stored.allow_private_relays,
        mint=stored.mint,
        generated_passphrase=generated,
    )


def address_of(bunker_url: str) -> BunkerAddress:
    """The address that was entered, or InvalidInput."""
    try:
        return BunkerAddress.parse(bunker_url)
    except AddressError as error:
        raise InvalidInput(
            f"bunker_url: {error}",
            field="bunker_url",
            reason=error.fault,
            values={"n": error.number} if error.number else {},
        ) from None


async def make_passphrase(*, actor: str, now: Clock) -> BunkerStored:
    """Makes a new passphrase, in place of one that may be lost. Keys that were made with the older
    one go on with it.

    Raises NoBunker when no connection is stored, or it cannot be opened, and EditedMeanwhile when
    it is changed at the same moment.
    """
    version = await _version(None)
    row = await bunker_settings.get_bunker_settings()
    if row is None:
        raise NoBunker("No bunker connection is stored here; the environment names its passphrase.")
    sealed = Sealed.open(row)
    if newest_seal.is_older(sealed.count):
        raise _put_back()
    made, made_id = token_urlsafe(24), token_hex(8)
    needed = await key_rows.get_passphrase_ids()
    kept = {id_: text for id_, text in sealed.passphrases.items() if id_ in needed}
    secrets = replace(
        sealed,
        passphrases={**kept, made_id: made},
        passphrase_id=made_id,
        count=newest_seal.next_count(now()),
    )
    stored = secrets.seal(row.copy(update={"updated_at": now()}))

    async def write(tx: Connection) -> None:
        await unkept.note(now(), tx)
        await bunker_settings.update_bunker_settings(stored, tx)

    version = await setting_versions.change("bunker", version, write)
    newest_seal.remember(secrets.count)
    await journal.record("bunker", "passphrase_made", at=stored.updated_at, actor=actor)
    return _as_answer(stored, version, made)


async def keep_passphrase(last_four: str) -> None:
    """Whoever knows the end of the passphrase that was made has kept it. InvalidInput, NoBunker."""
    if await unkept.since() is None:
        return
    config = await get_bunker_config()
    if config is None:
        raise NoBunker("No bunker is configured; ask the superuser to enter one.")
    end = config.passphrases[config.passphrase_id][-4:]
    if not compare_digest(end.encode(), last_four.encode()):
        raise InvalidInput(
            "last_four: these are not the last four letters of the passphrase; look again, or have "
            "a new one made."
        )
    await unkept.forget()


async def known_admin_secret(data: BunkerConnectionData) -> str | None:
    """The admin key that was entered, or else the one in force, if there is one."""
    if data.admin_nsec:
        return keys.secret_key_hex(data.admin_nsec)
    known = await get_bunker_config()
    return known.admin_secret if known else None


def as_entered(data: BunkerConnectionData, admin_secret: str) -> BunkerConfig:
    """The connection as it was entered, with this admin key, without storing it."""
    address = address_of(data.bunker_url)
    return BunkerConfig(
        source="database",
        bunker_pubkey=address.pubkey,
        relays=address.relays,
        admin_secret=admin_secret,
        passphrases={},
        passphrase_id="",
        allow_private_relays=data.allow_private_relays,
        mint=data.mint,
        machine_relays=tuple(data.machine_relays),
        bunker_relays_for_machines=data.bunker_relays_for_machines,
    )


async def forget_bunker(*, actor: str, now: Clock, force: bool, version: int | None) -> None:
    """Removes the stored connection, so that the environment's is in force, if it has one. Raises
    what `store_bunker` does."""
    await _refuse_while_paired(None, force=force)

    async def write(tx: Connection) -> None:
        await bunker_settings.delete_bunker_settings(tx)
        await unkept.forget(tx)

    await setting_versions.change("bunker", version, write)
    newest_seal.remember(newest_seal.next_count(now()))  # what was forgotten does not come back
    await journal.record("bunker", "forgotten", at=now(), actor=actor)


async def _refuse_while_paired(bunker_pubkey: str | None, *, force: bool) -> None:
    paired = await pairing_rows.count_paired_elsewhere(bunker_pubkey)
    if paired and not force:
        raise MachinesPaired(
            f"{paired} machine(s) are paired through another bunker; revoke them first, or say "
            "force to leave them to it.",
            values={"n": paired},
        )


async def _secrets(data: BunkerConnectionData, old: Sealed | None) -> tuple[Sealed, str | None]:
    """The secrets to seal, and the passphrase when it was made just now."""
    admin_secret = (
        keys.secret_key_hex(data.admin_nsec)
        if data.admin_nsec
        else (old.admin_secret if old else new_secret_key())
    )
    needed = await key_rows.get_passphrase_ids()
    passphrases = dict(old.passphrases) if old else {}
    current = old.passphrase_id if old else None
    given: str | None = data.key_passphrase
    generated = None
    if given is None and current is None:
        given = generated = token_urlsafe(24)
    if given is not None and (current is None or passphrases[current] != given):
        known = next((id_ for id_, text in passphrases.items() if text == given), None)
        current = known or token_hex(8)
        passphrases[current] = given
    kept = {id_: text for id_, text in passphrases.items() if id_ in needed or id_ == current}
    return Sealed(admin_secret, kept, str(current)), generated


def _kept(row: BunkerSettingsRow | None, data: BunkerConnectionData) -> Sealed | None:
    """The secrets so far, or None where they are replaced.

    A connection that cannot be opened is replaced if all of it is entered again, or if that is
    forced. One that is older than one that has been in force is replaced likewise, but its
    passphrases are kept, since keys may need them. Its admin key is not: it may be why somebody put
    it back.
    """
    if row is None:
        return None
    entered_again = data.force or bool(data.admin_nsec and data.key_passphrase)
    try:
        sealed = Sealed.open(row)
    except NoBunker:
        if entered_again:
            return None
        raise
    if not newest_seal.is_older(sealed.count):
        return sealed
    if not entered_again:
        raise _put_back()
    return replace(sealed, admin_secret=new_secret_key())


def _put_back() -> NoBunker:
    return NoBunker(
        "The stored bunker connection is an older one than has been in force: somebody has put it "
        "back into the database, or a backup was restored. Enter the connection again, with its "
        "admin key and passphrase.",
        reason="put_back",
    )
