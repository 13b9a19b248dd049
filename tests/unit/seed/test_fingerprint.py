"""What people compare cannot be made to match, and is the same in every implementation."""

import hashlib
import json
import re
import subprocess
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from nostr_sdk import Keys
from spirekeeper.seed import fingerprint

ROOT = Path(__file__).parents[3]
VECTORS = json.loads((ROOT / "tests" / "vectors" / "fingerprint.json").read_text())
WRITTEN = {".html", ".js", ".json", ".md", ".mjs", ".py", ".toml", ".vue", ".yml"}
FORM = re.compile(r"(?:[02-9ac-hj-np-z]{4} ){3}[02-9ac-hj-np-z]{4}")
"""Four groups of bech32's letters and digits: none that another one is taken for."""


def test_the_vectors_hold() -> None:
    for vector in VECTORS["fingerprints"]:
        key = Keys.parse(vector["secret"]).public_key()
        assert (key.to_hex(), key.to_bech32()) == (vector["pubkey"], vector["npub"])
        assert fingerprint(vector["pubkey"]) == vector["fingerprint"], vector["name"]


def test_a_key_that_was_ground_for_the_old_form_shows_another_one() -> None:
    """The attack: two keys that 32 bits of sha256 do not tell apart. A birthday search finds a pair
    in 67,000 keys, and a search for one particular key took 400 s on one core."""
    one, other = (vector["pubkey"] for vector in VECTORS["fingerprints"][2:4])
    old = [hashlib.sha256(bytes.fromhex(pubkey)).hexdigest()[:8] for pubkey in (one, other)]
    assert old[0] == old[1]
    assert fingerprint(one) != fingerprint(other)
    assert not set(fingerprint(one).split()) & set(fingerprint(other).split())


def test_the_last_groups_tell_apart_what_the_first_do_not() -> None:
    pair = VECTORS["fingerprints"][4:6]
    one, other = (fingerprint(vector["pubkey"]).split() for vector in pair)
    assert one[:2] == other[:2]
    assert one[2:] != other[2:]


@given(st.binary(min_size=32, max_size=32))
def test_it_is_the_first_80_bits_of_the_key(pubkey: bytes) -> None:
    """As bech32 has them (BIP-173), five bits a character, for every key that may be stored."""
    shown = fingerprint(pubkey.hex())
    assert FORM.fullmatch(shown)
    alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    bits = "".join(f"{alphabet.index(each):05b}" for each in shown.replace(" ", ""))
    assert int(bits, 2) == int.from_bytes(pubkey[:10], "big")


def test_no_page_shows_the_old_form() -> None:
    """Who reads an example looks for that on the machine's screen."""
    old = re.compile(r"\b(?=\d*[a-f])[0-9a-f]{4} (?=[a-f]*\d)[0-9a-f]{4}\b(?! [0-9a-z]{4}\b)")
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True)  # noqa: S607
    files = [ROOT / name for name in listed.stdout.decode().splitlines()]
    texts = {file: file.read_text() for file in files if file.suffix in WRITTEN and file.is_file()}
    assert len(texts) > 100
    assert {str(file): old.findall(text) for file, text in texts.items() if old.search(text)} == {}
    languages = sorted((ROOT / "static" / "i18n").glob("*.js"))
    for shown in (*languages, ROOT / "schemas/machines.py", ROOT / "docs/seed-url.md"):
        assert FORM.search(texts[shown]), shown
