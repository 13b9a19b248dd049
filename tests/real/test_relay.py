"""The whole life of a pairing over a running relay, and what that relay can do.

`make test-relay RELAY=ws://…` names it; LNbits and the bunker are our own. Without, the same is
done with the development relay, so that it is known to work.
"""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from spirekeeper.devkit.relay_kinds import RelayKind
from support.host import Host, NamedRelay
from support.own_bunker import own_bunker
from support.relay_life import whole_life
from support.relay_survey import Finding, survey
from support.relay_talk import PATIENCE_S, of_kind

# LNbits' start takes it out of the environment.
GIVEN = os.environ.get("SPIREKEEPER_TEST_OVER")
PATIENCE_GIVEN_S = 3.0


@pytest.fixture
async def over(host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Host]:
    """The host, with a bunker on the relay that was named."""
    relay = NamedRelay(GIVEN) if GIVEN else host.relay
    async with own_bunker(host, tmp_path, monkeypatch, relay, anywhere=bool(GIVEN)) as own:
        yield own


async def test_what_it_can_do(host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    if GIVEN:
        _print(capsys, await survey(GIVEN, PATIENCE_GIVEN_S))
        return
    found = dict(await survey(host.relay.url, PATIENCE_S))
    assert found["serves each filter of a REQ"] == "yes"
    assert found["keeps ephemeral events"] == "no"
    assert found["subscriptions of a connection"] == "300 or more"


@pytest.mark.long
@pytest.mark.skipif(GIVEN is not None, reason="a relay was named")
async def test_what_it_cannot_do_is_told(host: Host) -> None:
    async with of_kind(RelayKind.STRICT_STRFRY, host.relay.url) as relay:
        found = dict(await survey(relay.url, PATIENCE_GIVEN_S))
    assert '"max_subscriptions": 20' in found["says of itself (NIP-11)"]
    assert found["takes an event 2 min old"] == "refused (invalid: ephemeral event expired)"
    assert found["takes an event 1 h ahead"] == "refused (invalid: created_at too late)"
    assert found["largest event, bytes"].startswith("49152, and not 65536: refused")
    assert found["subscriptions of a connection"] == "20, and not 32"
    assert found["keeps ephemeral events"] == "yes"


async def test_the_whole_life_of_a_pairing(
    over: Host, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    steps: list[str] = []
    try:
        said = await whole_life(over, tmp_path, steps.append)
        steps.append(f"of what it published the machine was told: {', '.join(sorted(said))}")
    finally:
        if GIVEN:
            _print(capsys, [(step, "yes") for step in steps])


def _print(capsys: pytest.CaptureFixture[str], found: list[Finding]) -> None:
    with capsys.disabled():
        lines = (f"  {what:66} {verdict}" for what, verdict in found)
        print("", *lines, sep="\n")  # noqa: T201 - what it was run for
