"""The bunker's Nostr keys: which are unlocked, and since when."""

from collections.abc import Callable
from contextlib import suppress

from nostr_sdk import EncryptedSecretKey, Keys, KeySecurity, NostrSdkError

from . import words
from .store import Store

# scrypt with 2**LOG_N rounds: cheap, because a pairing in a test should not wait for it.
LOG_N = 6


class KeyringError(Exception):
    """The text is the daemon's."""


class Keyring:
    """`start` is called with each key that becomes active, however often that happens."""

    def __init__(self, store: Store, start: Callable[[str, Keys], None]) -> None:
        self._store = store
        self._start = start
        # Read once, as the daemon does: a key made later cannot be unlocked until a restart.
        self._known = store.keys()
        self._active: dict[str, Keys] = {}

    def pubkeys(self) -> dict[str, Keys | None]:
        """Every key by name, the unlocked ones first; None while locked."""
        locked = {name: None for name in self._known if name not in self._active}
        return {**self._active, **locked}

    def active(self, name: str) -> Keys | None:
        return self._active.get(name)

    def create(self, name: str, passphrase: str, nsec: str | None) -> Keys:
        """Takes the name, whoever had it; a key started before stays live until a restart.

        Without an nsec it mints. The real daemon then publishes a profile to public relays; the
        development bunker dials nobody.
        """
        try:
            keys = Keys.parse(nsec) if nsec else Keys.generate()
        except NostrSdkError as error:
            raise KeyringError("Invalid checksum in the nsec") from error
        sealed = EncryptedSecretKey(keys.secret_key(), passphrase, LOG_N, KeySecurity.UNKNOWN)
        self._store.save_key(name, sealed.to_bech32())
        self._activate(name, keys)
        return keys

    def unlock(self, name: str, passphrase: str) -> None:
        """Starts the key, also one that runs already."""
        sealed = self._known.get(name)
        if sealed is None:
            raise KeyringError(words.NO_SUCH_KEY)
        try:
            secret = EncryptedSecretKey.from_bech32(sealed).decrypt(passphrase)
        except NostrSdkError as error:
            raise KeyringError(words.BAD_DECRYPT) from error
        self._activate(name, Keys(secret))

    def unlock_all(self, passphrase: str) -> None:
        """Those that the passphrase opens (NSEC_BUNKER_AUTOUNLOCK_PASSPHRASE)."""
        for name in self._known:
            with suppress(KeyringError):
                self.unlock(name, passphrase)

    def start_active(self) -> None:
        """Starts each key that is active, also those that run already."""
        for name, keys in self._active.items():
            self._start(name, keys)

    def _activate(self, name: str, keys: Keys) -> None:
        self._active[name] = keys
        self._start(name, keys)
