"""From a seed to a connection, and again without one; what may go wrong on the way."""

import json
import stat
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from nostr_sdk import Keys
from spirekeeper.devkit.bunker import DevBunker, Lineage
from spirekeeper.devkit.relay import DevRelay
from spirekeeper.seed import Seed, fingerprint
from spirekeeper.spire.errors import BadSeed, CutOff, OtherKey, Refused, SpireError, Unreachable
from spirekeeper.spire.machine import Machine
from spirekeeper.spire.state import Connection, State, StateFile
from support.raw_parties import MakeBunker, RawAdmin, RawDevice
from support.raw_wire import RawClient
from unit.spire.scripted_signer import ScriptedSigner, in_turn, refusing, saying, silent

MakeSeed = Callable[..., Awaitable[Seed]]
SILENCE_S = 0.5
"""How long a test waits for an answer that does not come."""


async def test_a_machine_boots_and_signs(
    machine: Machine, seed: Seed, spire_pubkey: str, admin: RawAdmin
) -> None:
    await machine.boot(seed.encode())
    [user] = await admin.users("spire-a")
    assert user["pubkey"] == machine.client_pubkey
    assert machine.fingerprint == fingerprint(machine.client_pubkey)
    event = await machine.sign(21000, "hello")
    assert event.author().to_hex() == spire_pubkey


async def test_each_step_is_told(home: Path, seed: Seed) -> None:
    steps: list[str] = []
    machine = Machine(home, tell=steps.append)
    await machine.boot(seed.encode())
    assert steps == [
        f"seed: {seed.spire_npub}",
        f"client key made and stored, fingerprint {machine.fingerprint}",
        f"relay: {seed.bunker_relay}",
        "connect: acknowledged",
        "get_public_key: the key of the seed",
    ]


async def test_the_client_key_is_on_disk_before_connect_is_sent(
    machine: Machine, home: Path, signer: ScriptedSigner, scripted_seed: Seed
) -> None:
    file = home / "state.json"
    stored: list[str] = []

    def look(_: object) -> list[dict[str, str]]:
        stored.append(file.read_text())
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        return [{"result": "ack"}]

    signer.script["connect"] = look
    await machine.boot(scripted_seed.encode())
    kept = json.loads(stored[0])["pending"]
    assert Keys.parse(kept["client_secret"]).public_key().to_hex() == signer.asked[0].author
    assert kept["secret"] == scripted_seed.secret
    assert scripted_seed.secret not in file.read_text(), "forgotten once it is spent"


async def test_connect_and_then_the_key_and_nothing_else(
    machine: Machine, signer: ScriptedSigner, scripted_seed: Seed
) -> None:
    await machine.boot(scripted_seed.encode())
    assert signer.methods == ["connect", "get_public_key"]
    assert signer.asked[0].params == [signer.pubkey, scripted_seed.secret]
    assert {asked.encryption for asked in signer.asked} == {"nip44"}


@pytest.mark.parametrize("again", ["without a seed", "with the same seed"])
async def test_a_second_boot_sends_no_connect(
    again: str, machine: Machine, signer: ScriptedSigner, scripted_seed: Seed
) -> None:
    await machine.boot(scripted_seed.encode())
    client = machine.client_pubkey
    signer.asked.clear()
    await machine.boot(None if again == "without a seed" else scripted_seed.encode())
    assert signer.methods == ["get_public_key", "sign_event"]
    assert {asked.author for asked in signer.asked} == {client}


async def test_the_secret_is_an_answer_to_connect_too(
    machine: Machine, signer: ScriptedSigner, scripted_seed: Seed
) -> None:
    signer.script["connect"] = lambda asked: [{"result": asked.params[1]}]
    await machine.boot(scripted_seed.encode())
    assert machine.state.connected


async def test_a_new_seed_gets_a_new_client_key(machine: Machine, make_seed: MakeSeed) -> None:
    await machine.boot((await make_seed()).encode())
    before = machine.client_pubkey
    await machine.bootstrap(Keys.generate().public_key().to_hex(), "{}")
    await machine.boot((await make_seed()).encode())
    assert machine.client_pubkey != before
    assert machine.state.newest
    assert machine.state.newest.bootstrap_published_at is None


async def test_without_a_seed_there_is_nothing_to_boot(machine: Machine) -> None:
    with pytest.raises(SpireError, match="no connection yet"):
        await machine.boot()
    with pytest.raises(SpireError, match="no connection yet"):
        _ = machine.client_pubkey


async def test_a_bad_seed_changes_nothing(machine: Machine, seed: Seed, home: Path) -> None:
    await machine.boot(seed.encode())
    before = (home / "state.json").read_text()
    with pytest.raises(BadSeed, match="payload"):
        await machine.boot(seed.encode()[:-1])
    assert (home / "state.json").read_text() == before


# Refused.


async def test_a_spent_seed(machine: Machine, seed: Seed, tmp_path: Path) -> None:
    await machine.boot(seed.encode())
    for number in range(2):
        # The bunker sends its two refusals in turns: once the reason first, once last.
        with pytest.raises(Refused, match="used already"):
            await Machine(tmp_path / f"thief-{number}").boot(seed.encode())


async def test_an_expired_seed(machine: Machine, make_seed: MakeSeed) -> None:
    with pytest.raises(Refused, match="expired"):
        await machine.boot((await make_seed(hours="-1")).encode())


async def test_a_seed_of_another_bunker(machine: Machine, seed: Seed) -> None:
    other = Seed.build(
        spire_pubkey=seed.spire_pubkey,
        secret="0" * 64,
        bunker_relay=seed.bunker_relay,
        relays=seed.relays,
    )
    with pytest.raises(Refused, match="another bunker"):
        await machine.boot(other.encode())


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["Token revoked"], "has been revoked"),
        (["Not authorized", "Token expired"], "has expired"),
        (["Not authorized"], "no longer good"),
        (["invalid secret 5ec4e75ec4e7"], "its log says why"),
        (["something", "Token expired"], "has expired"),
    ],
)
async def test_why_a_bunker_refused_is_said_in_our_own_words(
    texts: list[str],
    words: str,
    machine: Machine,
    signer: ScriptedSigner,
    scripted_seed: Seed,
) -> None:
    signer.script["connect"] = refusing(*texts)
    with pytest.raises(Refused, match=words) as refused:
        await machine.boot(scripted_seed.encode())
    assert "5ec4e7" not in str(refused.value)
    assert machine.state == State()


async def test_an_approval_in_a_browser_is_no_use_to_a_machine(
    machine: Machine, signer: ScriptedSigner, scripted_seed: Seed
) -> None:
    signer.script["connect"] = lambda _: [
        {"result": "auth_url", "error": "https://bunker.example.com/approve"}
    ]
    with pytest.raises(Refused, match="browser") as refused:
        await machine.boot(scripted_seed.encode())
    assert "https://" not in str(refused.value)


async def test_an_answer_that_is_no_acknowledgement(
    machine: Machine, signer: ScriptedSigner, scripted_seed: Seed
) -> None:
    signer.script["connect"] = saying("sure")
    with pytest.raises(Refused, match="neither"):
        await machine.boot(scripted_seed.encode())


async def test_an_acknowledgement_beside_a_refusal_counts(
    machine: Machine, signer: ScriptedSigner, scripted_seed: Seed
) -> None:
    """A key that was started twice answers twice."""
    signer.script["connect"] = lambda asked: [
        *refusing("Token already redeemed")(asked),
        {"result": "ack"},
    ]
    await machine.boot(scripted_seed.encode())
    assert machine.state.connected


@pytest.mark.parametrize("kind", ["refused", "another key", "silent", "bad relay"])
async def test_a_new_seed_that_fails_leaves_the_older_connection(
    kind: str,
    machine: Machine,
    home: Path,
    seed: Seed,
    signer: ScriptedSigner,
    scripted_seed: Seed,
) -> None:
    await machine.boot(seed.encode())
    before = machine.client_pubkey
    if kind == "refused":
        signer.script["connect"] = refusing("Token expired", "Not authorized")
    elif kind == "another key":
        signer.script["get_public_key"] = saying(seed.spire_pubkey)
    elif kind == "silent":
        signer.script["connect"] = silent
    else:
        scripted_seed = Seed.build(
            spire_pubkey=signer.pubkey,
            secret="x",
            bunker_relay="ws://127.0.0.1:1",
            relays=scripted_seed.relays,
        )
    with pytest.raises((Refused, OtherKey, Unreachable)):
        await Machine(home, timeout=SILENCE_S).boot(scripted_seed.encode())
    waits = kind in {"silent", "bad relay"}
    assert (machine.state.pending is not None) == waits
    assert (machine.client_pubkey != before) == waits, "the one that the operator is asked about"
    event = await machine.sign(21000, "still here")
    assert event.author().to_hex() == seed.spire_pubkey


async def test_the_older_seed_ends_the_wait_for_a_newer_one(
    machine: Machine, home: Path, seed: Seed, signer: ScriptedSigner, scripted_seed: Seed
) -> None:
    await machine.boot(seed.encode())
    signer.script["connect"] = silent
    with pytest.raises(Unreachable):
        await Machine(home, timeout=SILENCE_S).boot(scripted_seed.encode())
    await machine.boot(seed.encode())
    assert machine.state.pending is None
    await machine.boot()


# Another key.


async def test_a_signer_that_holds_another_key(
    machine: Machine, signer: ScriptedSigner, scripted_seed: Seed, seed: Seed
) -> None:
    signer.script["get_public_key"] = saying(seed.spire_pubkey)
    with pytest.raises(OtherKey):
        await machine.boot(scripted_seed.encode())
    assert machine.state == State()


# Unreachable, and going on from there.


async def test_no_relay(machine: Machine, seed: Seed, relay: DevRelay) -> None:
    await relay.stop()
    with pytest.raises(Unreachable, match="cannot be reached"):
        await machine.boot(seed.encode())


async def test_a_locked_key_is_silent(
    machine: Machine, home: Path, seed: Seed, bunker: DevBunker, admin: RawAdmin
) -> None:
    await machine.boot(seed.encode())
    await bunker.restart()
    with pytest.raises(Unreachable, match="locked"):
        await Machine(home, timeout=SILENCE_S).boot()
    await admin.call("unlock_key", "spire-a", "pass-a")
    await bunker.listening()
    await machine.boot()


async def test_an_answer_that_was_lost_is_asked_for_again(
    home: Path, signer: ScriptedSigner, scripted_seed: Seed
) -> None:
    signer.script["connect"] = silent
    with pytest.raises(Unreachable, match="No answer to connect"):
        await Machine(home, timeout=SILENCE_S).boot(scripted_seed.encode())

    # It had been heard: the secret is spent, and the client key is known.
    signer.script["connect"] = lambda asked: (
        refusing("Not authorized", "Token already redeemed")(asked)
        if len(asked.params) > 1
        else [{"result": "ack"}]
    )
    machine = Machine(home)
    await machine.boot()
    assert [(asked.method, asked.params[1:]) for asked in signer.asked] == [
        ("connect", [scripted_seed.secret]),
        ("get_public_key", []),
        ("connect", [scripted_seed.secret]),
        ("connect", []),
        ("get_public_key", []),
    ]
    assert {asked.author for asked in signer.asked} == {machine.client_pubkey}


@pytest.mark.parametrize("again", ["without a seed", "with the same seed"])
async def test_a_crash_after_connect_was_sent(
    again: str, machine: Machine, home: Path, seed: Seed, relay: DevRelay, admin: RawAdmin
) -> None:
    pending = Connection.begin(seed, nip04=False)
    home.mkdir()
    StateFile(home).write(State(pending=pending))
    async with RawClient(relay.url, pending.keys) as client:
        assert await RawDevice(client, seed.spire_pubkey).connect(seed.secret) == ["ack"]

    await machine.boot(None if again == "without a seed" else seed.encode())
    assert machine.client_pubkey == pending.client_pubkey
    [user] = await admin.users("spire-a")
    assert user["pubkey"] == pending.client_pubkey


async def test_a_seed_that_another_device_spent_meanwhile(
    machine: Machine, home: Path, seed: Seed, tmp_path: Path
) -> None:
    home.mkdir()
    StateFile(home).write(State(pending=Connection.begin(seed, nip04=False)))
    await Machine(tmp_path / "other").boot(seed.encode())
    with pytest.raises(Refused, match="used already"):
        await machine.boot()
    assert machine.state == State()


async def test_a_crash_after_the_acknowledgement(
    machine: Machine, home: Path, signer: ScriptedSigner, scripted_seed: Seed
) -> None:
    acknowledged = replace(Connection.begin(scripted_seed, nip04=False), secret=None)
    home.mkdir()
    StateFile(home).write(State(pending=acknowledged))
    await machine.boot()
    assert signer.methods == ["get_public_key"]
    assert machine.state.connected


async def test_a_request_that_nobody_heard_is_sent_again(
    machine: Machine, signer: ScriptedSigner, scripted_seed: Seed
) -> None:
    """A key listens only a moment after the operator has been told that it is there."""
    signer.script["connect"] = in_turn(silent, saying("ack"))
    await machine.boot(scripted_seed.encode())
    assert signer.methods == ["connect", "connect", "get_public_key"]
    assert signer.asked[0].id == signer.asked[1].id


async def test_a_slow_bunker_that_was_asked_twice_is_asked_whether_it_knows_us(
    machine: Machine, signer: ScriptedSigner, scripted_seed: Seed
) -> None:
    signer.script["connect"] = in_turn(silent, refusing("Token already redeemed"), saying("ack"))
    await machine.boot(scripted_seed.encode())
    assert [len(asked.params) for asked in signer.asked[:3]] == [2, 2, 1]


async def test_a_revoked_machine_does_not_boot_again(
    machine: Machine, seed: Seed, admin: RawAdmin, make_seed: MakeSeed
) -> None:
    """get_public_key is answered for anybody; the machine looks further."""
    await machine.boot(seed.encode())
    [user] = await admin.users("spire-a")
    await admin.call("revoke_user", str(user["id"]))
    with pytest.raises(CutOff, match="revoked"):
        await machine.boot()
    await machine.boot((await make_seed()).encode())
    assert machine.state == State(connected=machine.state.newest), "it has taken the older's place"
    await machine.sign(21000, "back")


# Old bunkers.


async def test_an_old_bunker_is_spoken_to_in_nip04(
    machine: Machine, seed: Seed, bunker: DevBunker, admin: RawAdmin, make_bunker: MakeBunker
) -> None:
    await bunker.stop()
    old = admin.bunker = await make_bunker(lineage=Lineage.OLD_NDK)
    await admin.call("unlock_key", "spire-a", "pass-a", encryption="nip04")
    await old.listening()
    await machine.boot(seed.encode(), nip04=True)
    assert (await machine.sign(21000, "hello")).verify()
    await machine.boot()
    assert not old.ended.is_set()
