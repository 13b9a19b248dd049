"""LNbits' public address, asked by the server itself: what it finds there, and how little it lets
whatever answers do."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from support.certificates import certify
from support.host import Host
from support.movable_clock import MovableClock
from system.input.guarded_net import HANGS, PUBLIC, Doorbell, GuardedNet
from system.input.tls_front import Serve, passed_on_to, tls_front

NAME = "probed.example.com"
"""Of `certificate`."""
BASE = f"https://{NAME}"
HEAD_ENDS = b"\r\n\r\n"
Told = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def told(
    host: Host, net: GuardedNet, host_clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> Told:
    """What an operator is told of this base URL, a while after the last look."""
    from lnbits.settings import settings
    from spirekeeper.cash import public_address

    assert net
    monkeypatch.setattr(public_address, "_last", None)
    monkeypatch.setenv("SPIREKEEPER_ALLOW_PRIVATE_LINKS", "false")

    async def look(base_url: str = BASE, *, later: int = 3600, again: bool = False) -> Any:
        host_clock.move(seconds=later)
        monkeypatch.setattr(settings, "lnbits_baseurl", base_url)
        answer = await host.api("GET", "/cash/address", params={"again": again})
        assert answer.status_code == 200, answer.text
        return answer.json()

    return look


@asynccontextmanager
async def at_the_address(net: GuardedNet, certificate: Path, serve: Serve) -> AsyncIterator[None]:
    """A public address, at which `serve` speaks behind TLS."""
    async with tls_front(certificate, serve) as port:
        net.names[NAME] = [[PUBLIC]]
        net.routes[PUBLIC] = port
        yield


def saying(status: str, *lines: str, body: bytes = b"") -> Serve:
    """Answers every request so."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *lines, "", ""]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(HEAD_ENDS)
        writer.write("\r\n".join(head).encode() + body)
        await writer.drain()
        writer.close()

    return serve


def at_path(port: int, prefix: str, passed_on_as: str) -> Serve:
    """A proxy that has LNbits below `prefix`."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(HEAD_ENDS)
        changed = head.replace(f"GET {prefix}/".encode(), f"GET {passed_on_as}/".encode(), 1)
        inner, to_inner = await asyncio.open_connection("127.0.0.1", port)
        to_inner.write(changed.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
        writer.write(await inner.read())
        await writer.drain()
        to_inner.close()
        writer.close()

    return serve


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


async def test_it_reaches_itself(
    told: Told, net: GuardedNet, certificate: Path, base_url: str
) -> None:
    """Over the internet's address of it, as far as the server can tell."""
    async with at_the_address(net, certificate, passed_on_to(port_of(base_url))):
        said = await told(f"{BASE}/")
    assert (said["address"], said["reach"], said["links"]) == (BASE, "reachable", True)
    assert net.attempts(443) == [(PUBLIC, 443)]


@pytest.mark.parametrize(
    ("passed_on_as", "reach"), [("", "reachable"), ("/lnbits", "elsewhere")], ids=["cut", "kept"]
)
async def test_a_path_that_a_proxy_loses_is_told(
    told: Told, net: GuardedNet, certificate: Path, base_url: str, passed_on_as: str, reach: str
) -> None:
    """LNbits is below a path there: the proxy has to cut it off. Asked without it, another site
    answers."""
    proxy = at_path(port_of(base_url), "/lnbits", passed_on_as)
    async with at_the_address(net, certificate, proxy):
        assert (await told(f"{BASE}/lnbits/"))["reach"] == reach


@pytest.mark.parametrize(
    "base_url",
    [
        "https://127.0.0.1:5000",
        "http://127.0.0.1:5000/",
        "https://192.168.1.7",
        "http://10.0.0.7:5000",
        "https://100.64.1.2",
        "https://[::1]",
        "https://[fd00::7]:5000",
        "https://localhost",
        "https://lnbits",
        "https://umbrel.local",
        "https://lnbits.home.arpa.",
    ],
)
async def test_an_address_of_ones_own_network_is_not_even_asked(
    told: Told, net: GuardedNet, base_url: str
) -> None:
    said = await told(base_url)
    assert (said["reach"], said["links"]) == ("private", False)
    assert net.attempts(80, 443, 5000) == []


@pytest.mark.parametrize(
    ("base_url", "reach", "links"),
    [
        (f"http://{NAME}", "no_https", False),
        ("http://93.184.215.14:5000", "no_https", False),
        ("", "no_https", False),
        ("lnbits.example.com", "no_https", False),
        ("https://", "no_https", False),
        ("ftp://lnbits.example.com", "no_https", False),
        (f"http://{'a' * 56}.onion", "onion", True),
        (f"https://{'a' * 56}.onion/", "onion", True),
    ],
)
async def test_what_need_not_be_tried(
    told: Told, net: GuardedNet, base_url: str, reach: str, links: bool
) -> None:
    said = await told(base_url)
    assert (said["reach"], said["links"]) == (reach, links)
    assert not net.asked[NAME]


async def test_a_home_where_wallets_are_too_may_have_links(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The superuser says so; it is told all the same. Plain http wallets ask on one computer
    alone."""
    monkeypatch.setenv("SPIREKEEPER_ALLOW_PRIVATE_LINKS", "true")
    for base_url, links in (
        ("https://192.168.1.7", True),
        ("https://umbrel.local", True),
        ("http://127.0.0.1:5000", True),
        ("http://192.168.1.7:5000", False),
    ):
        said = await told(base_url)
        assert (said["reach"], said["links"]) == ("private", links), base_url
    monkeypatch.setenv("SPIREKEEPER_ALLOW_PRIVATE_LINKS", "perhaps")
    assert (await told("https://192.168.1.7"))["links"] is False


async def test_a_name_that_leads_into_ones_own_network_is_tried_and_told(
    told: Told, net: GuardedNet, certificate: Path, base_url: str
) -> None:
    """Phones may be led elsewhere by it, so links go out."""
    async with at_the_address(net, certificate, passed_on_to(port_of(base_url))):
        net.routes["192.168.1.7"] = net.routes[PUBLIC]
        net.names[NAME] = [["192.168.1.7"]]
        said = await told()
        assert (said["reach"], said["links"]) == ("private", True)
    async with at_the_address(net, certificate, saying("200 OK")):
        net.routes["192.168.1.7"] = net.routes[PUBLIC]
        net.names[NAME] = [["192.168.1.7"]]
        assert (await told())["reach"] == "elsewhere"


@pytest.mark.parametrize(
    "serve",
    [
        saying("200 OK", body=b"<h1>Another site</h1>"),
        saying("200 OK", body=b"0" * 64),
        saying("404 Not Found", body=b'{"detail": "Not Found"}'),
        saying("502 Bad Gateway"),
        saying("200 OK", "Content-Encoding: gzip", body=b"no gzip"),
        saying("no HTTP at all"),
    ],
    ids=["a page", "another word", "not found", "a lonely proxy", "badly packed", "no HTTP"],
)
async def test_something_else_answers(
    told: Told, net: GuardedNet, certificate: Path, serve: Serve
) -> None:
    async with at_the_address(net, certificate, serve):
        said = await told()
    assert (said["reach"], said["links"]) == ("elsewhere", True)


async def test_whoever_only_says_the_word_again_is_not_believed(
    told: Told, net: GuardedNet, certificate: Path
) -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(HEAD_ENDS)
        word = head.split(b" ")[1].rpartition(b"/")[2]
        assert len(word) == 32
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 32\r\n\r\n" + word)
        await writer.drain()
        writer.close()

    async with at_the_address(net, certificate, echo):
        assert (await told())["reach"] == "elsewhere"


async def test_a_redirect_is_not_followed(
    told: Told, net: GuardedNet, certificate: Path, doorbell: Doorbell
) -> None:
    elsewhere = saying("301 Moved", f"Location: http://127.0.0.1:{doorbell.port}/")
    async with at_the_address(net, certificate, elsewhere):
        assert (await told())["reach"] == "elsewhere"
    assert doorbell.rung == 0


async def test_of_a_long_answer_only_the_beginning_is_read(
    told: Told, net: GuardedNet, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that nothing but its length ends it."""
    from spirekeeper.cash import public_address

    monkeypatch.setattr(public_address, "SECONDS", 60.0)
    sent, hung_up = 0, asyncio.Event()

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(HEAD_ENDS)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while sent < 10_000_000:
                writer.write(bytes(16384))
                await writer.drain()
                sent += 16384
        except OSError:
            hung_up.set()
        finally:
            writer.close()

    async with at_the_address(net, certificate, endless):
        assert (await told())["reach"] == "elsewhere"
        await asyncio.wait_for(hung_up.wait(), 30)
    assert sent < 10_000_000


@pytest.mark.parametrize("says", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 64\r\n\r\n0"])
async def test_whoever_hangs_is_not_waited_for(
    told: Told, net: GuardedNet, certificate: Path, monkeypatch: pytest.MonkeyPatch, says: bytes
) -> None:
    from spirekeeper.cash import public_address

    monkeypatch.setattr(public_address, "SECONDS", 0.3)
    hung_up = asyncio.Event()

    async def hangs(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(HEAD_ENDS)
        writer.write(says)
        await writer.drain()
        await reader.read()
        hung_up.set()
        writer.close()

    async with at_the_address(net, certificate, hangs):
        assert (await told())["reach"] == "silent"
        await asyncio.wait_for(hung_up.wait(), 30)


async def test_nobody_answers(told: Told, net: GuardedNet, monkeypatch: pytest.MonkeyPatch) -> None:
    """No such name; nobody at its address; a name server that hangs."""
    from spirekeeper.cash import public_address

    assert (await told())["reach"] == "silent"
    net.names[NAME] = [[PUBLIC]]
    assert (await told())["reach"] == "silent"
    assert net.attempts(443) == [(PUBLIC, 443)]
    monkeypatch.setattr(public_address, "SECONDS", 0.3)
    assert (await told(f"https://lnbits{HANGS}"))["reach"] == "silent"


async def test_a_certificate_that_no_wallet_takes(
    told: Told, net: GuardedNet, tmp_path: Path, base_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Vouched for by nobody; of another name; and no TLS at all."""
    lnbits = passed_on_to(port_of(base_url))
    own = certify(tmp_path, NAME)
    async with at_the_address(net, own, lnbits):
        assert (await told())["reach"] == "certificate"
    anothers = certify(tmp_path, "another.example.com")
    monkeypatch.setenv("SSL_CERT_FILE", str(anothers))
    async with at_the_address(net, anothers, lnbits):
        assert (await told())["reach"] == "certificate"
    net.routes[PUBLIC] = port_of(base_url)
    assert (await told())["reach"] == "certificate"


async def test_it_is_tried_when_an_operator_looks_and_not_too_often(
    host: Host, told: Told, net: GuardedNet, certificate: Path, base_url: str
) -> None:
    """Many who look at once are told the same; asked once more it is tried again, after a while."""
    async with at_the_address(net, certificate, passed_on_to(port_of(base_url))):
        first = await told()
        looks = [host.api("GET", "/cash/address") for _ in range(5)]
        assert [(await look).json() for look in looks] == [first] * 5
        assert await told(later=9, again=True) == first
        assert len(net.attempts(443)) == 1
        assert (await told(later=2, again=True))["tried_at"] > first["tried_at"]
        assert len(net.attempts(443)) == 2
        await told(later=240)
        assert len(net.attempts(443)) == 2
        await told(later=61)
        assert len(net.attempts(443)) == 3
        await told(f"{BASE}:444", later=1)
        assert net.attempts(443, 444)[3:] == [(PUBLIC, 444)]


async def test_at_once_it_is_tried_once(
    host: Host, told: Told, net: GuardedNet, certificate: Path, base_url: str
) -> None:
    async with at_the_address(net, certificate, passed_on_to(port_of(base_url))):
        many = await asyncio.gather(
            told(), *(host.api("GET", "/cash/address", as_=host.other_operator) for _ in range(4))
        )
        assert many[0]["reach"] == "reachable"
        assert len(net.attempts(443)) == 1


async def test_no_wallet_and_no_stranger_has_it_tried(
    host: Host, told: Told, net: GuardedNet
) -> None:
    await told()
    assert net.asked[NAME] == 1
    for path in (f"here/{'0' * 32}", "0" * 32, f"{'0' * 32}/pay"):
        answer = await host.client.get(f"/spirekeeper/api/v1/lnurl/{path}")
        assert answer.status_code == 200, answer.text
    assert (await host.client.get("/spirekeeper/api/v1/lnurl/here/word")).status_code == 400
    assert (await host.api("GET", "/cash/address", as_=host.stranger)).status_code == 403
    assert net.asked[NAME] == 1


def test_one_lnbits_says_what_another_does_not(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its own secret, so each of its processes says the same."""
    from lnbits.settings import settings
    from spirekeeper.connection.sealing import vouch_for

    assert host
    said = vouch_for("0" * 32)
    assert said == vouch_for("0" * 32) != vouch_for("1" * 32)
    monkeypatch.setattr(settings, "auth_secret_key", "another secret")
    assert vouch_for("0" * 32) != said
