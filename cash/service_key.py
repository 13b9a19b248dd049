"""The service key: it answers an operator's machines, and a machine believes nobody else.

One an operator, made when cash is first switched on. A machine learns its pubkey from its seed, so
another key is another pairing; the older one answers until then.
"""

from datetime import datetime
from functools import lru_cache

from lnbits.db import Connection
from nostr_sdk import Keys
from sqlalchemy.exc import IntegrityError

from ..cash_models import ServiceKey
from ..changes import announce_changed
from ..clock import Clock
from ..connection.sealing import seal, unseal
from ..errors import MachinesTold, ServiceKeyLost
from ..keys import npub
from ..nostr.keys import new_secret_key, public_of
from ..schemas.cash import ServiceKeyAnswer
from ..store import cash_settings, details, journal
from ..store.database import db, finished

_PURPOSE = b"spirekeeper service key"


async def ensure_key(operator_user_id: str, now: datetime) -> ServiceKey:
    """The operator's key; makes one when there is none."""
    key = await cash_settings.get_service_key(operator_user_id)
    if key is not None:
        return key
    new = _new(operator_user_id, now)
    try:
        await cash_settings.create_service_key(new)
    except IntegrityError:  # somebody else was faster
        return await ensure_key(operator_user_id, now)
    return new


def keys_of(key: ServiceKey) -> Keys:
    """The key to answer with. ServiceKeyLost when LNbits' secret is another one now."""
    return _opened(key.sealed, key.pubkey)


@lru_cache(maxsize=1024)
def _opened(sealed: str, pubkey: str) -> Keys:
    try:
        return Keys.parse(unseal(sealed, _PURPOSE, pubkey.encode()).decode())
    except ValueError:
        raise ServiceKeyLost(
            "The key that answers your machines cannot be opened, because LNbits' AUTH_SECRET_KEY "
            "has changed; make a new one, and pair your machines again."
        ) from None


async def describe(operator_user_id: str) -> ServiceKeyAnswer:
    """The key in use, and how many machines believe it."""
    key = await cash_settings.get_service_key(operator_user_id)
    if key is None:
        return ServiceKeyAnswer(service_npub=None, machines=0, made_at=None)
    told = await cash_settings.count_told(key.pubkey)
    return ServiceKeyAnswer(service_npub=npub(key.pubkey), machines=told, made_at=key.made_at)


@finished
async def rotate(
    operator_user_id: str, expect: int, *, actor: str, clock: Clock
) -> ServiceKeyAnswer:
    """Makes a new key for pairings from now on.

    `expect`: how many machines the caller knows that have to be paired again; MachinesTold when it
    is another number.
    """
    now = clock()
    old = await ensure_key(operator_user_id, now)
    told = await cash_settings.count_told(old.pubkey)
    if told != expect:
        raise MachinesTold(
            f"{told} machine(s) believe the key that is in use, and have to be paired again; say "
            "that number if you mean to.",
            values={"n": told},
        )
    new = _new(operator_user_id, now)
    async with db.transaction() as tx:
        await _replace(old, new, now, tx)
        await journal.record(
            "service_key",
            "rotated",
            at=now,
            actor=actor,
            operator_user_id=operator_user_id,
            detail=details.told("service_key", key=new.pubkey, before=old.pubkey),
            conn=tx,
        )
    announce_changed(operator_user_id)
    return await describe(operator_user_id)


async def _replace(old: ServiceKey, new: ServiceKey, now: datetime, tx: Connection) -> None:
    if not await cash_settings.replace_service_key(old.pubkey, now, tx):
        raise MachinesTold("The key was changed just now; look again.", values={"n": 0})
    await cash_settings.create_service_key(new, tx)


def _new(operator_user_id: str, now: datetime) -> ServiceKey:
    secret = new_secret_key()
    pubkey = public_of(secret)
    return ServiceKey(
        pubkey=pubkey,
        operator_user_id=operator_user_id,
        sealed=seal(secret, _PURPOSE, pubkey.encode()),
        made_at=now,
    )
