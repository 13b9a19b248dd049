"""Seeds as scanners, editors and people hand them over."""

import json
from pathlib import Path

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st
from spirekeeper.seed import PREFIX, Seed
from spirekeeper.spire.errors import BadSeed
from spirekeeper.spire.qr import read_seed
from spirekeeper.spire.seed_text import decode, seed_in
from support.commanding import Command

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "seed_v1.json").read_text())
SEED = str(VECTORS["good"][0]["seed"])
HALF = len(SEED) // 2

MENDED = {
    "blanks around it": f"  {SEED}\t\r\n",
    "a byte order mark": f"\ufeff{SEED}",
    "a zero-width space within": f"{SEED[:HALF]}\u200b{SEED[HALF:]}",
    "a joiner and a soft hyphen within": f"{SEED[:9]}\u2060{SEED[9:HALF]}\xad{SEED[HALF:]}",
    "lines of a mail": "\r\n".join(SEED[at : at + 72] for at in range(0, len(SEED), 72)),
    "a wide blank within": f"{SEED[:HALF]}\u3000{SEED[HALF:]}",
    "a scanner's prefix": f"]Q1{SEED}\r",
    "STX and ETX": f"\x02{SEED}\x03",
    "both": f"\x02]Q3{SEED}\x03\r\n",
    "scanned twice": f"{SEED}\r{SEED}\r",
    "scanned twice with a prefix": f"]Q1{SEED}\r]Q1{SEED}\r",
    "a word before it": f"Seed: {SEED}",
    "quotation marks": f'"{SEED}"',
    "other quotation marks": f"\u201c{SEED}\u201d.",
    "in angle brackets": f"<{SEED}>",
    "padded": f"{SEED}==",
    "a telephone's capital": f"S{SEED[1:]}",
    "Caps Lock": SEED.swapcase(),
    "Caps Lock, and scanned twice": f"{SEED.swapcase()}\r" * 2,
}
NAMED = {
    "capitals": (SEED.upper(), "capitals only"),
    "capitals of the payload": (PREFIX + "v1:" + SEED[len(PREFIX) + 3 :].upper(), "capitals only"),
    "small letters": (SEED.lower(), "small letters only"),
    "a dash": (f"{SEED[:HALF]}\u2013{SEED[HALF:]}", r"EN DASH \(U\+2013\)"),
    "a letter of another script": (f"{SEED[:HALF]}\u0435{SEED[HALF:]}", "CYRILLIC SMALL LETTER IE"),
    "bytes that are no text": (f"{SEED[:HALF]}\udcff{SEED[HALF:]}", "no text"),
    "a German keyboard": (
        SEED.translate(str.maketrans({":": "\xd6", "-": "\xdf"})),
        "keyboard layout",
    ),
    "two seeds": (f"{SEED}\n{VECTORS['good'][1]['seed']}", "more than one"),
    "a bunker URL": (VECTORS["good"][0]["fields"]["bunker_url"], "a bunker URL"),
    "a public key": (VECTORS["good"][0]["fields"]["spire_npub"], "a public key"),
    "a secret key": (f"nsec1{'q' * 58}", "a secret key"),
    "an address": ("https://lnbits.example.com/pair", "a web page"),
    "nothing": ("\ufeff \r\n", "nothing to read"),
    "another version": (SEED.replace("v1", "v2"), "only v1 is known"),
    "cut off": (SEED[:HALF], "payload"),
    "a book": ("x" * 100_000, "8 KiB"),
}


@pytest.mark.parametrize("text", MENDED.values(), ids=MENDED)
def test_what_is_no_part_of_it_is_cut_off(text: str) -> None:
    assert seed_in(text) == SEED
    assert decode(text) == Seed.decode(SEED)


@pytest.mark.parametrize(("text", "words"), NAMED.values(), ids=NAMED)
def test_what_cannot_be_mended_is_named(text: str, words: str) -> None:
    with pytest.raises(BadSeed, match=words) as bad:
        decode(text)
    assert str(bad.value).isprintable()
    assert "f00d" not in str(bad.value)
    assert text[20:60].strip() not in str(bad.value) or len(text) < 40


@given(st.text(), st.sampled_from([("", ""), (SEED[:HALF], SEED[HALF:]), (PREFIX, "")]))
def test_any_text_is_a_seed_or_said_to_be_none(text: str, around: tuple[str, str]) -> None:
    try:
        found = seed_in(text.join(around))
    except BadSeed:
        return
    assert found.startswith(PREFIX)
    assert found.isascii()


@pytest.mark.parametrize("vector", VECTORS["good"], ids=lambda vector: vector["name"])
def test_a_good_seed_is_left_alone(vector: dict[str, str]) -> None:
    assert seed_in(vector["seed"]) == vector["seed"]


async def test_the_command_takes_it_whichever_way_it_comes(spire: Command, tmp_path: Path) -> None:
    file = tmp_path / "seed.txt"
    expected = (await spire("inspect", SEED)).out
    assert (await spire("inspect", MENDED["STX and ETX"])).out == expected
    mail = MENDED["lines of a mail"]
    assert (await spire("inspect", "--seed-file", "-", stdin=mail)).out == expected
    for encoding in ("utf-8-sig", "utf-16"):
        file.write_bytes(MENDED["a scanner's prefix"].encode(encoding))
        assert (await spire("inspect", "--seed-file", str(file))).out == expected, encoding


async def test_a_code_that_says_more_than_the_seed(spire: Command, tmp_path: Path) -> None:
    picture = tmp_path / "seed.png"
    segno.make(f"Seed: {SEED}\n", error="l").save(str(picture), scale=4)
    assert read_seed(picture) == SEED
    segno.make(SEED.upper(), error="l").save(str(picture), scale=4)
    ran = await spire("inspect", "--qr", str(picture))
    assert ran.code == 2
    assert "capitals only" in ran.error


async def test_a_file_that_is_no_text(spire: Command, tmp_path: Path) -> None:
    (tmp_path / "seed.txt").write_bytes(b"\xff\xd8\xff\xe0")
    ran = await spire("boot", "--seed-file", str(tmp_path / "seed.txt"))
    assert ran.code == 2
    assert "no text" in ran.error
