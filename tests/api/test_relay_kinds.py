"""A pairing lives over each kind of relay that people have."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from spirekeeper.devkit.relay_kinds import RelayKind
from support import matrix
from support.host import Host
from support.own_bunker import own_bunker
from support.relay_life import whole_life
from support.relay_talk import of_kind

TOO_SMALL = RelayKind.NOSTR_RELAY
"""It takes events of 4 KiB, which a bunker's answers soon outgrow."""

SAYS = {
    RelayKind.NOSTRCLIENT: "sent, and not confirmed",
    RelayKind.OTHER_OK: "sent, and not confirmed",
    RelayKind.FALSE_OK: "sent, and refused",
}
"""What a machine is told of an event that was brought to who listens, where it is not that it was
taken."""


BY_DAY = {RelayKind.NOSTRRELAY, RelayKind.STRICT_STRFRY}
"""A life takes half a minute; over the others it is lived at night."""


@pytest.fixture(
    params=[
        pytest.param(kind, marks=[] if kind in BY_DAY else pytest.mark.long, id=kind.name)
        for kind in RelayKind
        if kind is not TOO_SMALL
    ]
)
async def over(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> AsyncIterator[Host]:
    """The host, with a bunker on a relay of that kind."""
    matrix.note_relay(request.node, request.param.value.name)
    async with (
        of_kind(request.param, host.relay.url) as relay,
        own_bunker(host, tmp_path, monkeypatch, relay) as own,
    ):
        yield own


async def test_the_whole_life_of_a_pairing(
    over: Host, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    kind = request.node.callspec.params["over"]
    assert await whole_life(over, tmp_path) == {SAYS.get(kind, "taken")}


async def test_one_that_takes_too_little_is_told_of(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is made: beside the relay, and among the hazards of the bunker."""
    async with (
        of_kind(TOO_SMALL, host.relay.url) as relay,
        own_bunker(host, tmp_path, monkeypatch, relay) as own,
    ):
        asked = {"relays": [relay.url], "allow_private_relays": True}
        [check] = (await own.api("POST", "/relays/check", asked)).json()
        assert check["reachable"]
        assert "refuses_events" in {each["code"] for each in check["cautions"]}
        status = (await own.api("GET", "/bunker", as_=own.superuser)).json()
        assert "relay_takes_little" in {each["code"] for each in status["hazards"]}
