"""Variables of LNbits' environment as compose and env files leave them: meant, or refused."""

import logging
import os
from pathlib import Path
from typing import Any

import pytest
from nostr_sdk import Keys
from support.host import Caller, Host
from support.redeeming import redeem, sign

SECRET = "nsec1 not a key but nearly one"
AS_LEFT_BEHIND = ("", "   ", '""', "''", "\r", '" "\r', "\t\n")
NAMES = (
    "ALLOW_PRIVATE_RELAYS",
    "MINT",
    "MACHINE_RELAYS",
    "BUNKER_RELAYS_FOR_MACHINES",
    "WEBHOOK_URL",
    "MAX_MACHINES",
    "ROTATIONS_A_DAY",
    "PAIRS_A_MINUTE",
)


def put(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"SPIREKEEPER_{name}", value)


async def connected(host: Host, as_: Caller | None = None) -> tuple[str, dict[str, Any], Keys]:
    """A machine that signs."""
    machine_id, client = await host.add_machine(as_), Keys.generate()
    path = f"/machines/{machine_id}/pair"
    seed = (await host.api("POST", path, host.pair_request(), as_=as_)).json()
    await redeem(host, seed["seed_url"], client)
    assert "error" not in await sign(host, seed["spire_pubkey"], client)
    return machine_id, seed, client


@pytest.mark.parametrize("cut", ["revoke", "emergency stop", "delete"])
@pytest.mark.parametrize("blank", ["", '""', "\r"])
async def test_a_blank_variable_leaves_a_cut_what_it_is(
    host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch, blank: str, cut: str
) -> None:
    """It was answered 400, and the machine went on signing."""
    machine_id, seed, client = await connected(host, newcomer)
    for name in NAMES:
        put(monkeypatch, name, blank)
    method, path, body = {
        "revoke": ("POST", f"/machines/{machine_id}/revoke", None),
        "emergency stop": ("POST", "/machines/revoke-all", {"expect": 1}),
        "delete": ("DELETE", f"/machines/{machine_id}", None),
    }[cut]
    answer = await host.api(method, path, body, as_=newcomer)
    assert answer.status_code == 200, answer.text
    assert "error" in await sign(host, seed["spire_pubkey"], client)


@pytest.mark.parametrize("blank", AS_LEFT_BEHIND)
@pytest.mark.usefixtures("host")
def test_a_blank_variable_is_not_set(monkeypatch: pytest.MonkeyPatch, blank: str) -> None:
    from spirekeeper.connection import environment

    for name in (*NAMES, *map(str.upper, environment.Quotas.__fields__)):
        put(monkeypatch, name, blank)
    said = environment.current()
    assert (said.bunker.allow_private_relays, said.bunker.mint) == (False, "bunker")
    assert said.quotas == environment.Quotas()
    assert said.webhook_url is None
    assert said.wrong == []


@pytest.mark.parametrize(
    ("name", "written", "means"),
    [
        ("mint", "Local", "local"),
        ("mint", '"local"\r', "local"),
        ("mint", " 'LOCAL' ", "local"),
        ("allow_private_relays", "TRUE", True),
        ("allow_private_relays", '"Yes"', True),
        ("allow_private_relays", "off\r", False),
        ("allow_private_relays", "'0'", False),
    ],
)
@pytest.mark.usefixtures("host")
def test_a_value_is_what_is_meant(
    monkeypatch: pytest.MonkeyPatch, name: str, written: str, means: object
) -> None:
    from spirekeeper.connection import environment

    put(monkeypatch, name.upper(), written)
    assert getattr(environment.current().bunker, name) == means


async def test_quotes_around_all_of_them_change_nothing(
    host: Host, host_admin: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And keys that an older version encrypted with quote and all are unlocked as before."""
    from spirekeeper.connection import settings

    text = "a passphrase of the tests"
    before = await settings.get_bunker_config()
    assert before is not None
    quoted = {
        "BUNKER_URL": f'"{host.bunker.url}"\r',
        "ADMIN_NSEC": f"'{host_admin.secret_key().to_bech32()}'",
        "KEY_PASSPHRASE": f'"{text}"',
        "ALLOW_PRIVATE_RELAYS": '"True"',
        "MAX_MACHINES": "'1000'\r",
    }
    for name, value in quoted.items():
        put(monkeypatch, name, value)
    now = await settings.get_bunker_config()
    assert now is not None
    assert (now.bunker_pubkey, now.relays, now.admin_secret) == (
        before.bunker_pubkey,
        before.relays,
        before.admin_secret,
    )
    assert now.passphrase_id == before.passphrase_id
    assert set(now.passphrases.values()) == {text, f'"{text}"'}
    seed = await host.pair(await host.add_machine())
    assert seed["seed_url"]


WRONG = {
    "ALLOW_PRIVATE_RELAYS": "perhaps",
    "MINT": "here",
    "MACHINE_RELAYS": "https://somebody:a-password@example.com",
    "ADMIN_NSEC": SECRET,
    "BUNKER_URL": "bunker://nobody?relay=wss://relay.example.com",
    "WEBHOOK_URL": "ftp://somebody:a-password@example.com",
    "MAX_MACHINES": "umpteen",
    "ROTATIONS_A_DAY": "-1",
    "PAIRS_A_MINUTE": "3.5",
}
WHY: dict[str, tuple[str, dict[str, Any]]] = {
    "ALLOW_PRIVATE_RELAYS": ("not_true_or_false", {}),
    "MINT": ("none_of", {"choices": "bunker, local"}),
    "MACHINE_RELAYS": ("malformed_relays", {"n": 5}),
    "ADMIN_NSEC": ("no_secret_key", {}),
    "BUNKER_URL": ("no_bunker_key", {}),
    "WEBHOOK_URL": ("no_web_address", {}),
    "MAX_MACHINES": ("not_a_number", {}),
    "ROTATIONS_A_DAY": ("too_small", {"n": 0}),
    "PAIRS_A_MINUTE": ("not_a_number", {}),
}
"""What the page says of each is made of this."""
OF_THE_BUNKER = ("ALLOW_PRIVATE_RELAYS", "MINT", "MACHINE_RELAYS", "ADMIN_NSEC", "BUNKER_URL")


@pytest.fixture(params=WRONG)
def wrong(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a variable that makes no sense."""
    put(monkeypatch, request.param, WRONG[request.param])
    return str(request.param)


async def test_a_wrong_one_is_told_the_superuser_and_nobody_else(
    host: Host, wrong: str, caplog: pytest.LogCaptureFixture
) -> None:
    """By name, in the log of the start too, and never with what it holds."""
    from spirekeeper.connection import environment

    told = (await host.api("GET", "/bunker", as_=host.superuser)).json()
    [setting] = told["wrong_settings"]
    assert setting["variable"] == f"SPIREKEEPER_{wrong}"
    assert (setting["reason"], setting["values"]) == WHY[wrong]
    others = (await host.api("GET", "/bunker")).json()
    assert others["wrong_settings"] == []
    with caplog.at_level(logging.ERROR):
        environment.read()
    assert f"SPIREKEEPER_{wrong}" in caplog.text
    for shown in (str(told), str(others), caplog.text):
        assert WRONG[wrong] not in shown
        assert "a-password" not in shown


async def test_a_wrong_one_is_refused_where_it_matters(host: Host, wrong: str) -> None:
    """With a code; and what it has nothing to do with goes on."""
    add = await host.api("POST", "/machines", {"name": "North"})
    if wrong in ("MAX_MACHINES", "ROTATIONS_A_DAY", "PAIRS_A_MINUTE"):
        assert (add.status_code, add.json()["code"]) == (503, "settings_wrong")
        return
    assert add.status_code == 201, add.text
    path = f"/machines/{add.json()['id']}"
    pair = await host.api("POST", f"{path}/pair", host.pair_request())
    if wrong in OF_THE_BUNKER:
        assert (pair.status_code, pair.json()["code"]) == (503, "settings_wrong")
        assert f"SPIREKEEPER_{wrong}" in pair.json()["detail"]
        status = (await host.api("GET", "/bunker")).json()
        assert (status["reachable"], status["problem_code"]) == (False, "settings_wrong")
    else:
        assert pair.status_code == 200, pair.text
    assert (await host.api("POST", f"{path}/revoke")).status_code == 200
    assert (await host.api("DELETE", path)).status_code == 200


async def test_with_a_wrong_one_the_background_does_not_crash(host: Host, wrong: str) -> None:
    from spirekeeper.clock import utc_now
    from spirekeeper.steps import owed_revocations, recovery
    from spirekeeper.steps.clocks import end_by_clock
    from spirekeeper.upkeep.notify import notify_new
    from spirekeeper.upkeep.reconcile import in_background
    from spirekeeper.upkeep.unlocking import unlock_locked

    for work in (
        recovery.finish_interrupted,
        end_by_clock,
        owed_revocations.settle_owed,
        unlock_locked,
    ):
        await work(utc_now)
    await in_background(utc_now)
    await notify_new(utc_now)


async def test_a_cut_that_a_wrong_one_held_up_is_made_once_it_is_mended(
    host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import timedelta

    from spirekeeper.clock import utc_now
    from spirekeeper.steps import owed_revocations

    machine_id, seed, client = await connected(host, newcomer)
    with monkeypatch.context() as patch:
        put(patch, "MINT", "here")
        cut = await host.api("POST", f"/machines/{machine_id}/revoke", as_=newcomer)
        assert (cut.status_code, cut.json()["bunker"]) == (200, "pending")
    await owed_revocations.settle_owed(lambda: utc_now() + timedelta(minutes=2))
    assert "error" in await sign(host, seed["spire_pubkey"], client)


@pytest.mark.usefixtures("host")
def test_lnbits_own_file_counts_where_the_process_says_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A compose file passes on what is not set as blank; the file then has the last word."""
    from spirekeeper.connection import environment

    (tmp_path / ".env").write_text(
        'SPIREKEEPER_MAX_MACHINES="7"\nSPIREKEEPER_ROTATIONS_A_DAY=\nspirekeeper_mint=Local\r\n'
    )
    monkeypatch.chdir(tmp_path)
    put(monkeypatch, "MAX_MACHINES", "")
    said = environment.current()
    assert (said.quotas.max_machines, said.quotas.rotations_a_day) == (7, 5)
    assert said.bunker.mint == "local"
    put(monkeypatch, "MAX_MACHINES", "8")
    assert environment.current().quotas.max_machines == 8


@pytest.mark.usefixtures("host")
def test_it_is_read_at_start_and_not_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from spirekeeper.connection import environment

    put(monkeypatch, "MAX_MACHINES", "7")
    os.environ["SPIREKEEPER_MAX_MACHINES"] = "8"
    assert environment.current().quotas.max_machines == 7
    environment.read()
    assert environment.current().quotas.max_machines == 8
