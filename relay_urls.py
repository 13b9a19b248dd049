"""The one judge of how a relay's URL must look, wherever it comes from: a caller, the bunker's
address, the environment, a seed. Pure; where it leads is `relay_probe.py`'s affair."""

import re
from urllib.parse import urlsplit

MOST_LETTERS = 512
"""Of one that is stored. In a seed, which is short as a whole, it may be longer."""

_WRITTEN = re.compile(r"wss?://[\w.\-~:/?\[\]@!$&'()*+,;=%]+", re.I | re.A)


def is_relay_url(text: str) -> bool:
    """ws:// or wss://, a host, perhaps a port, path and query; no user name and no fragment."""
    if not _WRITTEN.fullmatch(text):
        return False
    try:
        parts = urlsplit(text)
        return bool(parts.hostname) and parts.port != 0 and parts.username is None
    except ValueError:
        return False
