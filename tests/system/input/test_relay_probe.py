"""A check of relays, which a user causes: where it connects to, and what it tells."""

import asyncio
import socket
from pathlib import Path

import pytest
from support.figures import Figures
from support.host import Host
from system.input.checking import NAME, Check, up_but
from system.input.guarded_net import HANGS, PUBLIC, PUBLIC_6, Doorbell, GuardedNet
from system.input.tls_front import passed_on_to, tls_front

URL = f"wss://{NAME}"


HOSTS = [
    # addresses, in every notation that a resolver takes
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "127.000.000.001",
    "0",
    "0.0.0.0",  # noqa: S104
    "127.0.0.1.",
    "127.0.0.1%00",
    "127%2e0%2e0%2e1",
    "%31%32%37.0.0.1",
    # IPv6
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    "[fe80::1]",
    "[fe80::1%lo]",
    "[fe80::1%25lo]",
    "[::1%lo]",
    "[fd00::1]",
    "[ff02::1]",
    "[::1",
    "::1",
    # other digits and full stops, which IDNA makes plain
    "１２７.0.0.1",  # noqa: RUF001
    "①②⑦.0.0.1",
    "127。0。0。1",
    "127．0．0．1",  # noqa: RUF001
    "localhoſt",  # noqa: RUF001
    "xn--0-1.0.0.1",
    # names
    "localhost",
    "LOCALHOST",
    "localhost.",
    # who is host, and who is user
    f"{NAME}@127.0.0.1",
    f"{NAME}:443@127.0.0.1",
    "@127.0.0.1",
    f"127.0.0.1#@{NAME}",
    f"127.0.0.1\\@{NAME}",
    f"127.0.0.1 {NAME}",
    f"127.0.0.1,{NAME}",
]


@pytest.mark.parametrize("end", ["", ":{port}", ":{port}/", ":{port}/?x=@" + NAME])
@pytest.mark.parametrize("scheme", ["wss", "ws"])
async def test_no_notation_leads_to_this_machine(
    check: Check, net: GuardedNet, doorbell: Doorbell, figures: Figures, scheme: str, end: str
) -> None:
    net.names[NAME] = [[PUBLIC]]
    urls = [f"{scheme}://{host}{end.format(port=doorbell.port)}" for host in HOSTS]
    for start in range(0, len(urls), 5):
        some = urls[start : start + 5]
        codes = await check(*some)
        told = dict(zip(some, codes, strict=True))
        assert set(codes) <= {"malformed", "not_encrypted", "private", "unknown_name"}, told
    assert net.attempts(80, 443, doorbell.port) == []
    assert doorbell.rung == 0
    figures.add("inputs", len(urls))


@pytest.mark.parametrize(
    "host_part", [f"127.0.0.1\t@{NAME}", f"127.0.0.1\r\nHost: {NAME}", "127.0.0.1\x00"]
)
async def test_what_is_no_line_of_text_is_not_looked_at(
    host: Host, net: GuardedNet, host_part: str
) -> None:
    body = {"relays": [f"wss://{host_part}"], "allow_private_relays": False}
    answer = await host.api("POST", "/relays/check", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")
    assert net.attempts(80, 443) == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "100.64.0.1",
        "169.254.169.254",
        "168.63.129.16",
        "224.0.0.1",
        "0.0.0.0",  # noqa: S104
        "::1",
        "fe80::1",
        "fd00:ec2::254",
        "::ffff:10.1.2.3",
        "64:ff9b:1::a01:203",
        "2002:a01:203::1",
        "2001:0:a01:203::1",
    ],
)
async def test_no_name_leads_into_the_servers_network(
    check: Check, net: GuardedNet, doorbell: Doorbell, address: str
) -> None:
    """One such address among good ones is enough, and it is told as little as of no name at all."""
    net.names |= {
        "inside.example.com": [[address]],
        "first.example.com": [[address, PUBLIC]],
        "last.example.com": [[PUBLIC, PUBLIC_6, address]],
    }
    names = [*net.names, "nowhere.example.com"]
    names.remove("localhost")
    codes = await check(*(f"wss://{name}:{doorbell.port}" for name in names))
    assert codes == ["unknown_name"] * 4
    assert net.attempts(80, 443, doorbell.port) == []
    assert doorbell.rung == 0


async def test_a_name_is_resolved_once_and_nothing_else_is_connected_to(
    check: Check, net: GuardedNet, doorbell: Doorbell
) -> None:
    """DNS rebinding: good when it is looked at, within when it is connected to."""
    net.names[NAME] = [[PUBLIC], ["127.0.0.1"]]
    assert await check(f"{URL}:{doorbell.port}") == ["silent"]
    assert net.attempts(443, doorbell.port) == [(PUBLIC, doorbell.port)]
    assert net.asked[NAME] == 1
    assert doorbell.rung == 0


async def test_a_public_relay_is_reached(
    check: Check, net: GuardedNet, host: Host, certificate: Path
) -> None:
    """The same way that all others are refused on; its certificate is the name's."""
    async with tls_front(certificate, passed_on_to(host.relay.port)) as port:
        net.names |= {NAME: [[PUBLIC]], "other.example.com": [[PUBLIC]]}
        net.routes[PUBLIC] = port
        assert await check(URL, "wss://other.example.com") == [None, "silent"]
    assert net.attempts(443) == [(PUBLIC, 443)] * 3  # and what the first says of itself


async def test_the_next_address_of_a_name_is_tried(
    check: Check, net: GuardedNet, host: Host, certificate: Path
) -> None:
    """The first leads nowhere, as IPv6 does in many a network. Each was judged before."""
    async with tls_front(certificate, passed_on_to(host.relay.port)) as port:
        net.names[NAME] = [[PUBLIC_6, PUBLIC]]
        net.routes[PUBLIC] = port
        assert await check(URL) == [None]
    assert net.attempts(443) == [(PUBLIC_6, 443), (PUBLIC, 443)] * 2
    assert net.asked[NAME] == 1


async def test_of_a_name_with_very_many_addresses_a_few_are_tried(
    check: Check, net: GuardedNet
) -> None:
    net.names[NAME] = [[f"93.184.215.{n}" for n in range(1, 101)]]
    assert await check(URL) == ["silent"]
    assert len(net.attempts(443)) == 4


async def test_localhost_is_reached_on_whichever_address_it_is(
    check: Check, net: GuardedNet, host: Host
) -> None:
    """The relay listens on the second alone: checked, paired over, and connected to later."""
    from spirekeeper.connection.relay_probe import where_allowed
    from spirekeeper.connection.settings import get_bunker_config
    from spirekeeper.nostr.relay_socket import dial

    net.names["localhost"] = [["::1", "127.0.0.1"]]
    url = f"ws://localhost:{host.relay.port}"
    assert await check(url, private=True) == [None]
    paired = await host.pair(await host.add_machine(), relays=[url])
    assert (paired["relays"], paired["warnings"]) == ([url], [])
    config = await get_bunker_config()
    for way in (await where_allowed(config, [host.operator.user_id])(url), None):
        async with dial(url, way, 60) as connection:
            assert connection.remote_address[0] == "127.0.0.1"


async def test_what_a_relay_says_of_itself_is_asked_of_itself_alone(
    check: Check, net: GuardedNet, host: Host, doorbell: Doorbell, certificate: Path
) -> None:
    """At the address that was judged, whatever the name leads to by then and wherever it points."""

    async def elsewhere(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        where = f"https://127.0.0.1:{doorbell.port}/"
        writer.write(
            f"HTTP/1.1 302 Away\r\nLocation: {where}\r\nContent-Length: 0\r\n\r\n".encode()
        )
        await writer.drain()

    asked: list[bytes] = []
    async with tls_front(certificate, up_but(elsewhere, host.relay.port)) as port:
        net.names[NAME] = [[PUBLIC], ["127.0.0.1"]]
        net.routes[PUBLIC] = port
        assert await check(f"{URL}/path?a=b") == [None]
    [head] = asked
    assert head.startswith(b"GET /path?a=b HTTP/1.1\r\n")
    assert f"\r\nHost: {NAME}\r\n".encode() in head
    assert net.attempts(443, doorbell.port) == [(PUBLIC, 443)] * 2
    assert net.asked[NAME] == 1
    assert doorbell.rung == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(
    check: Check,
    net: GuardedNet,
    doorbell: Doorbell,
    certificate: Path,
    status: int,
) -> None:
    seen: list[bytes] = []

    async def redirect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        inside = f"://127.0.0.1:{doorbell.port}/"
        where = [f"ws{inside}", f"wss{inside}", f"http{inside}", "/elsewhere"][len(seen) % 4]
        head = f"HTTP/1.1 {status} Away\r\nLocation: {where}\r\n"
        writer.write(f"{head}Content-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    async with tls_front(certificate, redirect) as port:
        net.names[NAME] = [[PUBLIC]]
        net.routes[PUBLIC] = port
        assert [await check(URL) for _ in range(4)] == [["silent"]] * 4
        plain = await asyncio.start_server(redirect, "127.0.0.1", 0)
        here = plain.sockets[0].getsockname()[1]
        assert await check(f"ws://127.0.0.1:{here}", private=True) == ["silent"]
        plain.close()
    assert len(seen) == 5
    assert doorbell.rung == 0


async def test_proxies_of_the_environment_are_not_asked(
    check: Check, net: GuardedNet, doorbell: Doorbell, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http", "https", "ws", "wss", "socks", "all"):
        for spelled in (f"{name}_proxy", f"{name}_proxy".upper()):
            monkeypatch.setenv(spelled, f"http://127.0.0.1:{doorbell.port}")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    net.names[NAME] = [[PUBLIC]]
    assert await check(URL) == ["silent"]
    assert net.attempts(443, doorbell.port) == [(PUBLIC, 443)]
    assert doorbell.rung == 0


async def test_name_servers_that_hang_hold_up_nothing_else(
    host: Host, net: GuardedNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They would fill the threads in which LNbits resolves names and opens files."""
    from spirekeeper.connection import relay_probe

    monkeypatch.setattr(relay_probe, "PROBE_SECONDS", 0.5)
    urls = [f"wss://{number}{HANGS}" for number in range(40)]
    checking = relay_probe.probe_each(urls, "somebody", allow_private=False)
    told = await asyncio.wait_for(checking, 60)
    assert {each.code for each in told} == {"unknown_name"}
    assert 0 < sum(net.asked.values()) < 40  # those that had not begun are given up
    others = (asyncio.to_thread(socket.gethostname) for _ in range(40))
    await asyncio.wait_for(asyncio.gather(*others), 60)
    net.hanging.set()
