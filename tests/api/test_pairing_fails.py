"""Pairing over the API: every way it can fail, and what is then left as it was."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from nostr_sdk import Keys
from spirekeeper.seed import Seed
from support.host import Caller, Host
from support.redeeming import redeem
from support.stored_here import all_pairings, columns

MALFORMED = "relays: number 1: It must look like wss://"
BAD_REQUESTS = {
    "no relays": ({"relays": []}, 400, "relays: ensure this value has at least 1 items"),
    "six relays": ({"relays": ["wss://a.example"] * 6}, 400, "relays: ensure this value has"),
    "no url": ({"relays": ["a@relay"]}, 400, MALFORMED),
    "http": ({"relays": ["https://a.example"]}, 400, MALFORMED),
    "userinfo": ({"relays": ["wss://a:b@a.example"]}, 400, MALFORMED),
    "blank": ({"relays": ["wss://a.example/ x"]}, 400, MALFORMED),
    "backslash": ({"relays": ["wss://a.example\\x"]}, 400, MALFORMED),
    "fragment": ({"relays": ["wss://a.example/#x"]}, 400, MALFORMED),
    "port": ({"relays": ["wss://a.example:99999"]}, 400, MALFORMED),
    "plain": (
        {"relays": ["ws://a.example"], "allow_private_relays": False},
        400,
        "It is not encrypted; use a wss:// relay",
    ),
    "loopback": (
        {"relays": ["wss://127.0.0.1"], "allow_private_relays": False},
        400,
        "It is a private address",
    ),
    "loopback by number": (
        {"relays": ["wss://2130706433"], "allow_private_relays": False},
        400,
        "It is a private address",
    ),
    "loopback by name": (
        {"relays": ["wss://localhost"], "allow_private_relays": False},
        503,
        "None of these relays can be reached",
    ),
    "loopback as IPv6": (
        {"relays": ["wss://[::ffff:127.0.0.1]"], "allow_private_relays": False},
        400,
        "It is a private address",
    ),
    "window": ({"scan_minutes": 0}, 400, "scan_minutes: ensure this value is greater"),
    "long window": ({"scan_minutes": 10081}, 400, "scan_minutes: ensure this value is less"),
    "session": ({"session_hours": 0}, 400, "session_hours: ensure this value is greater"),
    "all down": ({"relays": ["ws://127.0.0.1:9"]}, 503, "None of these relays can be reached"),
    "meeting point down": (
        {"bunker_relay": "ws://127.0.0.1:9"},
        503,
        "The bunker relay cannot be reached",
    ),
}


@pytest.mark.parametrize("case", BAD_REQUESTS.values(), ids=BAD_REQUESTS.keys())
async def test_a_bad_request_changes_nothing(
    host: Host, case: tuple[dict[str, Any], int, str]
) -> None:
    data, status, words = case
    machine_id = await host.add_machine()
    before = await columns(machine_id)
    answer = await host.api("POST", f"/machines/{machine_id}/pair", host.pair_request(**data))
    assert answer.status_code == status, answer.text
    assert words in answer.json()["detail"]
    assert answer.json()["code"] == ("invalid_input" if status == 400 else "no_relay")
    assert await columns(machine_id) == before


async def test_private_relays_need_the_superusers_leave(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPIREKEEPER_ALLOW_PRIVATE_RELAYS", "false")
    machine_id = await host.add_machine()
    answer = await host.api("POST", f"/machines/{machine_id}/pair", host.pair_request())
    assert answer.status_code == 400
    assert "the superuser has not allowed private relays" in answer.json()["detail"]


BUNKER_FAULTS = {
    "refuses the token": ("refuse", "create_new_token", 502, "bunker_failed", "token_not_made"),
    "refuses the key": ("refuse", "create_new_key", 502, "bunker_failed", "key_not_made"),
    "answers nonsense": ("garbage", "get_key_tokens", 502, "bunker_failed", "unreadable"),
    "answers nonsense to the mint": (
        "garbage",
        "create_new_key",
        502,
        "bunker_failed",
        "unreadable",
    ),
    "loses the key": ("silent", "create_new_key", 504, "bunker_silent", None),
    "loses the token": ("silent", "create_new_token", 504, "bunker_silent", None),
    "does not show the token": ("silent", "get_key_tokens", 504, "bunker_silent", None),
}


@pytest.fixture
async def impatient(host: Host, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """The extension's client with a deadline that a test can wait for, in its steady state."""
    from spirekeeper.connection import open_bunker

    with monkeypatch.context() as patch:
        patch.setattr(open_bunker, "CALL_SECONDS", 1.0)
        await open_bunker.close_bunker()
        await host.pair(await host.add_machine())
        yield
    await open_bunker.close_bunker()


@pytest.mark.parametrize("case", BUNKER_FAULTS.values(), ids=BUNKER_FAULTS.keys())
async def test_a_failing_bunker_changes_nothing_here_and_its_token_is_burned(
    host: Host, impatient: None, case: tuple[str, str, int, str, str | None]
) -> None:
    lever, method, status, code, reason = case
    machine_id = await host.add_machine()
    before = await columns(machine_id)
    if lever == "refuse":
        host.bunker.levers.refuse("token npub1abc#5ec7e7 is bad", method)
    else:
        getattr(host.bunker.levers, lever)(method)
    answer = await host.api("POST", f"/machines/{machine_id}/pair", host.pair_request())
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json().get("reason") == reason
    assert "5ec7e7" not in answer.text
    assert await columns(machine_id) == before
    answer = await host.api("GET", "/journal", params={"machine_id": machine_id})
    line = answer.json()["data"][0]
    assert (line["outcome"], line["detail_code"]) == (code, "refused")
    assert line["detail_values"].get("reason") == reason

    from spirekeeper.store import owed_rows

    pairing = (await all_pairings([machine_id]))[0]
    assert (pairing.state.value, pairing.end_reason) == ("failed", code)
    owing = await owed_rows.get_owed(machine_id)
    assert [(owed.kind.value, owed.client_name) for owed in owing] == [
        ("burn_token", pairing.client_name)
    ]
    host.bunker.levers.normal()
    result = await host.pair(machine_id)
    assert (await redeem(host, result["seed_url"]))["result"] == "ack"


@pytest.mark.parametrize("method", ["create_new_key", "create_new_token"])
async def test_a_lost_answer_is_looked_up_and_the_pair_goes_on(
    host: Host, impatient: None, method: str
) -> None:
    machine_id = await host.add_machine()
    host.bunker.levers.drop_answer(method, times=1)
    host.bunker.calls.clear()
    result = await host.pair(machine_id)
    asked = [
        c for c in host.bunker.calls if c.method == method and f"spire-{machine_id}" in c.params
    ]
    assert len(asked) == 1
    assert (await redeem(host, result["seed_url"]))["result"] == "ack"


async def test_without_a_bunker_it_says_so(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    machine_id = await host.add_machine()
    before = await columns(machine_id)
    monkeypatch.delenv("SPIREKEEPER_BUNKER_URL")
    answer = await host.api("POST", f"/machines/{machine_id}/pair", host.pair_request())
    assert (answer.status_code, answer.json()["code"]) == (503, "no_bunker")
    assert answer.json()["detail"] == "No bunker is configured; ask the superuser to enter one."
    assert await columns(machine_id) == before


async def test_somebody_else_is_pairing_it(host: Host) -> None:
    from datetime import timedelta

    from spirekeeper.clock import utc_now
    from spirekeeper.store import leases

    machine_id = await host.add_machine()
    now = utc_now()
    assert await leases.take_lease(machine_id, "another process", now, now + timedelta(minutes=1))
    before = await columns(machine_id)
    answer = await host.api("POST", f"/machines/{machine_id}/pair", host.pair_request())
    assert (answer.status_code, answer.json()["code"]) == (409, "machine_busy")
    assert await columns(machine_id) == before
    await leases.release_lease(machine_id, "another process")
    await host.pair(machine_id)


async def test_a_lease_that_ran_out_is_taken_over(host: Host) -> None:
    from datetime import timedelta

    from spirekeeper.clock import utc_now
    from spirekeeper.store import leases

    machine_id = await host.add_machine()
    past = utc_now() - timedelta(minutes=2)
    assert await leases.take_lease(machine_id, "a dead process", past, past + timedelta(minutes=1))
    await host.pair(machine_id)


async def test_two_pairs_at_once_leave_one_working_seed(host: Host) -> None:
    import asyncio

    machine_id = await host.add_machine()
    answers = await asyncio.gather(
        *(host.api("POST", f"/machines/{machine_id}/pair", host.pair_request()) for _ in range(3))
    )
    good = [answer.json() for answer in answers if answer.status_code == 200]
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert good
    redeemed = [(await redeem(host, each["seed_url"]))["result"] for each in good]
    assert redeemed.count("ack") == 1


async def take_pubkey(host: Host, pubkey: str, *, by: str, newcomer: Caller) -> None:
    from lnbits.core.crud import get_account, update_account
    from spirekeeper.store import database

    if by == "machine":
        other = await host.add_machine()
        await database.db.execute(
            f"UPDATE {database.MACHINES} SET machine_npub = :pubkey WHERE id = :id",
            {"pubkey": pubkey, "id": other},
        )
        return
    account = await get_account(newcomer.user_id)
    assert account is not None
    account.pubkey = pubkey.upper() if by == "deactivated account" else pubkey
    account.activated = by != "deactivated account"
    await update_account(account)


async def test_a_pair_right_before_the_lease_is_taken_for_an_older_one(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine was read before it, and had no key then."""
    from spirekeeper.store import leases

    machine_id, take_lease = await host.add_machine(), leases.take_lease
    older: list[dict[str, Any]] = []

    async def after_another(*args: Any) -> bool:
        monkeypatch.setattr(leases, "take_lease", take_lease)
        older.append(await host.pair(machine_id))
        return await take_lease(*args)

    monkeypatch.setattr(leases, "take_lease", after_another)
    newer = await host.pair(machine_id)
    assert newer["spire_pubkey"] == older[0]["spire_pubkey"]
    assert (await redeem(host, older[0]["seed_url"]))["result"] == "error"
    assert (await redeem(host, newer["seed_url"]))["result"] == "ack"
    assert (await host.pairing(machine_id))["state"] == "paired"


async def test_the_list_says_what_a_pair_that_failed_at_its_last_step_has_left(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The older seed has ended by then."""
    from spirekeeper import crud

    machine_id = await host.add_machine()
    await host.pair(machine_id)

    async def lost(*_: Any, **__: Any) -> bool:
        return False

    monkeypatch.setattr(crud, "set_machine_pairing", lost)
    answer = await host.api("POST", f"/machines/{machine_id}/pair", host.pair_request())
    assert (answer.status_code, answer.json()["code"]) == (409, "machine_busy")
    found = await host.api("GET", "/machines", params={"state": "awaiting_scan", "limit": 500})
    assert machine_id not in {machine["id"] for machine in found.json()["data"]}


@pytest.mark.parametrize("by", ["machine", "account", "deactivated account"])
async def test_a_key_that_is_somebodys_already_is_not_used(
    host: Host, newcomer: Caller, by: str
) -> None:
    from spirekeeper.store import database

    machine_id = await host.add_machine()
    first = await host.pair(machine_id)
    await database.db.execute(
        f"UPDATE {database.MACHINES} SET machine_npub = NULL WHERE id = :id", {"id": machine_id}
    )
    await take_pubkey(host, first["spire_pubkey"], by=by, newcomer=newcomer)
    before = await columns(machine_id)
    answer = await host.api("POST", f"/machines/{machine_id}/pair", host.pair_request())
    assert (answer.status_code, answer.json()["code"]) == (409, "pubkey_taken")
    assert await columns(machine_id) == before

    again = await host.pair(machine_id)
    assert again["spire_pubkey"] != first["spire_pubkey"]
    assert (await columns(machine_id))["bunker_spire_key_name"] == f"spire-{machine_id}-2"


async def test_an_npub_typed_by_hand_is_overwritten_and_both_are_journaled(host: Host) -> None:
    from spirekeeper.store import database

    machine_id = await host.add_machine()
    typed = Keys.generate().public_key().to_hex()
    await database.db.execute(
        f"UPDATE {database.MACHINES} SET machine_npub = :typed WHERE id = :id",
        {"typed": typed, "id": machine_id},
    )
    result = await host.pair(machine_id)
    assert (await columns(machine_id))["machine_npub"] == result["spire_pubkey"]
    lines: Any = await database.db.fetchall(
        f"SELECT detail FROM {database.JOURNAL} WHERE machine_id = :id AND event = 'pair'",
        {"id": machine_id},
    )
    assert typed in lines[0]["detail"]
    assert result["spire_npub"] in lines[0]["detail"]


async def test_an_existing_key_is_adopted_never_overwritten(host: Host) -> None:
    """A row restored from a backup: the machine's key is there, and nothing here knows of it."""
    from spirekeeper.store import database

    machine_id = await host.add_machine()
    first = await host.pair(machine_id)
    await database.db.execute(
        f"DELETE FROM {database.PAIRINGS} WHERE machine_id = :id", {"id": machine_id}
    )
    await database.db.execute(
        f"UPDATE {database.MACHINES} SET machine_npub = NULL, bunker_spire_key_name = NULL "
        "WHERE id = :id",
        {"id": machine_id},
    )
    assert (await host.pair(machine_id))["spire_pubkey"] == first["spire_pubkey"]


async def test_a_locked_key_is_unlocked_once(host: Host) -> None:
    machine_id = await host.add_machine()
    first = await host.pair(machine_id)
    await host.bunker.restart()
    host.bunker.calls.clear()
    again = await host.pair(machine_id)
    assert again["spire_pubkey"] == first["spire_pubkey"]
    unlocks = [
        c
        for c in host.bunker.calls
        if c.method == "unlock_key" and f"spire-{machine_id}" in c.params
    ]
    assert len(unlocks) == 1
    assert (await redeem(host, again["seed_url"]))["result"] == "ack"


async def test_a_refused_passphrase_is_not_tried_again(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine_id = await host.add_machine()
    await host.pair(machine_id)
    await host.bunker.restart()
    with monkeypatch.context() as patch:
        patch.setenv("SPIREKEEPER_KEY_PASSPHRASE", "not the one")
        host.bunker.calls.clear()
        for _ in range(2):
            answer = await host.api("POST", f"/machines/{machine_id}/pair", host.pair_request())
            assert (answer.status_code, answer.json()["code"]) == (502, "bunker_failed")
    assert [c.method for c in host.bunker.calls].count("unlock_key") == 1


async def test_no_secret_in_logs_database_or_errors(host: Host, newcomer: Caller) -> None:
    """A whole pairing, and a refusal in the daemon's words, with every log line captured."""
    from lnbits.settings import settings as lnbits_settings
    from loguru import logger

    lines: list[str] = []
    sink = logger.add(lines.append, level=0)
    try:
        machine_id = await host.add_machine()
        seeds = [await host.pair(machine_id) for _ in range(2)]
        await redeem(host, seeds[1]["seed_url"])
        await host.pairing(machine_id)
        host.bunker.levers.refuse(f"token {seeds[0]['bunker_url']}", "create_new_token", times=1)
        await host.api("POST", f"/machines/{machine_id}/pair", host.pair_request())
        await host.api("POST", f"/machines/{machine_id}/revoke")
    finally:
        logger.remove(sink)
    from pathlib import Path

    stored = b"".join(
        path.read_bytes() for path in Path(lnbits_settings.lnbits_data_folder).glob("ext_spire*")
    )
    for result in seeds:
        secret = Seed.decode(result["seed_url"]).secret
        assert secret not in "".join(lines)
        assert secret.encode() not in stored
        assert result["seed_url"] not in "".join(lines)
