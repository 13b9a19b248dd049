"""What is told of a bunker before it costs somebody a machine, and to whom."""

import pytest
from support.host import Caller, Host


async def test_hazards_around_the_bunker_are_told_to_whoever_can_mend_them(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LNbits of the tests keeps its secret beside its SQLite database."""
    from lnbits.settings import settings

    async def codes(caller: Caller) -> set[str]:
        status = (await host.api("GET", "/bunker", as_=caller)).json()
        assert all(hazard["words"] for hazard in status["hazards"])
        return {hazard["code"] for hazard in status["hazards"]}

    monkeypatch.setattr(settings, "lnbits_database_url", None)
    told = await codes(host.superuser)
    assert {"secret_beside_database", "guessable_tokens", "ignores_policy_expiry"} <= told
    assert "public_admin_relay" not in told
    assert "secret_beside_database" not in await codes(host.operator)
    monkeypatch.setattr(settings, "lnbits_database_url", "postgres://elsewhere/lnbits")
    assert "secret_beside_database" not in await codes(host.superuser)
    assert "audit_keeps_bodies" not in told
    monkeypatch.setattr(settings, "lnbits_audit_log_request_body", True)
    assert "audit_keeps_bodies" in await codes(host.superuser)
    assert "audit_keeps_bodies" not in await codes(host.operator)


async def test_many_keys_are_told_of_before_a_relay_refuses_them(
    alone: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper.connection import hazards

    monkeypatch.setattr(hazards, "KEYS_A_RELAY_BEARS", 2)

    async def warned() -> bool:
        status = (await alone.api("GET", "/bunker", as_=alone.superuser)).json()
        return "many_keys" in {hazard["code"] for hazard in status["hazards"]}

    await alone.pair(await alone.add_machine())
    assert not await warned()
    await alone.pair(await alone.add_machine())
    assert await warned()
    hazards = (await alone.api("GET", "/bunker")).json()["hazards"]
    assert "many_keys" not in {hazard["code"] for hazard in hazards}  # of others' machines, mostly


async def test_a_list_of_keys_that_outgrows_its_relay_is_told_of_in_time(
    alone: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To whoever can change the relay: in the list of hazards, and as a notice."""
    from spirekeeper.clock import utc_now
    from spirekeeper.connection import hazards
    from spirekeeper.upkeep import notify

    async def warned(caller: Caller) -> tuple[bool, bool]:
        status = (await alone.api("GET", "/bunker", as_=caller)).json()
        await notify.notify_new(utc_now)
        told = (await alone.api("GET", "/notices", as_=caller)).json()["data"]
        code = "keys_outgrow_relay"
        return (
            code in {hazard["code"] for hazard in status["hazards"]},
            code in {notice["code"] for notice in told},
        )

    await alone.pair(await alone.add_machine())
    assert await warned(alone.superuser) == (False, False)
    monkeypatch.setattr(hazards, "LONGEST_LIST", 300)
    await alone.pair(await alone.add_machine())
    assert await warned(alone.superuser) == (True, True)
    assert await warned(alone.operator) == (False, False)
    monkeypatch.undo()
    monkeypatch.setenv("SPIREKEEPER_BUNKER_URL", alone.bunker.url)
    assert await warned(alone.superuser) == (False, False)


async def test_the_superuser_is_told_before_the_keys_run_out(
    alone: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def warned(caller: Caller) -> bool:
        status = (await alone.api("GET", "/bunker", as_=caller)).json()
        return "few_keys_left" in {hazard["code"] for hazard in status["hazards"]}

    monkeypatch.setenv("SPIREKEEPER_MAX_KEYS", "5")
    for _ in range(3):
        await alone.pair(await alone.add_machine())
    assert not await warned(alone.superuser)
    await alone.pair(await alone.add_machine())
    assert await warned(alone.superuser)
    assert not await warned(alone.operator)


@pytest.mark.parametrize(
    ("relay", "public"),
    [
        ("wss://93.184.216.34", True),
        ("wss://[2606:2800:220:1:248:1893:25c8:1946]", True),
        ("ws://127.0.0.1:7777", False),
        ("wss://10.1.2.3", False),
    ],
)
async def test_a_relay_on_the_open_internet_is_told_from_ones_own(
    host: Host, relay: str, public: bool
) -> None:
    """Numeric addresses: nothing is asked of any network."""
    from spirekeeper.connection.relay_probe import is_public

    assert await is_public(relay) is public
