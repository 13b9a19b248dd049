"""A real LNbits process whose every logger talks, and a record of all that it says to anybody."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import httpx
from nostr_sdk import EncryptedSecretKey, Keys, NostrSdkError
from spirekeeper.devkit.bunker import DevBunker
from spirekeeper.devkit.house import HouseHere
from spirekeeper.seed import Seed
from support.host import DCA, Caller, CallsTheApi, first_install, register
from support.raw_wire import RawClient
from system.secrets.needles import Needles

TALKATIVE = Path(__file__).with_name("talkative_lnbits.py")
PATIENCE_S = 90
MARK = "these are the words of the daemon"
"""In every error text of the bunker, and nowhere else."""


def new_nsec() -> str:
    return str(Keys.generate().secret_key().to_bech32())


@dataclass(frozen=True)
class Heard:
    """One thing that was said, and which secrets belong there."""

    place: str
    text: bytes = field(repr=False)
    meant: frozenset[str] = field(default=frozenset(), repr=False)
    """Secrets, not their names: the token of the seed that this answer carries."""


class TalkativeSite(HouseHere, CallsTheApi):
    """All in `folder`; `api` calls as a caller and keeps each answer. No bunker is known to LNbits
    yet."""

    superuser: Caller
    operator: Caller

    def __init__(self, folder: Path, **environment: str) -> None:
        self.metrics_token = token_urlsafe(24)
        super().__init__(
            folder,
            environment={
                "SPIREKEEPER_METRICS_TOKEN": self.metrics_token,
                "DEBUG": "true",
                "DEBUG_DATABASE": "true",
                "ENABLE_LOG_TO_FILE": "true",
                "TALKATIVE_LOG": str(folder / "lnbits" / "talkative.log"),
                **environment,
            },
            server=[str(TALKATIVE), "--log-level", "trace"],
            bunker_options={"refusal_delay": 0.05},
            knows_bunker=False,
        )
        self.needles = Needles()
        self.heard: list[Heard] = []
        self.relay_password, self.made_up_passphrase = token_urlsafe(24), token_urlsafe(24)
        self.made_up_nsec = new_nsec()

    async def _move_in(self) -> None:
        self.client = await self._running.enter_async_context(
            httpx.AsyncClient(base_url=self.lnbits.base_url, trust_env=False, timeout=PATIENCE_S)
        )
        self.superuser = await first_install(self.client)
        self.operator = await register(self.client, "operator")

    async def api(
        self,
        method: str,
        path: str,
        json: Any = None,
        *,
        as_: Caller | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """`path` begins after `/dca`; as the operator unless somebody is named."""
        caller = self.operator if as_ is None else as_
        answer = await self.client.request(
            method,
            DCA + path,
            json=json,
            content=content,
            headers={**caller.headers, **(headers or {})},
        )
        self.heard.append(
            answered(method, path, answer.status_code, answer.headers, answer.content)
        )
        return answer

    async def import_csv(self, text: str) -> httpx.Response:
        headers = {"Content-Type": "text/csv"}
        return await self.api("POST", "/machines/import", content=text.encode(), headers=headers)

    async def use(self, bunker: DevBunker, **data: Any) -> httpx.Response:
        """Stores the admin connection, as the superuser, with the bunker's admin key."""
        nsec = self.admin.secret_key().to_bech32()
        body = {"bunker_url": bunker.url, "allow_private_relays": True, "force": True}
        body |= {"admin_nsec": nsec, **data}
        answer = await self.api("PUT", "/bunker", body, as_=self.superuser)
        assert answer.status_code == 200, answer.text
        generated = answer.json()["generated_passphrase"]
        if generated:
            self.needles.add(f"passphrase made {len(self.needles)}", generated)
        return answer

    async def connect(self, spire_pubkey: str, secret: str, client: Keys) -> None:
        await self.bunker.listening()
        async with RawClient(self.relay.url, client) as machine:
            assert (await machine.connect(spire_pubkey, secret))["result"] == "ack"

    async def redeem(self, seed: Mapping[str, Any], client: Keys) -> None:
        """As a machine does that has scanned it."""
        read = Seed.decode(seed["seed_url"])
        await self.connect(read.spire_pubkey, read.secret, client)

    # What the bunker knows

    def told_secrets(self) -> str:
        """The words of a bunker that tells all: its error texts quote what it was sent."""
        passphrases, keys, tokens = _known(self.bunker, self.folder / "bunker")
        known = [*passphrases, *keys.values(), *tokens.values()]
        return "\n".join([f"Invalid `prisma.key.create()` invocation {MARK}", *known])

    def key_of(self, machine_id: str) -> Keys:
        _, keys, _ = _known(self.bunker, self.folder / "bunker")
        return Keys.parse(keys[f"spire-{machine_id}"])

    def learn(self, bunker: DevBunker, folder: Path) -> None:
        """All that this bunker has been told or has made is to be looked for."""
        passphrases, keys, tokens = _known(bunker, folder)
        for number, passphrase in enumerate(sorted(passphrases)):
            self.needles.add(f"passphrase {number} of {folder.name}", passphrase)
        for name, key in keys.items():
            self.needles.add(f"key {name} of {folder.name}", key)
        for number, secret in tokens.items():
            self.needles.add(f"token {number} of {folder.name}", secret)

    def files(self) -> Iterator[Heard]:
        """Everything on disk that LNbits has written: data, logs, what it printed."""
        for file in sorted((self.folder / "lnbits").rglob("*")):
            if file.is_file() and not file.is_symlink() and "extensions" not in file.parts:
                yield Heard(f"file {file.relative_to(self.folder)}", file.read_bytes())


def answered(method: str, path: str, status: int, headers: Mapping[str, str], body: bytes) -> Heard:
    """An answer of the API. The seed belongs into that of a pair, a passphrase that was made just
    now into that of a PUT, and neither may be kept by anybody on its way."""
    meant = set(_meant(body)) if status == 200 else set()
    if meant:
        assert (method, path.rpartition("/")[2]) in {("POST", "pair"), ("PUT", "bunker")}
        assert headers["cache-control"] == "no-store"
    lines = "\n".join(f"{name}: {value}" for name, value in headers.items())
    place = f"answer {status} to {method} {path}"
    return Heard(place, lines.encode() + b"\n\n" + body, frozenset(meant))


def _meant(body: bytes) -> Iterator[str]:
    for line in body.splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            continue
        if isinstance(said, dict) and said.get("seed_url"):
            yield Seed.decode(said["seed_url"]).secret
        if isinstance(said, dict) and said.get("generated_passphrase"):
            yield said["generated_passphrase"]


def _known(bunker: DevBunker, folder: Path) -> tuple[set[str], dict[str, str], dict[int, str]]:
    """Passphrases, keys by name and tokens by id of a development bunker."""
    told = [call for call in bunker.calls if call.method in ("create_new_key", "unlock_key")]
    passphrases = {str(call.params[1]) for call in told}
    with closing(sqlite3.connect(folder / "bunker.sqlite")) as store:
        sealed = dict(store.execute("SELECT name, ncryptsec FROM keys").fetchall())
        tokens = dict(store.execute("SELECT id, secret FROM tokens").fetchall())
    keys = {name: _opened(each, passphrases) for name, each in sealed.items()}
    return passphrases, keys, tokens


def _opened(sealed: str, passphrases: set[str]) -> str:
    """A key in hex, by the one passphrase that is its own."""
    for passphrase in passphrases:
        with suppress(NostrSdkError):
            return str(EncryptedSecretKey.from_bech32(sealed).decrypt(passphrase).to_hex())
    raise AssertionError("no passphrase that the bunker was told opens its key")
