"""The address that customers' phones ask for their sats: LNbits' base URL, as its superuser set it.

What it cannot be is seen as it is written, at once. The rest is tried by a request of this server
to itself, when an operator looks: never while a machine or a customer waits. Whatever answers there
is taken for a stranger until it says what only this LNbits can say.
"""

import asyncio
import ssl
from contextlib import suppress
from datetime import timedelta
from http import HTTPStatus
from ipaddress import ip_address
from secrets import token_hex

import httpx
from lnbits.settings import settings
from lnurl import encode as encode_lnurl
from pydantic import ValidationError

from ..clock import Clock
from ..connection import environment
from ..connection.sealing import vouch_for
from ..errors import SettingsWrong
from ..loop import within
from ..nostr import name_lookup
from ..nostr.ip_addresses import is_on_the_internet
from ..schemas.cash import AddressAnswer, Reach

PATH = "spirekeeper/api/v1/lnurl"
"""Of the links. It is asked at the same path, for a proxy may pass on some and others not."""
SECONDS = 5.0
MOST_BYTES = 1024
"""Of the answer, which is 64 letters."""
KEPT = timedelta(minutes=5)
AGAIN = timedelta(seconds=10)
"""So soon nobody has it tried once more."""

_OURS = "the public address"
"""Whose look-up of the name it is: one that hangs holds up no operator's."""
_OF_ONES_OWN = (".localhost", ".local", ".internal", ".home.arpa")
"""Names that the internet's name servers never know (RFC 6761, 6762, 8375)."""

_one_at_a_time = asyncio.Lock()
_last: AddressAnswer | None = None


def address() -> str:
    """LNbits' base URL."""
    return settings.lnbits_baseurl.strip().rstrip("/")


def url_of(link_id: str) -> str:
    """Where the customer's wallet asks."""
    return f"{address()}/{PATH}/{link_id}"


def as_lnurl(url: str) -> str | None:
    """In bech32; None for what no wallet asks."""
    try:
        return str(encode_lnurl(url).bech32).lower()
    except (ValueError, ValidationError):
        return None


def may_have_links() -> bool:
    """Whether a customer's phone may be sent there, as far as it is written."""
    private = as_written(address()) == "private" and not _private_allowed()
    return not private and as_lnurl(url_of("0" * 32)) is not None


def _private_allowed() -> bool:
    with suppress(SettingsWrong):  # the log says so since the start, and the superuser's page does
        return environment.current().allow_private_links
    return False


def as_written(base_url: str) -> Reach | None:
    """What it cannot be, or need not be tried for; None: that has to be tried."""
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL:
        return "no_https"
    if not url.host:
        return "no_https"
    if url.host.endswith(".onion"):
        return "onion"
    if _is_ones_own(url.host):
        return "private"
    return None if url.scheme == "https" else "no_https"


def _is_ones_own(host: str) -> bool:
    try:
        return not is_on_the_internet(ip_address(host))
    except ValueError:
        name = host.lower().rstrip(".")
        return "." not in name or name.endswith(_OF_ONES_OWN)


async def look(clock: Clock, *, again: bool = False) -> AddressAnswer:
    """What is known of the address; it is tried when nothing is, or what is has grown old."""
    global _last  # noqa: PLW0603
    async with _one_at_a_time:
        now, told = clock(), _last
        kept = AGAIN if again else KEPT
        if told is None or told.address != address() or not now - kept < told.tried_at <= now:
            told = AddressAnswer(
                address=address(), reach=await _reach(address()), links=False, tried_at=now
            )
            _last = told
    return told.copy(update={"links": may_have_links()})


async def _reach(base_url: str) -> Reach:
    written = as_written(base_url)
    if written is not None:
        return written
    url = httpx.URL(base_url)
    found = await name_lookup.look_up(url.host, url.port or 443, [_OURS], SECONDS)
    if not found:
        return "silent"
    reach = await _answer(base_url)
    if reach == "reachable" and not all(map(is_on_the_internet, found)):
        return "private"
    return reach


async def _answer(base_url: str) -> Reach:
    word = token_hex(16)
    try:
        said = await within(SECONDS, _said(f"{base_url}/{PATH}/here/{word}"))
    except httpx.RemoteProtocolError:
        return "elsewhere"
    except (httpx.HTTPError, OSError, asyncio.TimeoutError) as error:
        return "certificate" if _is_of_tls(error) else "silent"
    return "reachable" if said == vouch_for(word).encode() else "elsewhere"


async def _said(url: str) -> bytes | None:
    """The answer, or its beginning; None for one that is none of ours.

    By httpx' transport: its client would follow `HTTP_PROXY`, and may be told to follow redirects.
    """
    request = httpx.Request("GET", url, headers={"Accept-Encoding": "identity"})
    trusted = ssl.create_default_context()
    async with httpx.AsyncHTTPTransport(verify=trusted, trust_env=False) as transport:
        answer = await transport.handle_async_request(request)
        try:
            if answer.status_code != HTTPStatus.OK:
                return None
            said = b""
            async for piece in answer.aiter_raw():
                said += piece
                if len(said) > MOST_BYTES:
                    return None
            return said
        finally:
            await answer.aclose()


def _is_of_tls(error: BaseException | None) -> bool:
    """Whether the certificate is not good, or nobody speaks TLS there."""
    while error is not None and not isinstance(error, ssl.SSLError):
        error = error.__cause__ or error.__context__
    return error is not None
