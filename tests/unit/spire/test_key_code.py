"""The client key that a machine shows to a camera, in a terminal and as a picture."""

import re
from pathlib import Path

import pytest
import zxingcpp
from nostr_sdk import PublicKey
from PIL import Image
from spirekeeper.seed import Seed
from spirekeeper.spire.machine import Machine
from spirekeeper.spire.qr import fits, in_characters, key_code
from support.commanding import Command
from support.terminals import screenshot
from unit.spire.scripted_signer import ScriptedSigner, silent

TERMINALS = [("white", "black"), ("black", "white"), ("green", "#002b36")]


def read(image: Image.Image) -> list[str]:
    """As they stand: a reader that turns black and white around would take what others do not."""
    codes = zxingcpp.read_barcodes(image.convert("L"), try_invert=False)
    return [code.text for code in codes]


def npub_of(home: Path) -> str:
    return str(PublicKey.parse(Machine(home).client_pubkey).to_bech32())


def printed(out: str) -> str:
    return "\n".join(line for line in out.splitlines() if line.startswith("\x1b"))


async def test_it_is_printed_and_written_whole(
    spire: Command, home: Path, scripted_seed: Seed, tmp_path: Path
) -> None:
    picture = tmp_path / "key"  # a name without an ending is as good
    ran = await spire("boot", scripted_seed.encode(), "--show-qr", "--save-qr", str(picture))
    assert (ran.code, ran.error) == (0, "")
    npub = npub_of(home)
    for ink, paper in TERMINALS:
        assert read(screenshot(printed(ran.out), ink, paper)) == [npub], (ink, paper)
    with Image.open(picture) as image:
        assert (image.format, read(image)) == ("PNG", [npub])


async def test_it_is_there_before_the_operator_compares(
    spire: Command, home: Path, signer: ScriptedSigner, scripted_seed: Seed
) -> None:
    """From the acknowledgement on: what comes after it may take long, or break off."""
    signer.script["get_public_key"] = silent
    ran = await spire("boot", scripted_seed.encode(), "--show-qr", "--timeout", "0.5")
    assert ran.code == 4
    assert ran.out.index("connect: acknowledged") < ran.out.index("this machine's client key")
    assert read(screenshot(printed(ran.out))) == [npub_of(home)]


async def test_nothing_is_shown_before_the_bunker_took_it(
    spire: Command, signer: ScriptedSigner, scripted_seed: Seed
) -> None:
    signer.script["connect"] = silent
    ran = await spire("boot", scripted_seed.encode(), "--show-qr", "--timeout", "0.5")
    assert ran.code == 4
    assert printed(ran.out) == ""


async def test_it_is_shown_again_and_only_when_asked_for(
    spire: Command, home: Path, scripted_seed: Seed
) -> None:
    ran = await spire("boot", scripted_seed.encode())
    assert printed(ran.out) == ""
    again = await spire("boot", "--show-qr")
    assert read(screenshot(printed(again.out))) == [npub_of(home)]


async def test_a_picture_that_cannot_be_written_costs_no_seed(
    spire: Command, home: Path, signer: ScriptedSigner, scripted_seed: Seed, tmp_path: Path
) -> None:
    nowhere = str(tmp_path / "missing" / "key.png")
    ran = await spire("boot", scripted_seed.encode(), "--save-qr", nowhere)
    assert ran.code == 1
    assert ran.error.startswith(f"spire: {nowhere} cannot be written: No such file")
    client = npub_of(home)
    again = await spire("boot", "--save-qr", str(tmp_path / "key.png"))
    assert again.code == 0, again.error
    with Image.open(tmp_path / "key.png") as image:
        assert read(image) == [client] == [npub_of(home)]
    assert signer.methods.count("connect") == 1


async def test_a_terminal_without_blocks_is_told_before_the_seed_is_used(
    spire: Command,
    signer: ScriptedSigner,
    scripted_seed: Seed,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    ran = await spire("boot", scripted_seed.encode(), "--show-qr")
    assert ran.code == 1
    assert ran.error == "spire: This terminal has no block characters: use --save-qr instead.\n"
    assert signer.methods == []
    assert [fits(encoding) for encoding in ("utf-8", "cp437", "latin-1")] == [True, True, False]


def test_it_fits_a_terminal_of_24_lines() -> None:
    lines = in_characters(key_code("c" * 64)).splitlines()
    assert len(lines) <= 23
    assert len({len(re.sub(r"\x1b\[[\d;]*m", "", line)) for line in lines}) == 1
