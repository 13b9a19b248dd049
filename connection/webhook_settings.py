"""The webhook: where notices are posted, and the secret that they are signed with.

The database's counts, all of it sealed, for an address may hold a password; if there is none, the
environment's, which has no secret.
"""

import json
from dataclasses import asdict, dataclass, field
from secrets import token_hex

import httpx
from lnbits.db import Connection

from ..clock import Clock
from ..errors import NoWebhook, SettingsWrong
from ..schemas.webhook import WebhookAnswer, WebhookData, WebhookStored
from ..store import details, journal, setting_versions, webhook_rows
from . import environment
from .sealing import seal, unseal

_PURPOSE = b"spirekeeper webhook"


@dataclass(frozen=True)
class Webhook:
    """Where notices are posted."""

    url: str = field(repr=False)
    signing_secret: str | None = field(default=None, repr=False)
    """None: nothing is signed, since the environment names the address."""

    @property
    def server(self) -> str:
        """The address as far as it may be shown: it can hold a secret anywhere else."""
        url = httpx.URL(self.url)
        return f"{url.scheme}://{url.netloc.decode()}"


async def get_webhook() -> Webhook | None:
    """The webhook in force; the database's wins. None when there is none.

    Raises NoWebhook or SettingsWrong when there is one that cannot be read.
    """
    sealed = await webhook_rows.get_sealed()
    if sealed is not None:
        return _opened(sealed)
    url = environment.current().webhook_url
    return Webhook(url) if url else None


def _opened(sealed: str) -> Webhook:
    try:
        return Webhook(**json.loads(unseal(sealed, _PURPOSE)))
    except ValueError:
        raise NoWebhook(
            "The stored webhook cannot be opened, because LNbits' AUTH_SECRET_KEY has changed, or "
            "what is stored; enter it again."
        ) from None


async def describe() -> WebhookAnswer:
    """The webhook in force, for the superuser."""
    version = await setting_versions.get_version("webhook")
    stored = await webhook_rows.get_sealed() is not None
    try:
        webhook, problem = await get_webhook(), None
    except (NoWebhook, SettingsWrong) as error:
        webhook, problem = None, error.detail
    named = stored or webhook is not None or problem is not None
    return WebhookAnswer(
        source=("database" if stored else "environment") if named else None,
        server=webhook.server if webhook else None,
        signed=bool(webhook and webhook.signing_secret),
        problem=problem,
        version=version,
    )


async def store(data: WebhookData, *, actor: str, now: Clock) -> WebhookStored:
    """Stores the address. The signing secret is kept, or one is made.

    Raises EditedMeanwhile when another version than this is to be changed.
    """
    version = await setting_versions.get_version("webhook")
    secret = await _secret_so_far()
    made = None if secret else _new_secret()
    webhook = Webhook(data.url, secret or made)
    read = version if data.version is None else data.version
    version = await _write(webhook, read)
    detail = details.told("webhook", server=webhook.server)
    await journal.record("webhook", "stored", at=now(), actor=actor, detail=detail)
    return WebhookStored(server=webhook.server, version=version, signing_secret=made)


async def _secret_so_far() -> str | None:
    """None where none is stored, or it cannot be opened: then all of it is entered anew."""
    sealed = await webhook_rows.get_sealed()
    try:
        return _opened(sealed).signing_secret if sealed else None
    except NoWebhook:
        return None


async def make_secret(version: int | None, *, actor: str, now: Clock) -> WebhookStored:
    """Makes a new signing secret; from now on nothing is signed with the older one.

    Raises NoWebhook where none is stored, or it cannot be opened, and EditedMeanwhile when another
    version than this is to be changed.
    """
    read = await setting_versions.get_version("webhook") if version is None else version
    sealed = await webhook_rows.get_sealed()
    if sealed is None:
        raise NoWebhook("No webhook is entered here; enter its address, and a secret is made.")
    webhook = Webhook(_opened(sealed).url, _new_secret())
    version = await _write(webhook, read)
    detail = details.told("webhook", server=webhook.server)
    await journal.record("webhook", "secret_made", at=now(), actor=actor, detail=detail)
    return WebhookStored(
        server=webhook.server, version=version, signing_secret=webhook.signing_secret
    )


def _new_secret() -> str:
    return token_hex(32)


async def _write(webhook: Webhook, version: int) -> int:
    sealed = seal(json.dumps(asdict(webhook)), _PURPOSE)

    async def write(tx: Connection) -> None:
        await webhook_rows.set_sealed(sealed, tx)

    return await setting_versions.change("webhook", version, write)


async def forget(version: int | None, *, actor: str, now: Clock) -> None:
    """Removes what is stored, so that the environment's is in force, if it names one. Raises
    EditedMeanwhile when another version than this is to be changed."""
    await setting_versions.change("webhook", version, webhook_rows.delete)
    await journal.record("webhook", "forgotten", at=now(), actor=actor)
