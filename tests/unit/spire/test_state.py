"""What is on the disk, and who may read it."""

import json
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from spirekeeper.seed import Seed
from spirekeeper.spire.errors import SpireError
from spirekeeper.spire.machine import Machine
from spirekeeper.spire.state import Connection, State, StateFile

SEED = Seed.build(
    spire_pubkey="79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
    secret="5ec4e7",
    bunker_relay="wss://relay.example.com",
    relays=["wss://relay.example.com", "wss://relay2.example.com"],
)
SERVICE = "c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5"


@pytest.fixture
def file(home: Path) -> StateFile:
    home.mkdir()
    return StateFile(home)


def test_what_is_written_is_read_back(file: StateFile) -> None:
    assert file.read() == State()
    state = State(pending=Connection.begin(SEED, nip04=True))
    file.write(state)
    assert file.read() == state
    file.write(State(connected=state.pending))
    assert file.read() == State(connected=state.pending)


def test_a_state_of_the_version_before_is_read(file: StateFile, home: Path) -> None:
    """Which knew no newer connection beside the one that signs."""
    older, newer = (Connection.begin(SEED, nip04=False) for _ in range(2))
    file.write(State(connected=older, pending=newer))
    stored = json.loads((home / "state.json").read_text())
    del stored["waiting"]
    (home / "state.json").write_text(json.dumps(stored))
    assert file.read() == State(connected=older, pending=newer)


def test_a_state_of_a_version_before_cash_is_read(file: StateFile, home: Path) -> None:
    state = State(connected=Connection.begin(SEED, nip04=False))
    file.write(state)
    stored = json.loads((home / "state.json").read_text())
    del stored["connected"]["service_pubkey"]
    (home / "state.json").write_text(json.dumps(stored))
    assert file.read() == state


def test_each_connection_keeps_the_service_key_of_its_seed(file: StateFile) -> None:
    with_cash = replace(SEED, service_pubkey=SERVICE)
    older, newer = (Connection.begin(seed, nip04=False) for seed in (with_cash, SEED))
    file.write(State(connected=older, waiting=newer))
    read = file.read()
    assert [each.service_pubkey for each in read.both] == [SERVICE, None]
    assert older.seed_digest != newer.seed_digest, "switching cash on makes another seed"


def test_what_is_left_without_one_of_two_connections() -> None:
    older, newer, stranger = (Connection.begin(SEED, nip04=False) for _ in range(3))
    both = State(connected=older, waiting=newer)
    assert both.without(older) == State(connected=newer)
    assert both.without(newer) == State(connected=older)
    assert both.without(stranger) == both, "somebody else has changed the state meanwhile"
    assert State(connected=older).without(older) == State(connected=older)


def test_only_the_owner_may_read(file: StateFile, home: Path) -> None:
    previous = os.umask(0)
    try:
        file.write(State())
    finally:
        os.umask(previous)
    (home / "state.json").chmod(0o644)
    file.write(State())
    assert stat.S_IMODE((home / "state.json").stat().st_mode) == 0o600
    assert [path.name for path in home.iterdir()] == ["state.json"]


def test_the_home_folder_is_the_owners_too(tmp_path: Path) -> None:
    home = tmp_path / "deep" / "spire"
    with StateFile(home).locked():
        assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_a_write_that_a_power_cut_ended_is_of_no_account(file: StateFile, home: Path) -> None:
    state = State(pending=Connection.begin(SEED, nip04=False))
    file.write(state)
    (home / "state.tmp").write_text('{"connected": nu')
    assert file.read() == state
    file.write(State())
    assert file.read() == State()


def test_forgetting_leaves_no_key_behind(file: StateFile, home: Path) -> None:
    file.write(State(pending=Connection.begin(SEED, nip04=False)))
    (home / "state.tmp").write_text("half a key")
    assert Machine(home).forget()
    assert not Machine(home).forget()
    assert [path.name for path in home.iterdir()] == ["lock"]


def test_a_write_that_fails_leaves_the_old_state(
    file: StateFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = State(pending=Connection.begin(SEED, nip04=False))
    file.write(state)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SpireError, match="No space left"):
        file.write(State())
    assert file.read() == state


NO_KEY = json.dumps({"connected": {"client_secret": "x", "relays": []}, "pending": None})


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "{}", '{"connected": {}, "pending": null}', "[" * 9999, NO_KEY]
)
def test_a_state_that_cannot_be_read_is_said_so(text: str, file: StateFile, home: Path) -> None:
    (home / "state.json").write_text(text)
    with pytest.raises(SpireError, match="spire forget"):
        file.read()
    assert Machine(home).forget()
    assert file.read() == State()


def test_a_state_that_is_no_text(file: StateFile, home: Path) -> None:
    (home / "state.json").write_bytes(b"\xff\xfe")
    with pytest.raises(SpireError, match="cannot be read"):
        file.read()


def test_a_home_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(SpireError, match="cannot be written"):
        Machine(tmp_path / "taken").forget()


async def test_one_command_at_a_time(home: Path, file: StateFile) -> None:
    with file.locked(), pytest.raises(SpireError, match="at work"):
        await Machine(home).boot(SEED.encode())
    assert file.read() == State()


def test_a_repr_shows_no_secret() -> None:
    state = State(pending=Connection.begin(SEED, nip04=False))
    assert state.pending
    assert state.pending.client_secret not in repr(state)
    assert "5ec4e7" not in repr(state)
    assert "5ec4e7" not in state.pending.seed_digest
