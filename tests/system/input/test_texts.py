"""The texts that people paste and machines scan: a seed, a bunker's address, a file of machines."""

import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from nostr_sdk import Keys
from spirekeeper.bunker.address import AddressError, BunkerAddress
from spirekeeper.seed import MOST_BYTES, Seed, SeedError
from support.figures import Figures
from support.host import Host
from system.input.mutating import calls_made, kept_by, randoms, spoiled_text

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "seed_v1.json").read_text())
OTHER_QR_CODES = [
    "WIFI:T:WPA;S:shop;P:password;;",
    "bitcoin:bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq?amount=0.001",
    "lnbc1500n1pdnjkwxpp5kq7y8wsqd6v5v" + "q" * 200,
    "LNURL1DP68GURN8GHJ7UM9WFMXJCM99E3K7MF0V9CXJ0M385EKVCENXC6R2C35XVUKXEFCV5MKVV34X5EKZD3EV56NYD3HXQURZEPEXEJXXEPNXSCRVWFNV9NXZCN9XQ6XYEFHVGCXXCMYXYMNSERXFQ5FNS",
    "https://example.com/?spire-seed:v1:abc",
    "BEGIN:VCARD\nVERSION:3.0\nN:Doe\nEND:VCARD",
    "nostr:npub10xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqpkge6d",
    "nsec1vl029mgpspedva04g90vltkh6fvh240zqtv9k0t9af8935ke9laqsnlfe5",
    "bunker://79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798?relay=wss://a.b",
    "spire-seed:",
    "spire-seed:v1:",
    "spire-seed:v2:e30",
    "",
]
SEEDS = [each["seed"] for each in VECTORS["good"] + VECTORS["bad"]] + OTHER_QR_CODES
HEX = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
NPUB = Keys.parse("0" * 63 + "1").public_key().to_bech32()
ADDRESSES = [
    f"bunker://{HEX}?relay=wss%3A%2F%2Fa.example&relay=ws%3A%2F%2F127.0.0.1%3A7777%2Fx",
    f"bunker://{HEX.upper()}?relay=wss://a.example&secret=abc",
    f" bunker://{NPUB}?relay=wss://[2001:db8::1]:7777/\n",
    f"bunker://{NPUB}@relay.example%2Cb.example%3A7000",
    f"bunker://{NPUB}@a.example,ws%3A%2F%2F127.0.0.1%3A7777/",
    *OTHER_QR_CODES,
]
FILES = [
    "name,location,wallet\nStation North,Hall 2,make one\nStation South,,\n",
    'name,location\n"North, first","Hall ""2"""\n',
    "wallet,name\nfc36f2b333c94f99a3066ff38d2245cb,North\n",
    "name\r\nÄ\r\n\r\n,\r\n",
]


def read_seed(text: str) -> None:
    """Read, it is what is written again."""
    try:
        seed = Seed.decode(text)
    except SeedError:
        return
    assert Seed.decode(seed.encode()) == seed


def read_address(text: str) -> None:
    try:
        address = BunkerAddress.parse(text)
    except AddressError:
        return
    assert BunkerAddress.parse(address.url) == address
    assert address.url.isascii()
    assert address.url.isprintable()


def read_file(text: str) -> None:
    from spirekeeper.errors import InvalidInput
    from spirekeeper.fleet.csv_text import read

    try:
        rows = read(text.encode("utf-8", "surrogatepass"))
    except InvalidInput:
        return
    assert rows


Reader = Callable[[str], None]
READERS: dict[str, tuple[Reader, list[str]]] = {
    "seed": (read_seed, SEEDS),
    "address": (read_address, ADDRESSES),
    "file": (read_file, FILES),
}


def read_spoiled(name: str, number: int) -> None:
    read, good = READERS[name]
    for each, random in enumerate(randoms(name, number)):
        text = spoiled_text(random, good)
        try:
            read(text)
        except Exception as error:
            raise AssertionError(f"{name} {each}: {text!r:.3000}") from error


@pytest.mark.usefixtures("host")
@pytest.mark.parametrize("name", READERS)
def test_spoiled_texts_are_read_or_refused(name: str, figures: Figures) -> None:
    read_spoiled(name, 1000)
    figures.add("inputs", 1000)


@pytest.mark.long
@pytest.mark.usefixtures("host")
@pytest.mark.parametrize(
    ("name", "number"), [("seed", 30_000), ("address", 20_000), ("file", 8000)]
)
def test_many_spoiled_texts_are_read_or_refused(name: str, number: int, figures: Figures) -> None:
    read_spoiled(name, number)
    figures.add("inputs", number)


@pytest.mark.usefixtures("host")
@pytest.mark.parametrize("name", READERS)
def test_no_text_leaves_anything_behind(name: str, figures: Figures) -> None:
    assert kept_by(lambda: read_spoiled(name, 500)) < 20_000
    figures.add("inputs", 1500)


LONG: dict[str, tuple[Reader, Callable[[int], str], int]] = {
    "seed, its payload": (read_seed, lambda n: "spire-seed:v1:" + "e" * n, MOST_BYTES),
    "seed, too long": (read_seed, lambda n: "spire-seed:v1:" + "e" * n, 2**20),
    "address, its key": (read_address, lambda n: "bunker://" + "a" * n, 2**18),
    "address, a relay": (read_address, lambda n: f"bunker://{HEX}?relay=wss://" + "a." * n, 2**17),
    "address, colons": (read_address, lambda n: f"bunker://{NPUB}@[" + ":" * n, 2**17),
    "file, one cell": (read_file, lambda n: "name\n" + "a" * n, 2**18),
    "file, quotes": (read_file, lambda n: 'name\n"' + '""' * n, 2**17),
}


@pytest.mark.usefixtures("host")
@pytest.mark.parametrize("name", LONG)
def test_a_long_text_is_no_more_calls_than_a_short_one(name: str) -> None:
    """What grows with it is copying alone."""
    read, make, most = LONG[name]
    short, long = make(most // 64), make(most)
    read(make(most // 65))  # what is cached at first use is, but not this text
    assert calls_made(lambda: read(long)) <= calls_made(lambda: read(short)) + 50


MANY: dict[str, tuple[Reader, Callable[[int], str], int]] = {
    "address, relays": (
        read_address,
        lambda n: f"bunker://{HEX}?" + "&".join(f"relay=wss://{i}.example" for i in range(n)),
        512,
    ),
    "address, hosts": (read_address, lambda n: f"bunker://{NPUB}@" + "a.example," * n, 2048),
    "address, percents": (read_address, lambda n: f"bunker://{NPUB}@" + "%2" * n, 2**17),
    "file, rows": (read_file, lambda n: "name\n" + "North\n" * n, 1000),
    "file, blank rows": (read_file, lambda n: "name\n" + "\n" * n, 100_000),
}


@pytest.mark.usefixtures("host")
@pytest.mark.parametrize("name", MANY)
def test_four_times_as_many_parts_are_about_four_times_as_many_calls(name: str) -> None:
    read, make, most = MANY[name]
    read(make(2))
    few, many = make(most // 4), make(most)
    assert calls_made(lambda: read(many)) <= 6 * calls_made(lambda: read(few))


async def test_any_file_is_taken_or_refused_by_the_api(host: Host, figures: Figures) -> None:
    """Machines that come of it are few: most files are wrong somewhere."""
    caller = await host.newcomer("importer")
    headers = {**caller.headers, "Content-Type": "text/csv"}
    path = "/spirekeeper/api/v1/dca/machines/import"
    texts = [spoiled_text(random, FILES) for random in randoms("api", 150)]
    texts += [f"name,wallet\nNorth,{odd}\n" for odd in ("\x00", "'", "a\x00b", "\x7f", "\u202e")]
    texts += ["name,location\nNorth,\x00\n", "name\n\x00\n"]
    for text in texts:
        body = text.encode("utf-8", "surrogatepass")
        answer = await host.client.post(path, content=body, headers=headers)
        assert answer.status_code in (201, 400, 404, 409, 429), (text, answer.text)
        told: Any = answer.json()
        assert set(told) - {"problems", "field", "reason", "values"} == (
            {"machines"} if answer.status_code == 201 else {"detail", "code"}
        )
    figures.add("inputs", len(texts))


def test_the_same_again_is_the_same_input() -> None:
    """A failure can be had again from its number."""
    first, second = (
        [spoiled_text(Random(f"seed-{number}"), SEEDS) for number in range(50)]  # noqa: S311
        for _ in range(2)
    )
    assert first == second
