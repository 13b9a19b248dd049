"""Relay, development bunker and LNbits together, in one folder."""

import secrets
from pathlib import Path

from nostr_sdk import Keys

from .accounts import Account, log_in
from .bunker import DevBunker, Lineage
from .kept import Kept, claim
from .lnbits import LNbits
from .relay import DevRelay


class DevKit:
    """All that a machine and its operator need, on loopback; what is in `folder` survives.

    Ports are free to choose and free by default. Used as a context: inside it everything runs and
    both accounts are logged in, afterwards nothing is left running.
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
        self.folder = folder.resolve()
        self._claim = claim(self.folder)
        self._kept = kept = Kept(self.folder / "kept.json")
        self._admin = Keys.parse(
            kept.text("admin_nsec", lambda: str(Keys.generate().secret_key().to_bech32()))
        )
        self.relay = DevRelay(kept.port("relay_port", relay_port))
        self.bunker = DevBunker(
            relays=[self.relay.url],
            admins=[self._admin.public_key().to_hex()],
            folder=self.folder / "bunker",
            lineage=lineage,
        )
        self.lnbits = LNbits(
            self.folder / "lnbits",
            port=kept.port("lnbits_port", lnbits_port),
            environment={
                "SPIREKEEPER_BUNKER_URL": self.bunker.url,
                "SPIREKEEPER_ADMIN_NSEC": self.admin_nsec,
                "SPIREKEEPER_KEY_PASSPHRASE": kept.text(
                    "key_passphrase", lambda: secrets.token_urlsafe(24)
                ),
                "SPIREKEEPER_ALLOW_PRIVATE_RELAYS": "true",
            },
        )

    @property
    def admin_nsec(self) -> str:
        return str(self._admin.secret_key().to_bech32())

    async def __aenter__(self) -> "DevKit":
        try:
            await self.relay.start()
            await self.bunker.start()
            await self.lnbits.start()
            self.superuser, self.operator = await log_in(self.lnbits, self._kept)
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stop()

    async def _stop(self) -> None:
        await self.lnbits.stop()
        await self.bunker.stop()
        await self.relay.stop()
        self._claim.close()
