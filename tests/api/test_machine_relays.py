"""Which relays a pairing begins with: what the operator used last, or what the superuser names."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from support.host import Caller, Host

RELAY = "wss://relay.example.com"
NOTHING = {"relays": [], "allow_private_relays": False}


@pytest.fixture(autouse=True)
async def restored(host: Host) -> AsyncIterator[None]:
    """The connection of the environment is in force again afterwards."""
    yield
    await host.api("DELETE", "/bunker?force=true", as_=host.superuser)


async def begins_with(host: Host, as_: Caller) -> Any:
    return (await host.api("GET", "/bunker", as_=as_)).json()["pair_relays"]


async def name(host: Host, **data: Any) -> None:
    body = {"bunker_url": host.bunker.url, "force": True, **data}
    answer = await host.api("PUT", "/bunker", body, as_=host.superuser)
    assert answer.status_code == 200, answer.text


async def test_the_superuser_names_them_for_who_has_paired_nothing(
    host: Host, newcomer: Caller
) -> None:
    """By their names alone, or the bunker's own, which are else told to nobody."""
    assert (await begins_with(host, newcomer))["relays"] == []
    await name(host, machine_relays=["Relay.example.com", f"{RELAY}/", "b.example/x"])
    named = [RELAY, "wss://b.example/x"]
    assert await begins_with(host, newcomer) == {"relays": named, "allow_private_relays": False}
    status = (await host.api("GET", "/bunker", as_=host.superuser)).json()
    assert (status["machine_relays"], status["bunker_relays_for_machines"]) == (named, False)
    theirs = (await host.api("GET", "/bunker", as_=newcomer)).json()
    assert (theirs["machine_relays"], theirs["bunker_relays_for_machines"]) == (None, None)

    await name(
        host,
        machine_relays=named,
        bunker_relays_for_machines=True,
        allow_private_relays=True,
    )
    own = {"relays": [host.relay.url], "allow_private_relays": True}
    assert await begins_with(host, newcomer) == own


async def test_the_environment_names_them_too(
    host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPIREKEEPER_MACHINE_RELAYS", f"relay.example.com, {RELAY}/x")
    assert (await begins_with(host, newcomer))["relays"] == [RELAY, f"{RELAY}/x"]
    monkeypatch.setenv("SPIREKEEPER_BUNKER_RELAYS_FOR_MACHINES", "true")
    assert (await begins_with(host, newcomer))["relays"] == [host.relay.url]
    monkeypatch.setenv("SPIREKEEPER_MACHINE_RELAYS", "https://relay.example.com")
    told = (await host.api("GET", "/bunker", as_=host.superuser)).json()["wrong_settings"]
    assert told[0]["variable"] == "SPIREKEEPER_MACHINE_RELAYS"
    assert "relay.example.com" not in str(told[0]).replace(RELAY, "")


async def test_what_an_operator_used_last_is_remembered(
    host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one that was down, but no call that was refused; nobody else's."""
    from spirekeeper.clock import utc_now
    from spirekeeper.store import last_relays

    another = await host.newcomer(f"{newcomer.username}b")
    path = f"/machines/{await host.add_machine(newcomer)}/pair"
    relays = [f"{host.relay.url}/?a=1&b=2", "ws://127.0.0.1:9"]
    for tried, status in ((relays, 200), (["ws://127.0.0.1:9"], 503), (["https://a.example"], 400)):
        body = host.pair_request(relays=tried)
        assert (await host.api("POST", path, body, as_=newcomer)).status_code == status
    used = [f"{host.relay.url}?a=1&b=2", "ws://127.0.0.1:9"]
    assert await begins_with(host, newcomer) == {"relays": used, "allow_private_relays": True}
    assert (await begins_with(host, another))["relays"] == []
    monkeypatch.setenv("SPIREKEEPER_ALLOW_PRIVATE_RELAYS", "false")
    assert (await begins_with(host, newcomer))["allow_private_relays"] is False
    now = utc_now()
    await last_relays.forget(now - timedelta(days=1))
    assert (await begins_with(host, newcomer))["relays"] == used
    await last_relays.forget(now + timedelta(days=1))
    assert await begins_with(host, newcomer) == NOTHING


async def test_a_relay_may_be_named_without_its_scheme(host: Host, newcomer: Caller) -> None:
    """An encrypted one is meant, and what holds for that holds for it."""

    async def code(relay: str, *, private: bool, as_: Caller = newcomer) -> Any:
        body = {"relays": [relay], "allow_private_relays": private}
        [check] = (await host.api("POST", "/relays/check", body, as_=as_)).json()
        return check["code"]

    here = host.relay.url.removeprefix("ws://")
    assert await code(here, private=False) == "private"
    assert await code(here, private=True) == "silent"
    assert await code("relay.example.com:notaport", private=False) == "malformed"
    path = f"/machines/{await host.add_machine(newcomer)}/pair"
    answer = await host.api("POST", path, host.pair_request(relays=[here]), as_=newcomer)
    assert answer.json()["code"] == "no_relay"


async def test_the_superuser_tries_private_relays_before_they_are_allowed(
    host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPIREKEEPER_ALLOW_PRIVATE_RELAYS", "false")
    body = {"relays": [host.relay.url], "allow_private_relays": True}
    for caller, reachable in ((host.superuser, True), (newcomer, False)):
        [check] = (await host.api("POST", "/relays/check", body, as_=caller)).json()
        assert check["reachable"] is reachable
