"""One URL of a relay at every entrance: each gives the same verdict, and what is taken is shown."""

from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import quote

import pytest
from nostr_sdk import Keys, PublicKey
from support.host import Host
from support.settings_patch import SettingsPatch

GOOD = {
    "{}": "{}",
    "{}/": "{}",
    "{}/a/": "{}/a/",
    "{}/~a+b/c?x=1&y=%7B%7D": "{}/~a+b/c?x=1&y=%7B%7D",
    "{}/%": "{}/%",
    "{}/(a)'*!$;=@:": "{}/(a)'*!$;=@:",
    "{}?a/b?c": "{}?a/b?c",
    "{}/?a/b?c": "{}?a/b?c",
    "{}/?a=1&amp;b=2": "{}?a=1&b=2",
    "{}/a/./../b": "{}/b",
    "{}/%2e%2E/b?c'd": "{}/b?c%27d",
}
"""With the address of a relay that is there: as it may be written, and as it is kept."""
BAD = [
    "{}/{{}}",
    "{}/{{x}}?y={{z}}",
    "{}/|",
    "{}/^`",
    '{}/"',
    "{}/<b>",
    "{}/\\",
    "{}/a b",
    "{}/\N{LATIN SMALL LETTER U WITH DIAERESIS}",
    "{}/#a",
    "{}/\x7f",
    "{}/\t",
    "{}/\n",
    "{}/\x00",
    "ws://",
    "ws:///path",
    "ws://:7777",
    "wss:relay.example.com",
    "https://127.0.0.1",
    "javascript:ws://127.0.0.1",
    "ws://127.0.0.1:0",
    "ws://127.0.0.1:65536",
    "ws://127.0.0.1:abc",
    "ws://user@127.0.0.1:9",
    "ws://user:password@127.0.0.1:9",
    "ws://:password@127.0.0.1:9",
    "ws://@127.0.0.1:9",
    "ws://[::1",
    "ws://::1]:9",
    "ws://{{127.0.0.1}}:9",
    "ws://a.example&amp;b",
]
LISTS = ["{},{}", "{}/, {}/", "{} {}", "{};{}", "{}|{}", "{}{}/"]
Entrance = Callable[[Host, str], Awaitable[bool]]


def as_bunker_url(host: Host, relay: str) -> str:
    return f"bunker://{host.bunker.pubkey}?relay={quote(relay, safe='')}"


async def put_bunker(host: Host, relay: str) -> bool:
    """And the status is then shown, to everybody."""
    body = {"bunker_url": as_bunker_url(host, relay), "force": True}
    answer = await host.api("PUT", "/bunker", body, as_=host.superuser)
    if answer.status_code != 200:
        return answer.status_code == 400 and raises_as_bad(answer.json()["detail"], relay)
    shown = await host.api("GET", "/bunker", as_=host.superuser)
    assert (shown.status_code, shown.json()["relays"]) == (200, [kept(host, relay)])
    assert (await host.api("GET", "/bunker")).status_code == 200
    return True


def kept(host: Host, relay: str) -> str:
    return next(
        good.format(host.relay.url)
        for written, good in GOOD.items()
        if written.format(host.relay.url) == relay
    )


def raises_as_bad(detail: str, relay: str) -> bool:
    """False; a refusal does not quote a URL, which may hold a password."""
    assert relay not in detail or relay == "ws://"
    return False


async def bunker_test(host: Host, relay: str) -> bool:
    body = {"bunker_url": as_bunker_url(host, relay)}
    answer = await host.api("POST", "/bunker/test", body, as_=host.superuser)
    assert answer.status_code in (200, 400), answer.text
    return answer.status_code == 200


async def bunkers_own_line(host: Host, relay: str) -> bool:
    npub = PublicKey.parse(host.bunker.pubkey).to_bech32()
    body = {"bunker_url": f"bunker://{npub}@{quote(relay, safe='')}"}
    answer = await host.api("POST", "/bunker/test", body, as_=host.superuser)
    assert answer.status_code in (200, 400), answer.text
    return answer.status_code == 200


async def environment(host: Host, relay: str) -> bool:
    from spirekeeper.connection import settings
    from spirekeeper.errors import SettingsWrong

    with SettingsPatch.context() as patch:
        try:
            patch.setenv("SPIREKEEPER_BUNKER_URL", as_bunker_url(host, relay))
            config = await settings.get_bunker_config()
        except SettingsWrong as error:
            return raises_as_bad(error.detail, relay)
    assert config is not None
    assert config.relays == (kept(host, relay),)
    return True


async def pair(host: Host, relay: str) -> bool:
    """And the pairing is then shown."""
    machine_id = await host.add_machine()
    body = host.pair_request(relays=[relay])
    answer = await host.api("POST", f"/machines/{machine_id}/pair", body)
    if answer.status_code == 400:
        return raises_as_bad(answer.json()["detail"], relay)
    assert answer.status_code == 200, answer.text
    listed = await host.api("GET", f"/machines/{machine_id}/pairings")
    assert listed.json()["data"][0]["relays"] == [kept(host, relay)]
    return True


async def relays_check(host: Host, relay: str) -> bool:
    body = {"relays": [relay], "allow_private_relays": True}
    answer = await host.api("POST", "/relays/check", body)
    assert answer.status_code in (200, 400), answer.text
    refused = {"malformed", "several"}
    return answer.status_code == 200 and answer.json()[0]["code"] not in refused


async def seed(_: Host, relay: str) -> bool:
    """As it is written and read."""
    from spirekeeper.seed import Seed, SeedError

    pubkey = Keys.generate().public_key().to_hex()
    try:
        written = Seed.build(spire_pubkey=pubkey, secret="s", bunker_relay=relay, relays=[relay])
    except SeedError as error:
        return raises_as_bad(str(error), relay)
    read = Seed.decode(written.encode())
    assert (read.bunker_relay, read.relays) == (relay, (relay,))
    return True


ENTRANCES: dict[str, Entrance] = {
    "POST bunker/test": bunker_test,
    "the bunker's own line": bunkers_own_line,
    "environment": environment,
    "pair": pair,
    "relays/check": relays_check,
    "seed": seed,
}


@pytest.fixture
async def nothing_stored(host: Host) -> AsyncIterator[None]:
    yield
    await host.api("DELETE", "/bunker?force=true", as_=host.superuser)


@pytest.mark.parametrize("entrance", ENTRANCES)
@pytest.mark.parametrize("written", [*GOOD, *BAD])
async def test_every_entrance_gives_the_same_verdict(
    host: Host, written: str, entrance: str
) -> None:
    verdict = await ENTRANCES[entrance](host, written.format(host.relay.url))
    assert verdict == (written in GOOD)


@pytest.mark.parametrize("entrance", ["pair", "relays/check", "seed"])
@pytest.mark.parametrize("written", LISTS)
async def test_a_list_where_one_relay_is_meant_is_refused_with_words(
    host: Host, written: str, entrance: str
) -> None:
    listed = written.format(host.relay.url, host.relay.url)
    assert not await ENTRANCES[entrance](host, listed)
    body = host.pair_request(relays=[host.relay.url, listed])
    machine_id = await host.add_machine()
    answer = await host.api("POST", f"/machines/{machine_id}/pair", body)
    assert answer.json()["detail"] == (
        "relays: number 2: It names more than one relay; give each by itself."
    )


@pytest.mark.parametrize("written", ["{},127.0.0.1", "ws://a.example,b.example"])
@pytest.mark.parametrize("entrance", ["POST bunker/test", "environment", "pair", "relays/check"])
async def test_a_host_is_no_list(host: Host, written: str, entrance: str) -> None:
    assert not await ENTRANCES[entrance](host, written.format(host.relay.url))


@pytest.mark.parametrize("written", LISTS)
async def test_a_list_in_the_bunkers_address_is_understood(host: Host, written: str) -> None:
    from spirekeeper.connection import settings

    listed = written.format(host.relay.url, host.relay.url)
    assert await bunker_test(host, listed)
    assert await bunkers_own_line(host, listed)
    with SettingsPatch.context() as patch:
        patch.setenv("SPIREKEEPER_BUNKER_URL", as_bunker_url(host, listed))
        config = await settings.get_bunker_config()
    assert config is not None
    assert config.relays == (host.relay.url,)


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("written", [*GOOD, *BAD])
async def test_what_is_stored_is_shown_again(host: Host, written: str) -> None:
    assert await put_bunker(host, written.format(host.relay.url)) == (written in GOOD)


@pytest.mark.parametrize(
    ("written", "kept"),
    {
        "WSS://Relay.Example.COM/Path/": "wss://relay.example.com/Path/",
        "wss://relay.example.com:443/": "wss://relay.example.com",
        "ws://relay.example.com:80/?A=b": "ws://relay.example.com?A=b",
        "ws://relay.example.com:443": "ws://relay.example.com:443",
        "wss://relay.example.com:": "wss://relay.example.com",
        "ws://[::1]:80": "ws://[::1]",
        "wss://relay.example.com//": "wss://relay.example.com//",
        "https://Example.COM/": "https://Example.COM/",
        "WSS://M\N{LATIN SMALL LETTER U WITH DIAERESIS}nchen.example/": "wss://xn--mnchen-3ya.example",
        "wss://XN--MNCHEN-3YA.example": "wss://xn--mnchen-3ya.example",
        "ws://127.1:7777": "ws://127.0.0.1:7777",
        "ws://0x7f000001": "ws://127.0.0.1",
        "ws://017700000001/a": "ws://127.0.0.1/a",
        "ws://[0:0:0:0:0:0:0:1]:7777": "ws://[::1]:7777",
        "ws://[::FFFF:127.0.0.1]": "ws://[::ffff:7f00:1]",
        "wss://relay.example.com/a/../b/./c": "wss://relay.example.com/b/c",
        "wss://relay.example.com/..?x": "wss://relay.example.com?x",
        "wss://relay.example.com/%7ea": "wss://relay.example.com/%7ea",
        "wss://relay.example.com?a=1&amp;b=2": "wss://relay.example.com?a=1&b=2",
        "wss://a.example,wss://b.example": "wss://a.example,wss://b.example",
    }.items(),
)
def test_one_relay_has_one_form(written: str, kept: str) -> None:
    from spirekeeper.nostr.relay_urls import is_relay_url, normal_form, server_of

    assert normal_form(written) == kept
    assert normal_form(kept) == kept
    if is_relay_url(kept):
        assert server_of(written) == server_of(kept)


@pytest.mark.parametrize(
    ("typed", "meant"),
    {
        "Relay.example.com": "wss://relay.example.com",
        "relay.example.com:443/": "wss://relay.example.com",
        "relay.example.com/a?b=1": "wss://relay.example.com/a?b=1",
        "localhost:7777": "wss://localhost:7777",
        "127.1": "wss://127.0.0.1",
        "[::1]:7777": "wss://[::1]:7777",
        "ws://relay.example.com/": "ws://relay.example.com",
    }.items(),
)
def test_a_name_alone_means_an_encrypted_relay(typed: str, meant: str) -> None:
    from spirekeeper.nostr.relay_urls import as_meant, each_of

    assert as_meant(typed) == meant
    assert each_of(f"{typed}, b.example" if "://" not in typed else typed)[0] == typed


@pytest.mark.parametrize(
    "typed", ["", "a b", "user@host", "host:", "host:99999", "wss:a.example", "https://a", "#a"]
)
def test_what_is_no_relays_name_stays_as_it_is(typed: str) -> None:
    from spirekeeper.nostr.relay_urls import as_meant

    assert as_meant(typed) == typed


async def test_the_bunkers_own_relay_is_known_in_every_spelling(host: Host) -> None:
    """Else it would be metered as one that a user named."""
    from spirekeeper.connection.relay_probe import where_allowed
    from spirekeeper.connection.settings import get_bunker_config

    config = await get_bunker_config()
    assert config is not None
    machine_id = await host.add_machine()
    spelled = host.relay.url.replace("ws://", "WS://") + "/"
    body = host.pair_request(relays=[spelled, host.relay.url])
    assert (await host.api("POST", f"/machines/{machine_id}/pair", body)).status_code == 200
    listed = await host.api("GET", f"/machines/{machine_id}/pairings")
    [relay] = listed.json()["data"][0]["relays"]
    assert await where_allowed(config, [host.operator.user_id])(relay) is None


@pytest.mark.usefixtures("nothing_stored")
async def test_what_an_older_version_has_stored_is_shown(host: Host) -> None:
    """`{}` was taken, and then the status was a 500; a cut stays owed until it is entered again."""
    from spirekeeper.connection.sealing import Sealed
    from spirekeeper.store import bunker_settings

    assert await put_bunker(host, host.relay.url)
    row = await bunker_settings.get_bunker_settings()
    assert row is not None
    opened = Sealed.open(row)
    older = row.copy(update={"relays": [f"{host.relay.url}/{{}}"]})
    await bunker_settings.update_bunker_settings(opened.seal(older))
    for caller in (host.superuser, host.operator):
        status = await host.api("GET", "/bunker", as_=caller)
        assert (status.status_code, status.json()["problem_code"]) == (200, "no_bunker")
        assert "Enter it again." in status.json()["problem"]
    assert (await host.api("POST", f"/machines/{await host.add_machine()}/revoke")).is_success
    assert await put_bunker(host, host.relay.url)
