"""How a relay's URL must look, and the one form that spirekeeper keeps it in.

Wherever it comes from: a caller, the bunker's address, the environment, a seed. Pure; says nothing
about where it leads.
"""

import re
from functools import lru_cache
from urllib.parse import urlsplit

MOST_LETTERS = 512
"""Of one that is stored. In a seed, which is short as a whole, it may be longer."""

_WRITTEN = re.compile(r"wss?://[\w.\-~:/?\[\]@!$&'()*+,;=%]+", re.I | re.A)
_PARTS = re.compile(r"(wss?)://([^/?]+)(.*)", re.I | re.S)
_OWN_PORT = {"ws": 80, "wss": 443}


def is_relay_url(text: str) -> bool:
    """ws:// or wss://, a host, perhaps a port, path and query; no user name and no fragment."""
    if not _WRITTEN.fullmatch(text):
        return False
    try:
        parts = urlsplit(text)
        return bool(parts.hostname) and parts.port != 0 and parts.username is None
    except ValueError:
        return False


@lru_cache(maxsize=4096)
def normal_form(url: str) -> str:
    """The same text for every way to write one relay's URL; what is none stays as it is.

    Scheme and host in lower case, without the port that the scheme has anyway, and without a slash
    that is the whole path. Two URLs of one relay would else be two relays: tried, listened to and
    counted twice.
    """
    written = _PARTS.fullmatch(url)
    if not written or not is_relay_url(url):
        return url
    scheme, server, rest = written[1].lower(), written[2].lower(), written[3]
    server = server.removesuffix(f":{_OWN_PORT[scheme]}").removesuffix(":")
    return f"{scheme}://{server}{re.sub(r'^/(?=[?]|$)', '', rest)}"


def host_and_port(url: str) -> tuple[str, int]:
    """Where a relay's URL leads."""
    parts = urlsplit(url)
    return str(parts.hostname), parts.port or _OWN_PORT[parts.scheme]


def server_of(url: str) -> str:
    """Host and port as one text: many paths of one server are one server."""
    host, port = host_and_port(url)
    return f"{host}:{port}"
