"""A relay that a pairing names, dialled again later, when its name leads elsewhere."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.certificates import certify
from support.host import Host
from support.stored_here import all_pairings
from support.watching import until, watching
from system.input.guarded_net import PUBLIC, GuardedNet
from system.input.tls_front import passed_on_to, tls_front

NAME = "paired.example.com"
INSIDE = "10.1.2.3"
FAR = {"relays": [f"wss://{NAME}"], "allow_private_relays": False}


@pytest.fixture
async def far_relay(
    host: Host, net: GuardedNet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[GuardedNet]:
    """The host's relay, to be had at a public address too, where no private one may be named."""
    certificate = certify(tmp_path, NAME)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setenv("SPIREKEEPER_ALLOW_PRIVATE_RELAYS", "false")
    async with tls_front(certificate, passed_on_to(host.relay.port)) as port:
        net.names[NAME] = [[PUBLIC]]
        net.routes[PUBLIC] = port
        yield net


@pytest.fixture
async def machine_id(
    host: Host, far_relay: GuardedNet, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[str]:
    """A machine with a seed that names the far relay; it is not probed unasked."""
    from spirekeeper import pairing

    assert far_relay
    monkeypatch.setattr(pairing, "check_listening_later", lambda _machine, _clock: None)
    machine_id = await host.add_machine()
    await host.pair(machine_id, **FAR)
    await host.bunker.listening()
    yield machine_id
    assert (await host.api("DELETE", f"/machines/{machine_id}")).status_code == 200


async def bunker_listens(machine_id: str) -> bool | None:
    from spirekeeper import crud
    from spirekeeper.clock import utc_now
    from spirekeeper.steps import listening

    machine = await crud.get_machine(machine_id)
    assert machine
    await listening.check_listening(machine, utc_now)
    [pairing] = await all_pairings([machine_id])
    heard: bool | None = pairing.bunker_listens
    return heard


async def test_the_listening_probe_goes_only_where_the_name_may_lead(
    far_relay: GuardedNet, machine_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper.steps import listening

    assert await bunker_listens(machine_id) is True

    monkeypatch.setattr(listening, "LISTEN_SECONDS", 1.0)
    far_relay.connected.clear()
    far_relay.names[NAME] = [[PUBLIC, INSIDE]]
    assert await bunker_listens(machine_id) is False
    far_relay.names[NAME] = [[INSIDE]]
    assert await bunker_listens(machine_id) is False
    assert INSIDE not in far_relay.addresses()


async def test_a_burn_goes_only_where_the_name_may_lead(
    host: Host, far_relay: GuardedNet, machine_id: str
) -> None:
    """The bunker's own relay is the superuser's, so the burn is done over that."""
    far_relay.names[NAME] = [[INSIDE]]
    answer = await host.api("DELETE", f"/machines/{machine_id}/pairing")
    assert answer.json() == {"bunker": "done", "revoked_count": 0, "burned_count": 1}
    assert far_relay.asked[NAME] > 1
    assert INSIDE not in far_relay.addresses()


async def test_a_burn_uses_the_pairings_relay_while_its_name_leads_there(
    host: Host, far_relay: GuardedNet, machine_id: str
) -> None:
    far_relay.connected.clear()
    answer = await host.api("DELETE", f"/machines/{machine_id}/pairing")
    assert answer.json()["burned_count"] == 1
    assert PUBLIC in far_relay.addresses()


async def test_the_watch_goes_only_where_the_name_may_lead(
    far_relay: GuardedNet, machine_id: str
) -> None:
    async def asked_again() -> bool:
        return far_relay.asked[NAME] > before + 1

    assert machine_id
    far_relay.names[NAME] = [[INSIDE]]
    before = far_relay.asked[NAME]
    async with watching():
        await until(asked_again)
    assert INSIDE not in far_relay.addresses()
