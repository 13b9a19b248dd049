"""The bunker's connection in the database, its secrets sealed."""

from typing import Any

from nostr_sdk import Keys
from support.host import Host

PASSPHRASE = "a passphrase of this test"


async def put(host: Host, admin: Keys, **data: Any) -> None:
    body = {
        "bunker_url": host.bunker.url,
        "admin_nsec": admin.secret_key().to_bech32(),
        "key_passphrase": PASSPHRASE,
        "allow_private_relays": True,
        **data,
    }
    answer = await host.api("PUT", "/bunker", body, as_=host.superuser)
    assert answer.status_code == 200, answer.text


async def stored() -> Any:
    from spirekeeper.store import bunker_settings

    row = await bunker_settings.get_bunker_settings()
    assert row is not None
    return row


def lnbits_secret() -> str:
    from lnbits.settings import settings

    return str(settings.auth_secret_key)
