"""What an LNbits build brings of its own is used where it binds; a stand-in plays such a build."""

import json
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, ClassVar

import pytest
from loguru import logger
from nostr_sdk import Keys
from spirekeeper.devkit.bunker import DevBunker, Lineage
from support.host import Host
from support.own_bunker import OwnBunker
from support.raw_parties import RawAdmin
from support.raw_wire import RawClient
from support.redeeming import redeem


@pytest.fixture
def build(host: Host, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType("lnbits.core.stand_in")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module


def start() -> list[str]:
    from spirekeeper.upkeep import host_roster

    lines: list[str] = []
    sink = logger.add(lambda line: lines.append(str(line)), format="{level} {message}")
    host_roster.start()
    logger.remove(sink)
    return lines


class NsecBunkerError(Exception):
    """A host's own."""


class NsecBunkerAdminClient:
    """A host's, by what is publicly known of it: the names of its calls, and how they are made."""

    relay = ""
    bunker: DevBunker
    made = 0
    called: ClassVar[list[str]] = []

    @classmethod
    def from_settings(cls) -> "NsecBunkerAdminClient":
        cls.made += 1
        return cls()

    async def __aenter__(self) -> "NsecBunkerAdminClient":
        self._client = RawClient(self.relay)
        await self._client.__aenter__()
        self.bunker.admins.append(self._client.pubkey)
        self._admin = RawAdmin(self._client, self.bunker)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.__aexit__()

    async def _call(self, method: str, *params: Any) -> Any:
        self.called.append(method)
        return await self._admin.call(method, *params)

    async def create_new_key(self, name: str, passphrase: str) -> Any:
        return (await self._call("create_new_key", name, passphrase))["npub"]

    async def create_new_token(
        self, key_name: str, client_name: str, policy_id: int, duration_hours: int | None = None
    ) -> Any:
        hours = [] if duration_hours is None else [duration_hours]
        return await self._call("create_new_token", key_name, client_name, policy_id, *hours)

    async def add_policy_rule(self, policy_id: int, method: str, kind: int | None = None) -> Any:
        told = {"method": method, **({} if kind is None else {"kind": kind})}
        body = {"policyId": int(policy_id), "rule": told}
        return await self._call("add_policy_rule", json.dumps(body))

    async def get_key_tokens(self, key_name: str) -> Any:
        raise AssertionError("what decides is read by our own client")

    async def get_key_users(self, key_name: str) -> Any:
        raise AssertionError("what decides is read by our own client")

    async def revoke_key_user(self, key_name: str) -> int:
        users = await self._call("get_key_users", key_name)
        for user in users:
            await self._call("revoke_user", str(user["id"]))
        return len(users)


Theirs = type[NsecBunkerAdminClient]


@pytest.fixture
async def theirs(own: OwnBunker, build: ModuleType) -> AsyncIterator[tuple[Host, Theirs]]:
    """A host with such a client, set up for the bunker in force."""
    from spirekeeper.connection.open_bunker import close_bunker

    async with own(lineage=Lineage.LIVE_POLICY) as house:
        stand_in = type("NsecBunkerAdminClient", (NsecBunkerAdminClient,), {})
        stand_in.relay, stand_in.bunker, stand_in.called = house.relay.url, house.bunker, []
        vars(build)["NsecBunkerAdminClient"] = stand_in
        with named_by_the_host(house.bunker.url):
            yield house, stand_in
        await close_bunker()


@contextmanager
def named_by_the_host(url: str | None) -> Iterator[None]:
    """A setting that stock LNbits does not have."""
    from lnbits.settings import settings

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(vars(settings), "lnbits_nsec_bunker_url", url)
        yield


async def whole_life(house: Host) -> None:
    """Paired, connected, revoked."""
    machine_id = await house.add_machine()
    seed = await house.pair(machine_id)
    await redeem(house, seed["seed_url"])
    assert (await house.pairing(machine_id))["state"] == "paired"
    revoked = (await house.api("POST", f"/machines/{machine_id}/revoke")).json()
    assert (revoked["bunker"], revoked["revoked_count"]) == ("done", 1)


async def test_stock_lnbits_has_neither(host: Host) -> None:
    from spirekeeper.connection import host_client

    assert host_client.host_client() is None
    [line] = start()
    assert line.startswith("INFO spirekeeper uses its own bunker client; roster resolver not")


async def test_the_hosts_client_makes_keys_and_tokens_and_revokes(
    theirs: tuple[Host, Theirs],
) -> None:
    house, stand_in = theirs
    await whole_life(house)
    assert stand_in.made == 1
    assert stand_in.called == [
        "create_new_key",
        "create_new_token",
        "get_key_users",
        "revoke_user",
    ]
    status = (await house.api("GET", "/bunker", as_=house.superuser)).json()
    assert status["reachable"], status["problem"]
    report = await house.api("POST", "/bunker/reconcile", as_=house.superuser)
    assert report.status_code == 200, report.text
    [line] = start()
    for call in ("create_new_key", "create_new_token", "add_policy_rule", "revoke_key_user"):
        assert call in line


async def test_a_policy_is_corrected_through_it(theirs: tuple[Host, Theirs]) -> None:
    from spirekeeper.connection.open_bunker import open_bunker

    house, stand_in = theirs
    await whole_life(house)
    admin = (await open_bunker()).admin
    [policy] = await admin.policies()
    rule = next(iter(policy.rules))
    await admin.remove_policy_rule(policy.rule_ids[rule])
    await house.api("POST", "/bunker/reconcile", as_=house.superuser)
    assert stand_in.called[-1] == "add_policy_rule"
    assert (await admin.policies())[0].rules == policy.rules


async def fewer(self: Any, key_name: str) -> None: ...
async def renamed(self: Any, key: str, client: str, policy: str, hours: int) -> None: ...
async def reordered(self: Any, policy: str, key: str, client: str, duration_hours: int) -> None: ...
def not_async(self: Any, key: str, client: str, policy: str, duration_hours: int) -> None: ...


@pytest.mark.parametrize("create_new_token", [fewer, renamed, reordered, not_async, None])
async def test_a_call_that_does_not_bind_is_made_by_ours(
    theirs: tuple[Host, Theirs], create_new_token: Any
) -> None:
    house, stand_in = theirs
    stand_in.create_new_token = create_new_token
    await whole_life(house)
    assert "create_new_token" not in stand_in.called
    assert "create_new_key" in stand_in.called
    assert "create_new_token" not in start()[0]


@pytest.mark.parametrize("from_settings", [None, lambda needs_more: None])
async def test_a_class_that_cannot_be_made_is_left_alone(
    theirs: tuple[Host, Theirs], from_settings: Any
) -> None:
    house, stand_in = theirs
    stand_in.from_settings = staticmethod(from_settings) if from_settings else None
    await whole_life(house)
    assert stand_in.called == []
    assert "its own bunker client;" in start()[0]


@pytest.mark.parametrize("url", [None, "", "nonsense", "another bunker's"])
async def test_a_client_of_another_bunker_is_left_alone(
    theirs: tuple[Host, Theirs], url: str | None
) -> None:
    house, stand_in = theirs
    if url == "another bunker's":
        url = f"bunker://{Keys.generate().public_key().to_hex()}?relay=ws://127.0.0.1:9"
    with named_by_the_host(url):
        await whole_life(house)
    assert stand_in.called == []


async def test_one_that_does_not_open_is_left_alone(
    theirs: tuple[Host, Theirs], monkeypatch: pytest.MonkeyPatch
) -> None:
    house, stand_in = theirs

    async def fails(_: Any) -> None:
        raise NsecBunkerError("hunter2")

    monkeypatch.setattr(stand_in, "__aenter__", fails)
    await whole_life(house)
    assert stand_in.called == []


@pytest.mark.parametrize("call", ["create_new_key", "create_new_token"])
async def test_a_call_that_fails_is_looked_at_and_not_made_again(
    theirs: tuple[Host, Theirs], monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """It was carried out all the same: the pair goes on from there."""
    house, stand_in = theirs
    really = getattr(stand_in, call)

    async def breaks(self: Any, *args: Any, **named: Any) -> None:
        await really(self, *args, **named)
        raise NsecBunkerError("hunter2")

    async def as_theirs(
        self: Any, key_name: str, client_name: str, policy_id: int, duration_hours: Any = None
    ) -> None:
        await breaks(self, key_name, client_name, policy_id, duration_hours=duration_hours)

    async def key_as_theirs(self: Any, name: str, passphrase: str) -> None:
        await breaks(self, name, passphrase=passphrase)

    stand_ins = {"create_new_token": as_theirs, "create_new_key": key_as_theirs}
    monkeypatch.setattr(stand_in, call, stand_ins[call])
    await whole_life(house)
    made = [each.method for each in house.bunker.calls].count(call)
    assert made == 1


async def test_what_its_revoke_leaves_undone_ours_does(
    theirs: tuple[Host, Theirs], monkeypatch: pytest.MonkeyPatch
) -> None:
    house, stand_in = theirs

    async def does_nothing(self: Any, key_name: str) -> int:
        return 1

    monkeypatch.setattr(stand_in, "revoke_key_user", does_nothing)
    await whole_life(house)


async def test_the_registered_resolver_answers(host: Host, build: ModuleType) -> None:
    from spirekeeper.upkeep import host_roster

    registered: list[Any] = []
    vars(build)["register_roster_resolver"] = registered.append
    assert "roster resolver registered" in start()[0]
    [resolve] = registered
    machine_id = await host.add_machine()
    result = await host.pair(machine_id)
    await redeem(host, result["seed_url"])
    machine = (await host.api("GET", f"/machines/{machine_id}")).json()
    expected = (host.operator.user_id, machine["wallet_id"], "spirekeeper")
    assert await resolve(result["spire_pubkey"]) == expected
    for malformed in ("", "x", "g" * 64, None, 7, b"a" * 32):
        assert await resolve(malformed) is None
    host_roster.stop()
    assert await resolve(result["spire_pubkey"]) is None
    host_roster.start()


async def test_the_resolver_never_raises(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    from spirekeeper import roster
    from spirekeeper.upkeep import host_roster

    async def breaks(*_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(roster, "resolve", breaks)
    assert await host_roster.resolve("a" * 64) is None
