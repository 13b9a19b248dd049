"""LNbits in processes of its own, which can be killed, with a relay and a development bunker."""

import asyncio
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from nostr_sdk import EncryptedSecretKey, Keys
from spirekeeper.devkit.house import PASSPHRASE, UNLIMITED, HouseHere
from spirekeeper.seed import Seed
from support.host import DCA, Caller, first_install, register
from support.redeeming import redeem
from support.stored_rows import all_of_postgres, in_postgres, in_sqlite
from support.truth import Here, There, bunker_has_of_made_keys, bunkers_file

PATIENCE = 60.0


@dataclass
class Subject:
    """One machine of an operator, and the client keys that play it."""

    owner: Caller
    machine_id: str
    client: Keys = field(default_factory=Keys.generate)
    """Connects first."""
    newcomer: Keys = field(default_factory=Keys.generate)
    """Redeems a newer seed."""
    seeds: list[Seed] = field(default_factory=list)


class World(HouseHere):
    """`servers` LNbits over one database: SQLite in `folder`, or the PostgreSQL at `database`.

    Inside the context everything runs, and `operator` is logged in.
    """

    operator: Caller
    superuser: Caller

    def __init__(
        self, folder: Path, *, servers: int = 1, database: str | None = None, **environment: str
    ) -> None:
        shared = {"LNBITS_DATABASE_URL": database} if database else {}
        super().__init__(
            folder,
            ports=[0] * servers,
            environment={
                "AUTH_SECRET_KEY": "the secret of the tests of kills",
                **UNLIMITED,
                **shared,
                **environment,
            },
            bunker_options={"refusal_delay": 0.05},
        )
        self.logs: list[bytes] = []
        """Of the processes that have ended."""
        self.subjects: list[Subject] = []
        self.kills = 0
        self._numbers = count(1)
        self._database = database
        self._http: list[httpx.AsyncClient] = []

    async def _move_in(self) -> None:
        for lnbits in self.servers:
            http = httpx.AsyncClient(
                base_url=lnbits.base_url,
                trust_env=False,
                timeout=10 * PATIENCE,
                # A connection that is used again may just be closed by the other side.
                limits=httpx.Limits(max_keepalive_connections=0),
            )
            self._http.append(await self._running.enter_async_context(http))
        self.superuser = await first_install(self._http[0])
        for later in self.servers[1:]:  # it knows of the superuser then
            await later.start()
        self.operator = await self.new_operator()
        self._running.callback(self.bunker.levers.normal)

    async def new_operator(self) -> Caller:
        return await register(self._http[0], f"operator{next(self._numbers)}")

    async def kill(self, server: int = 0) -> None:
        await self.servers[server].kill()
        self.kills += 1
        self.logs.append(self.servers[server].log.read_bytes())

    async def restart(self, server: int = 0) -> None:
        await self.servers[server].start()

    # Asking

    async def ask(
        self, caller: Caller, method: str, path: str, body: Any = None, *, server: int = 0
    ) -> httpx.Response | None:
        """None: the process was killed before it had answered."""
        try:
            return await self._http[server].request(
                method, DCA + path, json=body, headers=caller.headers
            )
        except (httpx.NetworkError, httpx.RemoteProtocolError):
            return None

    async def about(
        self, subject: Subject, method: str, path: str = "", body: Any = None, *, server: int = 0
    ) -> httpx.Response | None:
        path = f"/machines/{subject.machine_id}{path}"
        answer = await self.ask(subject.owner, method, path, body, server=server)
        if answer is not None and path.endswith("/pair") and answer.status_code == 200:
            subject.seeds.append(Seed.decode(answer.json()["seed_url"]))
        return answer

    async def told(
        self, subject: Subject, method: str, path: str = "", body: Any = None, *, server: int = 0
    ) -> Any:
        """The answer, of a process that lives and does as it is told."""
        answer = await self.about(subject, method, path, body, server=server)
        assert answer is not None
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def add(self, owner: Caller | None = None) -> Subject:
        caller = owner or self.operator
        answer = await self.ask(caller, "POST", "/machines", {"name": "North"})
        assert answer is not None
        assert answer.status_code == 201, answer.text
        self.subjects.append(Subject(caller, answer.json()["id"]))
        return self.subjects[-1]

    async def pair(self, subject: Subject, **data: Any) -> None:
        await self.told(subject, "POST", "/pair", self.pair_request(**data))

    async def redeem(self, subject: Subject, keys: Keys, *, server: int = 0) -> None:
        """Connects with the newest seed, and waits until LNbits has noticed."""
        assert (await redeem(self, subject.seeds[-1], keys))["result"] == "ack"
        await asyncio.wait_for(self._noticed(subject, keys, server), PATIENCE)

    async def _noticed(self, subject: Subject, keys: Keys, server: int) -> None:
        while True:
            pairing = (await self.told(subject, "GET", "/pairing", server=server))["pairing"]
            if pairing["client_pubkey"] == keys.public_key().to_hex():
                return

    async def connect(self, subject: Subject) -> None:
        await self.pair(subject)
        await self.redeem(subject, subject.client)

    # What there is

    async def here(self) -> Here:
        if self._database is not None:
            return await in_postgres(self._database)
        return in_sqlite(self.lnbits.folder / "data")

    async def stored(self) -> dict[str, bytes]:
        """Our database as it is, by the name of what it is in."""
        if self._database is not None:
            return {"PostgreSQL": await all_of_postgres(self._database)}
        files = (self.lnbits.folder / "data").glob("ext_spirekeeper.sqlite3*")
        return {file.name: file.read_bytes() for file in files}

    def there(self) -> There:
        return bunker_has_of_made_keys(self.folder / "bunker")

    def live_clients(self, subject: Subject) -> set[str]:
        """The client keys that the bunker lets use any key of this machine."""
        return {
            user["pubkey"]
            for user in self.there().users
            if user["revoked_at"] is None and _is_of(user["key_name"], subject.machine_id)
        }

    def is_about(self, subject: Subject, method: str, params: list[Any]) -> bool:
        """Whether an admin call names a key of this machine, or a user of one."""
        if not params:
            return False
        if method != "revoke_user":
            return _is_of(str(params[0]), subject.machine_id)
        users = self.there().users
        return any(
            str(user["id"]) == str(params[0]) and _is_of(user["key_name"], subject.machine_id)
            for user in users
        )

    def key_pubkeys(self) -> dict[str, str]:
        """The bunker's keys, as they would be after its restart."""
        with bunkers_file(self.folder / "bunker") as database:
            sealed = dict(database.execute("SELECT name, ncryptsec FROM keys").fetchall())
        opened = {
            name: EncryptedSecretKey.from_bech32(text).decrypt(PASSPHRASE)
            for name, text in sealed.items()
        }
        return {name: Keys(secret).public_key().to_hex() for name, secret in opened.items()}


def _is_of(key_name: str, machine_id: str) -> bool:
    return key_name.startswith(f"spire-{machine_id}")
