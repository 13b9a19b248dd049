"""The seal of the bunker's settings, opened without the product's code: what it should be."""

import base64
import json
import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_AROUND = ("admin_pubkey", "allow_private_relays", "bunker_pubkey", "mint", "relays")
"""The columns that the seal vouches for."""


def admin_secret(data: Path) -> str:
    """The admin key in the data folder of an LNbits, in hex."""
    lnbits_secret = (data / ".lnbits_auth_key").read_text()
    with closing(sqlite3.connect(data / "ext_spirekeeper.sqlite3")) as database:
        database.row_factory = sqlite3.Row
        [row] = database.execute("SELECT * FROM bunker_settings").fetchall()
    relays, private = json.loads(row["relays"]), bool(row["allow_private_relays"])
    read = {**dict(row), "relays": relays, "allow_private_relays": private}
    return str(json.loads(opened(read, lnbits_secret))["admin_secret"])


def opened(row: Mapping[str, Any], lnbits_secret: str) -> bytes:
    blob = base64.b64decode(row["sealed"])
    nonce, tag, text = blob[:16], blob[16:32], blob[32:]
    return AESGCM(_key(lnbits_secret)).decrypt(nonce, text + tag, _about(row))


def sealed(plain: bytes, row: Mapping[str, Any], lnbits_secret: str) -> str:
    nonce = os.urandom(16)
    sealed = AESGCM(_key(lnbits_secret)).encrypt(nonce, plain, _about(row))
    return base64.b64encode(nonce + sealed[-16:] + sealed[:-16]).decode()


def _key(lnbits_secret: str) -> bytes:
    kdf = HKDF(SHA256(), 32, salt=b"spirekeeper bunker settings", info=b"")
    return kdf.derive(lnbits_secret.encode())


def _about(row: Mapping[str, Any]) -> bytes:
    return json.dumps({name: row[name] for name in _AROUND}).encode()
