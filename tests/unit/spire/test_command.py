"""The command itself, as a process of its own: what it prints, and how it ends."""

import asyncio
import os
import stat
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import segno
from nostr_sdk import Event, Keys
from PIL import Image
from spirekeeper.devkit.bunker import DevBunker
from spirekeeper.devkit.relay import DevRelay
from spirekeeper.devkit.smoke import SPIRE
from spirekeeper.seed import Seed, fingerprint
from spirekeeper.spire import command
from support.commanding import Command
from support.raw_parties import RawAdmin
from unit.spire.scripted_signer import ScriptedSigner, saying

MakeSeed = Callable[..., Awaitable[Seed]]


@pytest.fixture
def with_seed(spire: Command, seed: Seed) -> Seed:
    spire.secrets += [seed.secret, seed.encode()]
    return seed


@pytest.fixture
async def booted(spire: Command, with_seed: Seed) -> Command:
    ran = await spire("boot", with_seed.encode())
    assert ran.code == 0
    return spire


async def test_boot(spire: Command, with_seed: Seed, admin: RawAdmin) -> None:
    ran = await spire("boot", with_seed.encode())
    [user] = await admin.users("spire-a")
    mark = fingerprint(user["pubkey"])
    assert (ran.code, ran.error) == (0, "")
    assert ran.out.splitlines() == [
        f"seed: {with_seed.spire_npub}",
        f"client key made and stored, fingerprint {mark}",
        f"relay: {with_seed.bunker_relay}",
        "connect: acknowledged",
        "get_public_key: the key of the seed",
        f"connected. Compare the fingerprint with the operator's page: {mark}",
    ]
    again = await spire("boot")
    assert again.code == 0
    assert f"client key kept, fingerprint {mark}" in again.out
    assert "connect:" not in again.out


async def test_boot_from_a_file_from_standard_input_and_from_a_picture(
    spire: Command, make_seed: MakeSeed, tmp_path: Path
) -> None:
    marks = set()
    for way in ("file", "stdin", "qr"):
        seed = await make_seed()
        text = seed.encode()
        spire.secrets.append(seed.secret)
        if way == "file":
            (tmp_path / "seed.txt").write_text(f"\n {text}\r\n")
            ran = await spire("boot", "--seed-file", str(tmp_path / "seed.txt"))
        elif way == "stdin":
            ran = await spire("boot", "--seed-file", "-", stdin=text + "\n")
        else:
            segno.make(text, error="l").save(str(tmp_path / "seed.png"), scale=4)
            ran = await spire("boot", "--qr", str(tmp_path / "seed.png"))
        assert ran.code == 0, ran.error
        marks.add(ran.out.splitlines()[-1])
    assert len(marks) == 3, "a new seed, a new client key"


async def test_sign_prints_the_event_and_publishes_it(booted: Command, with_seed: Seed) -> None:
    arguments = ["--kind", "21000", "--content", "hello ü", "--tag", "alt=a=b", "--tag", "t="]
    ran = await booted("sign", *arguments)
    assert (ran.code, ran.error) == (0, "")
    event = Event.from_json(ran.out)
    assert event.verify()
    assert ran.json["pubkey"] == with_seed.spire_pubkey
    assert (ran.json["content"], ran.json["kind"]) == ("hello ü", 21000)
    assert ran.json["tags"] == [["alt", "a=b"], ["t", ""]]

    published = await booted("sign", *arguments, "--publish")
    assert published.code == 0
    assert Event.from_json(published.out).verify(), "nothing but the event is on standard output"
    assert published.error == f"{with_seed.relays[0]}: taken\n"


@pytest.mark.parametrize("text", ["", "hello", "spire-seed:v2:e30", "spire-seed:v1:e30", "\udcff"])
async def test_a_bad_seed_ends_with_2_and_one_line(spire: Command, text: str) -> None:
    for verb in ("boot", "inspect"):
        ran = await spire(verb, text)
        assert (ran.code, ran.out) == (2, "")
        assert len(ran.error.splitlines()) == 1
    assert not spire.home.exists()


async def test_a_refusal_ends_with_3(
    spire: Command, make_seed: MakeSeed, booted: Command, admin: RawAdmin
) -> None:
    expired = await make_seed(hours="-1")
    ran = await spire("boot", expired.encode())
    assert (ran.code, ran.error) == (
        3,
        "spire: This seed has expired. Ask the operator for a new one.\n",
    )
    [user] = await admin.users("spire-a")
    await admin.call("revoke_user", str(user["id"]))
    for arguments in (["boot"], ["sign", "--kind", "21000", "--content", "x", "--publish"]):
        ran = await spire(*arguments)
        assert ran.code == 3
        assert "no longer signs for this machine" in ran.error


async def test_out_of_reach_ends_with_4(
    booted: Command, bunker: DevBunker, relay: DevRelay
) -> None:
    await bunker.stop()
    ran = await booted("boot", "--timeout", "0.5")
    assert ran.code == 4
    assert "No answer to get_public_key within 0.5 s" in ran.error
    await relay.stop()
    ran = await booted("boot")
    assert ran.code == 4
    assert "cannot be reached" in ran.error


async def test_another_key_ends_with_5(
    spire: Command, signer: ScriptedSigner, scripted_seed: Seed
) -> None:
    other = Keys.generate().public_key().to_hex()
    signer.script["get_public_key"] = saying(other)
    ran = await spire("boot", scripted_seed.encode())
    assert ran.code == 5
    assert "another key" in ran.error
    assert (await spire("status", "--json")).json["state"] == "unpaired"


async def test_everything_else_ends_with_1(spire: Command, tmp_path: Path) -> None:
    (tmp_path / "no.json").write_text("{")
    operator = Keys.generate().public_key().to_hex()
    for arguments in (
        [],
        ["fly"],
        ["boot"],
        ["boot", "seed", "--qr", "x.png"],
        ["sign", "--kind", "21000", "--content", "x"],
        ["sign", "--kind", "70000", "--content", "x"],
        ["sign", "--kind", "1", "--content", "\udcff"],
        ["sign", "--kind", "1", "--content", "x", "--tag", "novalue"],
        ["sign", "--kind", "1", "--content", "x", "--timeout", "0"],
        ["sign", "--kind", "1", "--content", "x", "--timeout", "nan"],
        ["bootstrap", "--to", "nobody", "--cassettes", str(tmp_path / "no.json")],
        ["bootstrap", "--to", operator, "--cassettes", str(tmp_path / "no.json")],
        ["bootstrap", "--to", operator, "--cassettes", str(tmp_path / "missing.json")],
    ):
        ran = await spire(*arguments)
        assert ran.code == 1, arguments
        assert ran.error
    assert not (spire.home / "state.json").exists()


async def test_inspect(spire: Command, with_seed: Seed) -> None:
    ran = await spire("inspect", with_seed.encode(), "--json")
    assert ran.code == 0
    assert ran.json == {
        "spire_npub": with_seed.spire_npub,
        "spire_pubkey": with_seed.spire_pubkey,
        "bunker_url": with_seed.masked_bunker_url,
        "relays": list(with_seed.relays),
    }
    plain = await spire("inspect", with_seed.encode())
    assert plain.out.splitlines() == [
        f"spire_npub: {with_seed.spire_npub}",
        f"spire_pubkey: {with_seed.spire_pubkey}",
        f"bunker_url: {with_seed.masked_bunker_url}",
        f"relays: {', '.join(with_seed.relays)}",
    ]
    assert not spire.home.exists(), "it leaves nothing behind"


async def test_status_and_forget(spire: Command, with_seed: Seed, admin: RawAdmin) -> None:
    assert (await spire("status")).out == "state: unpaired\n"
    assert (await spire("forget")).out == "nothing to forget\n"

    assert (await spire("boot", with_seed.encode())).code == 0
    [user] = await admin.users("spire-a")
    status = (await spire("status", "--json")).json
    assert status["state"] == "connected"
    assert (status["waiting"], status["pending"]) == (None, None)
    connection = status["connection"]
    assert connection.pop("connected_at").endswith("Z")
    assert connection == {
        "spire_npub": with_seed.spire_npub,
        "spire_pubkey": with_seed.spire_pubkey,
        "client_pubkey": user["pubkey"],
        "fingerprint": fingerprint(user["pubkey"]),
        "bunker_relays": [with_seed.bunker_relay],
        "relays": list(with_seed.relays),
        "service_pubkey": None,
        "bootstrap_published_at": None,
    }
    plain = (await spire("status")).out
    assert f"fingerprint: {fingerprint(user['pubkey'])}\n" in plain
    assert "bootstrap_published_at: -\n" in plain

    assert (await spire("forget")).out.startswith("forgotten")
    assert (await spire("status")).out == "state: unpaired\n"


async def test_status_shows_a_seed_that_waits(spire: Command, with_seed: Seed) -> None:
    lonely = Seed.build(
        spire_pubkey=with_seed.spire_pubkey,
        secret="5ec4e7",
        bunker_relay="ws://127.0.0.1:1",
        relays=["ws://127.0.0.1:1"],
    )
    assert (await spire("boot", lonely.encode())).code == 4
    status = (await spire("status", "--json")).json
    assert (status["state"], status["connection"]) == ("pending", None)
    plain = (await spire("status")).out
    assert "  bunker_relays: ws://127.0.0.1:1\n" in plain
    assert "5ec4e7" not in plain


async def test_both_connections_are_told_apart(
    booted: Command, make_seed_of_new_key: MakeSeed, with_seed: Seed, admin: RawAdmin
) -> None:
    newer = await make_seed_of_new_key()
    booted.secrets += [newer.secret, newer.encode()]
    ran = await booted("boot", newer.encode())
    assert (ran.code, ran.error) == (0, "")
    [older_user], [newer_user] = await admin.users("spire-a"), await admin.users("spire-a-2")
    older_mark, newer_mark = map(fingerprint, (older_user["pubkey"], newer_user["pubkey"]))
    *_, signs, compare = ran.out.splitlines()
    assert signs.endswith("goes on signing until the operator has confirmed the newer one")
    assert compare.endswith(newer_mark)

    status = (await booted("status", "--json")).json
    assert (status["state"], status["pending"]) == ("connected", None)
    assert status["connection"]["fingerprint"] == older_mark
    assert status["waiting"]["fingerprint"] == newer_mark
    first, second = (await booted("status")).out.split("a newer connection, which signs once")
    assert "this connection signs:\n" in first
    assert f"\nfingerprint: {older_mark}\n" in first
    assert f"\n  fingerprint: {newer_mark}\n" in second

    arguments = ("sign", "--kind", "21000", "--content", "hello")
    before = await booted(*arguments)
    assert (before.json["pubkey"], before.error) == (with_seed.spire_pubkey, "")
    await admin.revoke(older_user["pubkey"])
    after = await booted(*arguments)
    assert after.json["pubkey"] == newer.spire_pubkey
    assert after.error == (
        "the bunker refuses the older connection: the newer one signs from now on\n"
    )
    status = (await booted("status", "--json")).json
    assert status["connection"]["fingerprint"] == newer_mark
    assert status["waiting"] is None
    assert (await booted(*arguments)).error == ""


async def test_bootstrap(booted: Command, tmp_path: Path) -> None:
    (tmp_path / "cassettes.json").write_text('{"cassettes": [{"count": 100}]}')
    npub = Keys.generate().public_key().to_bech32()
    arguments = ["bootstrap", "--to", npub, "--cassettes", str(tmp_path / "cassettes.json")]
    first = await booted(*arguments)
    assert first.code == 0
    assert first.out.endswith("cassettes published\n")
    second = await booted(*arguments)
    assert second.code == 0
    assert second.out == "already published for this seed; nothing to do\n"
    assert (await booted("status", "--json")).json["connection"]["bootstrap_published_at"]


async def test_the_home_folder_can_be_named_after_the_verb_too(
    spire: Command, with_seed: Seed, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    ran = await spire("boot", with_seed.encode(), "--home", str(elsewhere))
    assert ran.code == 0
    assert stat.S_IMODE((elsewhere / "state.json").stat().st_mode) == 0o600
    assert not spire.home.exists()


async def test_pictures_without_one_seed(spire: Command, with_seed: Seed, tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    for make, words in (
        (lambda: picture.write_bytes(b"\x89PNG no picture"), "no picture"),
        (lambda: Image.new("L", (400, 400), 255).save(picture), "no seed"),
        (lambda: segno.make("https://example.com").save(str(picture), scale=4), "no seed"),
        (lambda: two_codes(with_seed.encode(), "spire-seed:v1:e30", picture), "more than one"),
        (picture.unlink, "no picture"),
    ):
        make()
        ran = await spire("boot", "--qr", str(picture))
        assert ran.code == 2
        assert words in ran.error


def two_codes(first: str, second: str, picture: Path) -> None:
    page = Image.new("L", (900, 450), 255)
    for number, text in enumerate((first, second)):
        segno.make(text, error="l").save(str(picture), scale=4)
        with Image.open(picture) as code:
            page.paste(code.convert("L"), (number * 450, 0))
    page.save(picture)


async def test_a_code_without_a_background(spire: Command, with_seed: Seed, tmp_path: Path) -> None:
    picture = str(tmp_path / "seed.png")
    segno.make(with_seed.encode(), error="m").save(picture, scale=4, light=None)
    assert (await spire("inspect", "--qr", picture, "--json")).json["relays"]


async def test_a_crash_while_connecting_is_gone_on_from(
    spire: Command, signer: ScriptedSigner, scripted_seed: Seed
) -> None:
    heard = asyncio.Event()

    def hear(_: object) -> list[dict[str, Any]]:
        heard.set()
        return []

    signer.script["connect"] = hear
    process = await asyncio.create_subprocess_exec(
        *(str(SPIRE), "boot", scripted_seed.encode(), "--home", str(spire.home)),
        stdout=subprocess.DEVNULL,
    )
    await heard.wait()
    process.kill()
    await process.wait()

    signer.script["connect"] = saying("ack")
    assert (await spire("boot")).code == 0
    assert len({asked.author for asked in signer.asked}) == 1
    assert {tuple(asked.params) for asked in signer.asked if asked.method == "connect"} == {
        (signer.pubkey, scripted_seed.secret)
    }


def test_it_runs_without_lnbits() -> None:
    script = (
        "import sys, spirekeeper.spire.command, spirekeeper.spire.qr\n"
        "foreign = {'lnbits', 'fastapi', 'pydantic', 'sqlalchemy', 'httpx', 'loguru'}\n"
        "ours = {name for name in sys.modules if name.startswith('spirekeeper')}\n"
        "print(*sorted(foreign & set(sys.modules)), *sorted(ours))\n"
    )
    ran = subprocess.run(  # noqa: S603
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    files = Path(command.__file__).parent.glob("*.py")
    parts = sorted(file.stem for file in files if file.stem != "__init__")
    assert ran.stdout.split() == [
        "spirekeeper",
        "spirekeeper.loop",
        "spirekeeper.nostr",
        "spirekeeper.nostr.keys",
        "spirekeeper.nostr.refusals",
        "spirekeeper.nostr.relay_urls",
        "spirekeeper.seed",
        "spirekeeper.spire",
        *(f"spirekeeper.spire.{part}" for part in parts),
    ]
