"""How a relay's URL must look, and the one form that spirekeeper keeps it in.

Wherever it comes from: a caller, the bunker's address, the environment, a seed. Pure; says nothing
about where it leads.
"""

import re
from functools import lru_cache
from urllib.parse import urlsplit

from nostr_sdk import NostrSdkError, RelayUrl

MOST_LETTERS = 512
"""Of one that is stored. In a seed, which is short as a whole, it may be longer."""

_REST = r"(?:[/?][\w.\-~:/?\[\]@!$&'()*+,;=%]*)?"
_WRITTEN = re.compile(rf"wss?://(?:[\w.\-]+|\[[\da-f:.]+\])(?::\d*)?{_REST}", re.I | re.A)
_TYPED = re.compile(rf"wss?://[^\s/?#\\@,;&]+{_REST}", re.I | re.A)
"""With a host as people write it: in their own script, or an address in another notation."""
_NAMED = re.compile(rf"(?:[^\s/?#\\@,;&:\[\]]+|\[[\da-f:.]+\])(?::\d+)?{_REST}", re.I | re.A)
"""A host, perhaps with a port and what follows, and no scheme."""
_ANOTHER = re.compile(r"[\s,;|]*(?=wss?://)", re.I)
_BETWEEN = re.compile(r"[\s,;|]+")
"""What is between relays that are listed by their names alone."""
_ROOT = re.compile(r"^(wss?://[^/?]+)/(?=[?]|$)")
_OWN_PORT = {"ws": 80, "wss": 443}


def is_relay_url(text: str) -> bool:
    """ws:// or wss://, a host, perhaps a port, path and query; no user name and no fragment.

    A second :// would be another relay, written into the same field.
    """
    if not _WRITTEN.fullmatch(text) or text.count("://") > 1:
        return False
    try:
        parts = urlsplit(text)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def normal_form(written: str) -> str:
    """The same text for every way to write one relay's URL; what is none stays as it is.

    As WHATWG has it: scheme and host in lower case, the host in ASCII and an address in its usual
    notation, no port that the scheme has anyway, no `..` in the path; but without a slash that is
    the whole path. Two URLs of one relay would else be two relays: tried, listened to and counted
    twice. `&amp;`, from a web page, is `&`.
    """
    meant = written.replace("&amp;", "&")
    if not _TYPED.fullmatch(meant):
        return written
    try:
        url = _ROOT.sub(r"\1", str(RelayUrl.parse(meant)))
    except (NostrSdkError, ValueError):  # half a letter cannot be handed over at all
        return written
    return url if is_relay_url(url) else written


def as_meant(typed: str) -> str:
    """The normal form of a relay as somebody typed it; by its name alone, an encrypted one is
    meant."""
    url = normal_form(f"wss://{typed}") if _NAMED.fullmatch(typed) else normal_form(typed)
    return url if is_relay_url(url) else typed


def each_of(text: str) -> list[str]:
    """The relays that were written into one field, in any way to list them."""
    urls = [url for url in (_ANOTHER if "://" in text else _BETWEEN).split(text) if url]
    return [url.rstrip(" \t\r\n,;|") for url in urls] if len(urls) > 1 else urls


def host_and_port(url: str) -> tuple[str, int]:
    """Where a relay's URL leads."""
    parts = urlsplit(url)
    return str(parts.hostname), parts.port or _OWN_PORT[parts.scheme]


@lru_cache(maxsize=4096)
def server_of(url: str) -> str:
    """Host and port as one text: many paths of one server are one server."""
    host, port = host_and_port(normal_form(url))
    return f"{host}:{port}"
