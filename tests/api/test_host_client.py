"""What an LNbits build brings of its own is used where it binds; a stand-in plays such a build."""

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from loguru import logger
from support.host import Host
from support.redeeming import redeem


@pytest.fixture
def build(host: Host, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType("lnbits.core.stand_in")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module


def stand_in(build: ModuleType, **methods: Any) -> type:
    from spirekeeper.bunker.client import NsecBunkerAdminClient

    theirs = type("NsecBunkerAdminClient", (NsecBunkerAdminClient,), methods)
    vars(build)["NsecBunkerAdminClient"] = theirs
    return theirs


def start() -> list[str]:
    from spirekeeper.upkeep import host_roster

    lines: list[str] = []
    sink = logger.add(lambda line: lines.append(str(line)), format="{level} {message}")
    host_roster.start()
    logger.remove(sink)
    return lines


async def test_stock_lnbits_has_neither(host: Host) -> None:
    from spirekeeper.bunker.client import NsecBunkerAdminClient
    from spirekeeper.connection import host_client

    assert host_client.admin_client() is NsecBunkerAdminClient
    [line] = start()
    assert line.startswith("INFO spirekeeper uses its own bunker client; roster resolver not")


async def test_a_client_that_binds_is_used(host: Host, build: ModuleType) -> None:
    from spirekeeper.connection import open_bunker

    theirs = stand_in(build)
    await open_bunker.close_bunker()
    assert isinstance((await open_bunker.open_bunker()).admin, theirs)
    await host.pair(await host.add_machine())
    assert "uses the host's bunker client" in start()[0]
    await open_bunker.close_bunker()


def of_its_own(asked: list[str]) -> type:
    """A client that has our calls and nothing else of ours; tells what else it is asked for."""
    from spirekeeper.bunker.client import NsecBunkerAdminClient
    from spirekeeper.bunker.interface import BunkerAdmin

    def call(name: str) -> Callable[..., Any]:
        async def ask(self: Any, *args: Any, **kwargs: Any) -> Any:
            return await getattr(self._inner, name)(*args, **kwargs)

        return ask

    def begin(self: Any, **how: Any) -> None:
        self._inner = NsecBunkerAdminClient(**how)

    def missing(_: Any, name: str) -> Any:
        asked.append(name)
        raise AttributeError(name)

    calls = {name: call(name) for name in vars(BunkerAdmin) if name[0] != "_"}
    return type("NsecBunkerAdminClient", (), {"__init__": begin, "__getattr__": missing, **calls})


async def test_no_more_of_it_is_used_than_binds(host: Host, build: ModuleType) -> None:
    """Its own policy helper, above all, is never called; which clock it goes by is looked for."""
    from spirekeeper.connection import open_bunker

    asked: list[str] = []
    theirs = vars(build)["NsecBunkerAdminClient"] = of_its_own(asked)
    await open_bunker.close_bunker()
    assert isinstance((await open_bunker.open_bunker()).admin, theirs)
    machine_id = await host.add_machine()
    await redeem(host, (await host.pair(machine_id))["seed_url"])
    assert (await host.pairing(machine_id))["state"] == "paired"
    status = await host.api("GET", "/bunker", as_=host.superuser)
    assert status.json()["reachable"]
    report = await host.api("POST", "/bunker/reconcile", as_=host.superuser)
    assert report.status_code == 200, report.text
    revoked = (await host.api("POST", f"/machines/{machine_id}/revoke")).json()
    assert (revoked["bunker"], revoked["revoked_count"]) == ("done", 1)
    await open_bunker.close_bunker()
    assert set(asked) == {"keys_size", "seconds_ahead"}


async def fewer(self: Any, key_name: str) -> None: ...
async def renamed(self: Any, key: str, client: str, policy: str, duration_hours: int) -> None: ...
def not_async(self: Any, key_name: str, client_name: str, policy_id: str, hours: Any) -> None: ...


@pytest.mark.parametrize("create_new_token", [fewer, renamed, not_async, None])
async def test_one_that_does_not_bind_is_not(
    build: ModuleType, create_new_token: Callable[..., Any] | None
) -> None:
    from spirekeeper.bunker.client import NsecBunkerAdminClient
    from spirekeeper.connection import host_client

    stand_in(build, create_new_token=create_new_token)
    assert host_client.admin_client() is NsecBunkerAdminClient
    assert "uses its own bunker client" in start()[0]


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
