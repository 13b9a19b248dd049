"""Relay, development bunker and LNbits together, in one folder."""

import secrets
from pathlib import Path

from nostr_sdk import Keys

from .accounts import Account, log_in
from .bunker import Lineage
from .house import HouseHere
from .kept import Kept, claim


class DevKit(HouseHere):
    """All that a machine and its operator need, on loopback; what is in `folder` survives.

    Ports are free to choose and free by default. Inside the context both accounts are logged in.
    """

    superuser: Account
    operator: Account

    def __init__(
        self,
        folder: Path,
        *,
        relay_port: int = 0,
        lnbits_port: int = 0,
        lineage: Lineage = Lineage.NEWER_NDK,
    ) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = folder.resolve()
        claimed = claim(folder)
        self._kept = kept = Kept(folder / "kept.json")
        nsec = kept.text("admin_nsec", lambda: str(Keys.generate().secret_key().to_bech32()))
        passphrase = kept.text("key_passphrase", lambda: secrets.token_urlsafe(24))
        super().__init__(
            folder,
            admin=Keys.parse(nsec),
            relay_port=kept.port("relay_port", relay_port),
            ports=[kept.port("lnbits_port", lnbits_port)],
            environment={
                "SPIREKEEPER_KEY_PASSPHRASE": passphrase,
                "SPIREKEEPER_BUNKER_RELAYS_FOR_MACHINES": "true",
                # The customer's wallet is at this LNbits too, and asks a link on loopback.
                "LNBITS_CALLBACK_URL_RULES": "[]",
                "LNBITS_CALLBACK_ALLOW_PRIVATE_IPS": "true",
                "LNBITS_LNURL_ALLOW_PRIVATE_IPS": "true",
            },
            bunker_options={"lineage": lineage},
        )
        self._running.enter_context(claimed)

    async def _move_in(self) -> None:
        self.superuser, self.operator = await log_in(self.lnbits, self._kept)
