"""PyPI's nostr-relay, for real."""

from pathlib import Path

import pytest
from support import matrix, nostr_relay
from support.host import Host
from support.needed import missing
from support.own_bunker import own_bunker
from support.relay_life import whole_life

pytestmark = pytest.mark.long  # its environment takes a minute to set up, once

LARGE_ENOUGH = 1024 * 1024


@pytest.fixture(autouse=True)
def there() -> None:
    if not nostr_relay.installed():
        missing(nostr_relay.MISSING)


async def test_as_it_comes_it_takes_too_little_and_that_is_told(host: Host, tmp_path: Path) -> None:
    async with nostr_relay.nostr_relay(tmp_path) as relay:
        asked = {"relays": [relay.url], "allow_private_relays": True}
        [check] = (await host.api("POST", "/relays/check", asked)).json()
    assert check["reachable"]
    assert "refuses_events" in {each["code"] for each in check["cautions"]}


async def test_a_pairing_lives_over_it_once_it_takes_large_events(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    matrix.note_relay(request.node, "PyPI's nostr-relay 1.14, the real one")
    async with (
        nostr_relay.nostr_relay(tmp_path, max_event_size=LARGE_ENOUGH) as relay,
        own_bunker(host, tmp_path, monkeypatch, relay) as own,
    ):
        assert await whole_life(own, tmp_path) == {"taken"}
