"""A second client of a machine's key that does not want to be noticed."""

import json
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from nostr_sdk import Keys
from support.heard import Connected, connected, machine_row, pairing_state, scanned
from support.host import Host
from support.raw_parties import RawAdmin
from support.raw_wire import RawClient
from support.requests_made import request_to
from support.watching import NEVER, until, watching


async def second_client(host: Host, admin_keys: Keys, machine: Connected) -> Keys:
    """Of the same key, by a token that was not made here."""
    second = Connected(host, machine.id, machine.pubkey, Keys.generate())
    async with RawClient(host.relay.url, admin_keys) as client:
        admin = RawAdmin(client, host.bunker)
        policies = await admin.call("get_policies")
        token = {"client_name": "elsewhere"}
        secret = await admin.make_token(f"spire-{machine.id}", policies[0]["id"], **token)
    assert await second.ask("connect", machine.pubkey, secret) == "ack"
    return second.keys


EVASIONS: dict[str, dict[str, Any]] = {
    "a decoy before": {"decoys": 1},
    "sixteen decoys": {"decoys": 16},
    "more than any request has": {"decoys": 100, "after": 100},
    "more than is read": {"decoys": 300, "after": 10},
    "a long request": {"long": True},
    "an old request": {"ago": 86_400},
    "one from next week": {"ago": -7 * 86_400},
}


def said(evasion: str, by: Keys, machine: Connected) -> str:
    how = dict(EVASIONS[evasion])
    params = ["x" * 20_000] if how.pop("long", False) else []
    return request_to(machine.pubkey, by, *params, **how)


async def flagged(machine: Connected) -> bool:
    return bool((await machine_row(machine.id)).flag == "second_client")


@pytest.mark.parametrize("evasion", EVASIONS)
async def test_however_it_speaks_it_is_noticed(host: Host, host_admin: Keys, evasion: str) -> None:
    machine = await connected(host)
    second = await second_client(host, host_admin, machine)
    async with watching(), RawClient(host.relay.url) as anybody:

        async def noticed() -> bool:
            await anybody.publish(said(evasion, second, machine))
            return await flagged(machine)

        await until(noticed)


async def test_it_cannot_hide_among_strangers(host: Host, host_admin: Keys) -> None:
    """They come first, more of them than are kept; and it speaks once."""
    from spirekeeper.upkeep.sightings import MOST_SUSPECTS

    machine, sentinel = await connected(host), await connected(host)
    second = await second_client(host, host_admin, machine)
    async with watching(CHECK_DELAY=3.0), RawClient(host.relay.url) as anybody:
        await sentinel.show_up()
        for _ in range(MOST_SUSPECTS + 5):
            await anybody.publish(request_to(machine.pubkey, Keys.generate()))
        await anybody.publish(request_to(machine.pubkey, second))
        await until(lambda: flagged(machine))


async def test_strangers_alone_flag_nobody_however_many(host: Host) -> None:
    from spirekeeper.upkeep.sightings import MOST_SUSPECTS

    machine, sentinel = await connected(host), await connected(host)
    async with watching(), RawClient(host.relay.url) as anybody:
        await sentinel.show_up()
        before = len([c for c in host.bunker.calls if c.method == "get_key_users"])
        strangers = [request_to(machine.pubkey, Keys.generate()) for _ in range(MOST_SUSPECTS + 5)]
        strangers.append(request_to(machine.pubkey, Keys.generate(), "x" * 20_000))

        async def looked_at() -> bool:
            for stranger in strangers:
                await anybody.publish(stranger)
            calls = [c for c in host.bunker.calls if c.method == "get_key_users"]
            return len(calls) > before + 1

        await until(looked_at)
        assert not await flagged(machine)


async def test_it_is_not_forgotten_while_the_bunker_is_away(
    host: Host, host_admin: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It speaks once, just then."""
    from spirekeeper.errors import NoBunker
    from spirekeeper.upkeep import relay_watch

    machine, sentinel = await connected(host), await connected(host)
    second = await second_client(host, host_admin, machine)
    open_bunker, tries = relay_watch.open_bunker, iter(range(2))

    async def away_at_first() -> Any:
        if next(tries, None) is not None:
            raise NoBunker("away")
        return await open_bunker()

    async with watching(), RawClient(host.relay.url) as anybody:
        await sentinel.show_up()
        monkeypatch.setattr(relay_watch, "open_bunker", away_at_first)
        await anybody.publish(request_to(machine.pubkey, second))
        await until(lambda: flagged(machine))


@pytest.mark.parametrize("evasion", EVASIONS)
async def test_however_it_is_scanned_it_is_noticed(host: Host, evasion: str) -> None:
    """A scan that nobody was told of, by a client that then speaks so."""
    machine = await scanned(host)
    async with watching(ANSWERED_DELAY=NEVER), RawClient(host.relay.url) as anybody:

        async def noticed() -> bool:
            await anybody.publish(said(evasion, machine.keys, machine))
            return await pairing_state(machine.id) == "redeemed"

        await until(noticed)


# As text, before it is read


@pytest.fixture
def sightings(host: Host) -> Any:
    """Of one key with one client; `.checked` is the keys whose users are to be asked for."""
    from spirekeeper.upkeep.sightings import Sightings
    from spirekeeper.upkeep.watched_keys import WatchedKey, WatchedKeys

    assert host
    checked: list[str] = []
    heard = Sightings(
        lambda: datetime.now(timezone.utc),
        hint=lambda *_: None,
        suspect=lambda key: checked.append(key.pubkey),
    )
    client = CLIENT.public_key().to_hex()
    heard.watch(WatchedKeys([WatchedKey("m", "k", SPIRE, (client,), (client,), False, (), "o")]))
    heard.checked = checked
    return heard


CLIENT, STRANGER = Keys.generate(), Keys.generate()
SPIRE = Keys.generate().public_key().to_hex()
LONG = "x" * 20_000


def escaped(event: str) -> str:
    """The same event, its key written so that no text of it is the key's."""
    return event.replace(SPIRE, "".join(f"\\u{ord(digit):04x}" for digit in SPIRE))


@pytest.mark.parametrize("written", [str, escaped])
def test_a_key_is_found_however_it_is_written(
    sightings: Any, written: Callable[[str], str]
) -> None:
    text = written(request_to(SPIRE, STRANGER))
    assert sightings.may_matter(text)
    sightings.hear(json.loads(text))
    assert sightings.checked == [SPIRE]
    assert sightings.take_suspects(SPIRE).may_be(STRANGER.public_key().to_hex())


@pytest.mark.parametrize("written", [str, escaped])
def test_what_is_too_long_to_be_read_counts_for_all_users(
    sightings: Any, written: Callable[[str], str]
) -> None:
    assert not sightings.may_matter(written(request_to(SPIRE, STRANGER, LONG)))
    assert sightings.checked == [SPIRE]
    assert sightings.take_suspects(SPIRE).anybody


def test_a_long_request_of_the_machines_own_client_is_nobodys(sightings: Any) -> None:
    assert not sightings.may_matter(request_to(SPIRE, CLIENT, LONG))
    assert sightings.checked == []


def test_what_names_no_key_of_ours_is_not_read(sightings: Any) -> None:
    other = Keys.generate().public_key().to_hex()
    assert not sightings.may_matter(request_to(other, STRANGER))
    text = json.loads(request_to(other, STRANGER))
    assert not sightings.may_matter(json.dumps({**text, "content": json.dumps([SPIRE])}))
