"""The search itself: a secret that lies about is found, whatever it looks like there."""

import base64
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from nostr_sdk import Keys
from spirekeeper.seed import Seed
from system.secrets.needles import Needles

KEY = Keys.parse("11" * 31 + "22").secret_key()
TOKEN = "5ec4e7" * 10 + "aaaa"
PASSPHRASE = 'pass "word" & ü/+ of öne'

WAYS: dict[str, Callable[[str], bytes]] = {
    "as it is": str.encode,
    "in the middle of a line": lambda text: f"DEBUG params=['k', '{text}']\n".encode(),
    "percent-encoded": lambda text: quote(text, safe="").encode(),
    "in JSON": lambda text: json.dumps({"a": text}).encode(),
    "in JSON in JSON": lambda text: json.dumps([json.dumps({"a": text})]).encode(),
    "in hex": lambda text: text.encode().hex().encode(),
    "in base64": lambda text: base64.b64encode(text.encode()),
    "in base64 after one letter": lambda text: base64.b64encode(b"x" + text.encode() + b"yz"),
    "in base64url after two": lambda text: base64.urlsafe_b64encode(b"xy" + text.encode() + b"z"),
    "as a browser stores it": lambda text: text.encode("utf-16-le"),
    "as bytes of a database": lambda text: b"\x00\x17" + text.encode() + b"\xff",
}
KEY_WAYS: dict[str, bytes] = {
    "nsec": KEY.to_bech32().encode(),
    "hex": KEY.to_hex().encode(),
    "upper case": KEY.to_hex().upper().encode(),
    "bytes": bytes.fromhex(KEY.to_hex()),
    "bytes in base64": base64.b64encode(bytes.fromhex(KEY.to_hex())),
    "bytes as Python shows them": repr(bytes.fromhex(KEY.to_hex())).encode(),
    "a number": str(int(KEY.to_hex(), 16)).encode(),
    "its beginning": KEY.to_hex()[:24].encode() + b"...",
    "its end": b"..." + KEY.to_bech32()[-24:].encode(),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("secret", [TOKEN, PASSPHRASE, KEY.to_bech32()])
def test_a_text_is_found(secret: str, way: str) -> None:
    needles = Needles()
    needles.add("it", secret)
    assert needles.found_in(b"before " + WAYS[way](secret) + b" after") == ["it"]
    assert needles.found_in(b"before " + WAYS[way]("f" * 64) + b" after") == []


@pytest.mark.parametrize("way", KEY_WAYS)
@pytest.mark.parametrize("given", [KEY.to_bech32(), KEY.to_hex()])
def test_a_key_is_found_whichever_way_it_is_known(given: str, way: str) -> None:
    needles = Needles()
    needles.add("the admin key", given)
    assert needles.found_in(b"x" + KEY_WAYS[way] + b"x") == ["the admin key"]


def test_a_token_is_found_in_a_seed() -> None:
    pubkey = Keys.parse(KEY.to_hex()).public_key().to_hex()
    relays = ["wss://relay.example.com"]
    for length in range(8, 12):
        seed = Seed.build(
            spire_pubkey=pubkey, secret=TOKEN, bunker_relay=f"wss://{'a' * length}", relays=relays
        )
        needles = Needles()
        needles.add("token", seed.secret)
        assert needles.found_in(seed.encode()) == ["token"]


def test_one_secret_counts_once_and_may_be_where_it_belongs() -> None:
    needles = Needles()
    needles.add("key", KEY.to_hex())
    needles.add("key again", KEY.to_bech32())
    needles.add("token", TOKEN)
    assert len(needles) == 2
    assert needles.named(KEY.to_bech32()) == "key"
    assert needles.found_in(TOKEN, but=["token"]) == []
    assert needles.found_in(TOKEN + KEY.to_hex(), but=["token"]) == ["key"]
    assert TOKEN not in repr(needles)
