"""Opens the connection to a relay, or says why there is none: name, network, proxy, certificate.

A relay's name may have several addresses: all are tried, the next one beside the one before when
that does not answer at once. A proxy is used where the environment names one, as curl reads it.
"""

import socket
import ssl
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidProxy, InvalidStatus

from .errors import Unreachable

LARGEST_FRAME = 1024 * 1024
"""Bytes. A NIP-44 event has at most 90 KiB."""
NEXT_ADDRESS_S = 0.25
_NOT_YET_VALID, _EXPIRED = 9, 10
"""OpenSSL's numbers for what is wrong with a certificate's time."""


@dataclass(frozen=True)
class Proxy:
    """`address` may hold a password."""

    variable: str
    address: str = field(repr=False)


async def dial(url: str, timeout: float) -> ClientConnection:
    """A connection. Unreachable when there is none after `timeout` seconds."""
    proxy = _proxy_for(url)
    try:
        return await connect(
            url,
            proxy=proxy.address if proxy else None,
            open_timeout=timeout,
            close_timeout=1,
            compression=None,
            max_size=LARGEST_FRAME,
            happy_eyeballs_delay=NEXT_ADDRESS_S,
        )
    except Exception as problem:  # libraries of all sorts are at work here
        raise Unreachable(_why(url, proxy, problem)) from None


def _proxy_for(url: str) -> Proxy | None:
    """What the environment names for this relay. websockets would pass over ALL_PROXY, and a
    machine that is to be seen by nobody would be."""
    parts = urlsplit(url)
    if proxy_bypass(parts.netloc):
        return None
    proxies = getproxies()
    plain = ("http",) if parts.scheme == "ws" else ()
    for scheme in (parts.scheme, "socks", "https", *plain, "all"):
        if proxies.get(scheme):
            return Proxy(f"{scheme.upper()}_PROXY", proxies[scheme])
    return None


def _why(url: str, proxy: Proxy | None, problem: Exception) -> str:
    if proxy and isinstance(problem, ImportError):
        return (
            f"{proxy.variable} names a SOCKS proxy, and what is needed for one is not installed: "
            f"pip install 'python-socks[asyncio]', or unset {proxy.variable}."
        )
    if proxy and isinstance(problem, InvalidProxy):
        return (
            f"{proxy.variable} names no proxy that can be used: it looks like "
            "http://127.0.0.1:8080, or socks5h://127.0.0.1:9050 for Tor. Correct or unset it."
        )
    if isinstance(problem, ssl.SSLCertVerificationError):
        return f"The certificate of the relay {url} {_of_certificate(problem)}"
    if isinstance(problem, ssl.SSLError):
        return f"The relay {url} does not speak TLS as it should. Ask the operator: is it ws://?"
    if isinstance(problem, InvalidStatus):
        status = problem.response.status_code
        return (
            f"At {url} a server answers, but not as a relay (HTTP {status}). Try again later, or "
            "ask the operator."
        )
    if proxy:
        through = f"through the proxy that {proxy.variable} names"
        return f"The relay {url} cannot be reached {through}. Are both up?"
    if isinstance(problem, socket.gaierror):
        return f"The relay {url} cannot be reached: its name is not known. Is this network up?"
    return f"The relay {url} cannot be reached. Is it up, and this network?"


def _of_certificate(problem: ssl.SSLCertVerificationError) -> str:
    if problem.verify_code == _NOT_YET_VALID:
        return "is not valid yet: the clock of this machine is probably slow. Set the time."
    if problem.verify_code == _EXPIRED:
        return (
            "has expired: set the time if the clock of this machine is wrong, or ask the operator."
        )
    return f"is not to be trusted ({problem.verify_message}). Ask the operator."
