"""The networks that machines are in: names with several addresses, proxies, wrong clocks."""

import asyncio
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta, timezone
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from spirekeeper.devkit.relay import DevRelay
from spirekeeper.seed import Seed
from spirekeeper.spire.errors import Unreachable
from spirekeeper.spire.machine import Machine
from support.settings_patch import SettingsPatch
from unit.spire.scripted_signer import ScriptedSigner
from unit.spire.socks_proxy import SocksProxy
from unit.spire.two_connections import author
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

PROXY_VARIABLES = [
    *("WS_PROXY", "WSS_PROXY", "SOCKS_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"),
    "NO_PROXY",
]
PASSWORD = "5ec4e75ec4e7"


@pytest.fixture(autouse=True)
def _no_proxy_yet(monkeypatch: SettingsPatch) -> None:
    for name in PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def over(url: str, signer: ScriptedSigner) -> Seed:
    return Seed.build(spire_pubkey=signer.pubkey, secret="5ec4e7", bunker_relay=url, relays=[url])


def by_name(relay: DevRelay) -> str:
    return relay.url.replace("127.0.0.1", "localhost")


async def why_not(machine: Machine, seed: Seed) -> str:
    """What the machine says for not reaching the relay: one line."""
    with pytest.raises(Unreachable) as unreachable:
        await machine.boot(seed.encode())
    said = str(unreachable.value)
    assert said.isprintable()
    assert PASSWORD not in said
    return said


# Several addresses.


@pytest.fixture
def first_address(monkeypatch: SettingsPatch) -> Callable[[str], None]:
    """`localhost` has this address first, and 127.0.0.1 after it."""

    def resolve_to(address: str) -> None:
        loop = asyncio.get_running_loop()
        family = socket.AF_INET6 if ":" in address else socket.AF_INET

        async def resolved(host: str, port: int, **_: Any) -> list[Any]:
            addresses = [(family, address), (socket.AF_INET, "127.0.0.1")]
            return [(kind, socket.SOCK_STREAM, 6, "", (at, port)) for kind, at in addresses]

        monkeypatch.setattr(loop, "getaddrinfo", resolved)

    return resolve_to


@pytest.mark.parametrize("address", ["127.0.0.2", "::1"])
async def test_the_next_address_is_tried_where_the_first_refuses(
    address: str,
    first_address: Callable[[str], None],
    machine: Machine,
    signer: ScriptedSigner,
    relay: DevRelay,
) -> None:
    first_address(address)
    await machine.boot(over(by_name(relay), signer).encode())
    assert await author(machine) == signer.pubkey


async def test_the_next_address_is_tried_where_the_first_says_nothing(
    first_address: Callable[[str], None],
    machine: Machine,
    signer: ScriptedSigner,
    relay: DevRelay,
    monkeypatch: SettingsPatch,
) -> None:
    """A firewall drops what goes there. No kernel does that on loopback, so it is played."""
    first_address("127.0.0.2")
    loop = asyncio.get_running_loop()
    connect = loop.sock_connect

    async def dropped(sock: socket.socket, address: Any) -> None:
        if address[0] == "127.0.0.2":
            await asyncio.Event().wait()
        await connect(sock, address)

    monkeypatch.setattr(loop, "sock_connect", dropped)
    await machine.boot(over(by_name(relay), signer).encode())
    assert await author(machine) == signer.pubkey


async def test_a_name_that_nobody_knows(machine: Machine, signer: ScriptedSigner) -> None:
    said = await why_not(machine, over("ws://relay.invalid", signer))
    assert "its name is not known" in said


# Proxies.


@pytest.mark.parametrize("variable", ["SOCKS_PROXY", "ALL_PROXY", "https_proxy"])
async def test_through_a_socks_proxy_names_go_as_names(
    variable: str,
    machine: Machine,
    signer: ScriptedSigner,
    relay: DevRelay,
    monkeypatch: SettingsPatch,
) -> None:
    async with SocksProxy() as proxy:
        monkeypatch.setenv(variable, f"socks5h://127.0.0.1:{proxy.port}")
        await machine.boot(over(by_name(relay).replace("localhost", "a.onion"), signer).encode())
        event = await machine.sign(21000, "hello")
        await machine.publish(event)
    assert set(proxy.asked) == {("a.onion", relay.port)}


async def test_what_is_to_be_reached_without_a_proxy(
    machine: Machine, signer: ScriptedSigner, relay: DevRelay, monkeypatch: SettingsPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5h://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    await machine.boot(over(relay.url, signer).encode())
    assert await author(machine) == signer.pubkey


@pytest.mark.parametrize(
    ("variable", "address", "words"),
    [
        ("SOCKS_PROXY", "socks5h://127.0.0.1:1", "through the proxy that SOCKS_PROXY names"),
        ("HTTP_PROXY", f"http://me:{PASSWORD}@127.0.0.1:1", "the proxy that HTTP_PROXY names"),
        ("https_proxy", f"ftp://me:{PASSWORD}@127.0.0.1:1", "HTTPS_PROXY names no proxy"),
        ("ALL_PROXY", "127.0.0.1:9050", "ALL_PROXY names no proxy"),
    ],
)
async def test_a_proxy_that_is_of_no_use_is_named(
    variable: str,
    address: str,
    words: str,
    machine: Machine,
    signer: ScriptedSigner,
    relay: DevRelay,
    monkeypatch: SettingsPatch,
) -> None:
    monkeypatch.setenv(variable, address)
    assert words in await why_not(machine, over(relay.url, signer))


def test_without_what_a_socks_proxy_needs_it_is_said_what_to_install(
    signer: ScriptedSigner, relay: DevRelay, tmp_path: Path
) -> None:
    script = (
        "import sys; sys.modules['python_socks'] = None\n"
        "from spirekeeper.spire.command import main\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    boot = ["boot", over(relay.url, signer).encode(), "--home", str(tmp_path)]
    ran = subprocess.run(  # noqa: S603
        [sys.executable, "-c", script, *boot],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SOCKS_PROXY": "socks5h://127.0.0.1:9050"},
    )
    assert ran.returncode == 4
    assert ran.stderr == (
        "spire: SOCKS_PROXY names a SOCKS proxy, and what is needed for one is not installed: "
        "pip install 'python-socks[asyncio]', or unset SOCKS_PROXY.\n"
    )


# Certificates.


def certificate(folder: Path, *, name: str = "localhost", begins: int, ends: int) -> Path:
    """One that signs itself, with its key; valid from and until so many days from now."""
    key = ec.generate_private_key(ec.SECP256R1())
    whose = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(whose)
        .issuer_name(whose)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=begins))
        .not_valid_after(now + timedelta(days=ends))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@asynccontextmanager
async def relay_with(file: Path) -> AsyncIterator[str]:
    """Its URL. Nobody gets as far as to say anything there."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    async with serve(_nothing, "127.0.0.1", 0, ssl=context) as server:
        yield f"wss://localhost:{next(iter(server.sockets)).getsockname()[1]}"


async def _nothing(connection: ServerConnection) -> None:
    await connection.wait_closed()


@pytest.mark.parametrize(
    ("made", "trusted", "words"),
    [
        ({"begins": 100, "ends": 200}, True, "not valid yet: the clock of this machine"),
        ({"begins": -200, "ends": -100}, True, "has expired: set the time if"),
        ({"begins": -1, "ends": 1, "name": "elsewhere"}, True, "not to be trusted (Hostname"),
        ({"begins": -1, "ends": 1}, False, "not to be trusted (self"),
    ],
    ids=["not yet valid", "expired", "of another host", "by nobody known"],
)
async def test_a_certificate_that_is_not_good(
    made: dict[str, Any],
    trusted: bool,
    words: str,
    machine: Machine,
    signer: ScriptedSigner,
    tmp_path: Path,
    monkeypatch: SettingsPatch,
) -> None:
    file = certificate(tmp_path, **made)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
    async with relay_with(file) as url:
        assert words in await why_not(machine, over(url, signer))


async def test_a_relay_without_tls_where_the_seed_has_it_with(
    machine: Machine, signer: ScriptedSigner
) -> None:
    """A web server answers what it cannot read, in plain text."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        said = await why_not(machine, over(f"wss://127.0.0.1:{port}", signer))
    assert "is it ws://?" in said


# Something else than a relay.


@pytest.mark.parametrize("status", [HTTPStatus.NOT_FOUND, HTTPStatus.BAD_GATEWAY])
async def test_a_server_that_is_no_relay(
    status: HTTPStatus, machine: Machine, signer: ScriptedSigner
) -> None:
    async with no_relay(status) as url:
        assert f"HTTP {int(status)}" in await why_not(machine, over(url, signer))


def no_relay(status: HTTPStatus) -> AbstractAsyncContextManager[str]:
    def refuse(connection: ServerConnection, _: Request) -> Response:
        return connection.respond(status, "no relay\n")

    @asynccontextmanager
    async def serving() -> AsyncIterator[str]:
        async with serve(_nothing, "127.0.0.1", 0, process_request=refuse) as server:
            yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"

    return serving()
