"""The roster answers with a wallet only when there is no doubt."""

from typing import Any

import pytest
from support.host import NOBODY, Caller, Host
from support.redeeming import redeem
from support.settling import settle


async def connected(host: Host, **data: Any) -> tuple[str, dict[str, Any]]:
    machine_id = await host.add_machine()
    result = await host.pair(machine_id, **data)
    await redeem(host, result["seed_url"])
    return machine_id, result


async def ask(host: Host, key: str, as_: Caller | None = None) -> int:
    return (await host.api("GET", f"/roster/{key}", as_=as_)).status_code


async def test_it_answers_with_the_operators_machine_and_wallet(host: Host) -> None:
    machine_id, result = await connected(host)
    machine = (await host.api("GET", f"/machines/{machine_id}")).json()
    for key in (result["spire_npub"], result["spire_pubkey"], result["spire_pubkey"].upper()):
        answer = await host.api("GET", f"/roster/{key}")
        assert answer.status_code == 200, key
        assert answer.json() == {
            "machine_id": machine_id,
            "operator_user_id": host.operator.user_id,
            "wallet_id": machine["wallet_id"],
            "spire_pubkey": result["spire_pubkey"],
            "spire_npub": result["spire_npub"],
        }


async def test_nobody_else_gets_an_answer(host: Host) -> None:
    _, result = await connected(host)
    assert await ask(host, result["spire_npub"]) == 200
    assert await ask(host, result["spire_npub"], host.other_operator) == 404
    assert await ask(host, result["spire_npub"], host.superuser) == 404
    assert await ask(host, result["spire_npub"], NOBODY) == 401


@pytest.mark.parametrize(
    "key",
    ["x", "npub1", "0x" + "a" * 62, "a" * 63, "g" * 64, "npub1" + "q" * 58, "é" * 64, "_" * 64],
)
async def test_malformed_keys_are_not_found(host: Host, key: str) -> None:
    assert await ask(host, key) == 404


async def test_an_issued_seed_is_no_machine_yet(host: Host) -> None:
    result = await host.pair(await host.add_machine())
    assert await ask(host, result["spire_npub"]) == 404


async def test_an_inactive_machine_is_silent_and_comes_back(host: Host) -> None:
    machine_id, result = await connected(host)
    assert await ask(host, result["spire_npub"]) == 200
    host.bunker.calls.clear()
    await host.api("PUT", f"/machines/{machine_id}", {"is_active": False})
    assert await ask(host, result["spire_npub"]) == 404
    assert host.bunker.calls == []
    await host.api("PUT", f"/machines/{machine_id}", {"is_active": True})
    assert await ask(host, result["spire_npub"]) == 200


async def test_a_cut_is_silent_from_its_first_statement_on(host: Host) -> None:
    """Before its pairings have ended, or anything is written down of what the bunker owes."""
    from spirekeeper import crud
    from spirekeeper.clock import utc_now

    machine_id, result = await connected(host)
    assert await ask(host, result["spire_npub"]) == 200
    await crud.set_machine_unpaired(machine_id, utc_now())
    assert await ask(host, result["spire_npub"]) == 404
    pairings = (await host.api("GET", f"/machines/{machine_id}/pairings")).json()["data"]
    assert [each["state"] for each in pairings] == ["redeemed"]


async def test_a_session_that_is_over_is_silent(host: Host, host_clock: Any) -> None:
    machine_id, result = await connected(host, session_hours=2)
    assert await ask(host, result["spire_npub"]) == 200
    host_clock.move(hours=2)
    assert await ask(host, result["spire_npub"]) == 404
    machine = (await host.api("GET", f"/machines/{machine_id}")).json()
    assert (machine["state"], machine["reason"]) == ("expired", "session_ended")


async def test_a_deleted_wallet_is_silent(host: Host) -> None:
    from lnbits.core.crud import delete_wallet

    machine_id, result = await connected(host)
    machine = (await host.api("GET", f"/machines/{machine_id}")).json()
    assert await ask(host, result["spire_npub"]) == 200
    assert machine["wallet_ok"] is True
    await delete_wallet(host.operator.user_id, machine["wallet_id"])
    assert await ask(host, result["spire_npub"]) == 404
    assert (await host.api("GET", f"/machines/{machine_id}")).json()["wallet_ok"] is False


async def test_a_wallet_that_is_no_longer_the_operators_is_silent(host: Host) -> None:
    from spirekeeper.store import database

    machine_id, result = await connected(host)
    assert await ask(host, result["spire_npub"]) == 200
    await database.db.execute(
        f"UPDATE {database.MACHINES} SET wallet_id = :wallet WHERE id = :id",
        {"wallet": host.superuser.wallet_id, "id": machine_id},
    )
    assert await ask(host, result["spire_npub"]) == 404


async def test_two_clients_that_redeemed_one_token_are_both_cut(host: Host) -> None:
    """Upstream lets two redeem at the same moment: who is the machine is in doubt."""
    import asyncio

    from spirekeeper.store import owed_rows

    machine_id = await host.add_machine()
    result = await host.pair(machine_id)
    await host.bunker.listening()
    answers = await asyncio.gather(*(redeem(host, result["seed_url"]) for _ in range(2)))
    if [answer["result"] for answer in answers] != ["ack", "ack"]:
        pytest.fail("the development bunker did not let both redeem")
    assert await ask(host, result["spire_npub"]) == 404
    status = await host.pairing(machine_id)
    assert (status["state"], status["reason"]) == ("unpaired", "two_clients_redeemed")
    await settle()
    assert await owed_rows.get_owed(machine_id) == []


async def test_without_a_bunker_what_is_known_still_counts(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, result = await connected(host)
    assert await ask(host, result["spire_npub"]) == 200
    monkeypatch.delenv("SPIREKEEPER_BUNKER_URL")
    assert await ask(host, result["spire_npub"]) == 200
