"""Switching cash on: for whom, and what follows for pairings and for the service key."""

from typing import Any

import pytest
from spirekeeper.seed import Seed
from support.cash import CashMachine, connected, switch_on
from support.host import Caller, Host
from support.redeeming import paired, redeem


async def put(host: Host, machine_id: str, **data: Any) -> tuple[int, dict[str, Any]]:
    answer = await host.api("PUT", f"/machines/{machine_id}/cash", data)
    return answer.status_code, answer.json()


async def test_without_it_a_seed_has_its_four_fields(host: Host) -> None:
    machine_id = await host.add_machine()
    assert Seed.decode((await host.pair(machine_id))["seed_url"]).service_pubkey is None


async def test_what_is_still_to_be_done_names_what_holds_it_up(host: Host) -> None:
    from spirekeeper import crud
    from spirekeeper.cash import switch
    from spirekeeper.clock import utc_now

    machine_id = await host.add_machine()
    await switch_on(host, machine_id)
    await host.api("PUT", f"/machines/{machine_id}", {"is_active": False})
    told = (await host.api("GET", f"/machines/{machine_id}/cash")).json()
    assert told["to_do"] == "activate"
    machine = await crud.get_machine(machine_id)
    assert machine is not None
    flagged = machine.copy(update={"is_active": True, "flag": "second_client"})
    assert (await switch.describe(flagged, utc_now())).to_do == "flagged"


async def test_what_no_line_of_the_journal_tells_is_not_changed(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when LNbits is killed between the two."""
    from spirekeeper.store import journal

    machine_id = await host.add_machine()
    before = await switch_on(host, machine_id)
    key = (await host.api("GET", "/service-key")).json()

    async def dies(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(journal, "create_journal_entry", dies)
        for method, path, body in (
            ("PUT", f"/machines/{machine_id}/cash", {"largest": 99_999}),
            ("PUT", "/cash/stop", {"stopped": True}),
            ("POST", "/service-key/rotate", {"expect": key["machines"]}),
        ):
            with pytest.raises(RuntimeError, match="killed"):
                await host.api(method, path, body)
    assert (await host.api("GET", f"/machines/{machine_id}/cash")).json() == before
    assert (await host.api("GET", "/service-key")).json() == key


async def test_each_pairing_of_its_asks_for_confirmation(host: Host) -> None:
    machine_id = await host.add_machine()
    assert (await switch_on(host, machine_id))["to_do"] == "pair"
    seed = Seed.decode((await host.pair(machine_id, require_confirmation=False))["seed_url"])
    assert seed.service_pubkey
    await redeem(host, seed)
    assert (await host.pairing(machine_id))["state"] == "confirming"
    assert (await host.api("GET", f"/roster/{seed.spire_pubkey}")).status_code == 404


async def test_nobody_whom_the_operator_did_not_see_may_ask_for_money(host: Host) -> None:
    machine_id, _, _ = await paired(host)
    status, told = await put(host, machine_id, out_on=True)
    assert (status, told["code"]) == (409, "cash_unconfirmed")
    waiting = await host.add_machine()
    await host.pair(waiting)
    status, told = await put(host, waiting, out_on=True)
    assert (status, told["code"]) == (409, "cash_unconfirmed")
    await host.api("DELETE", f"/machines/{waiting}/pairing")
    assert (await put(host, waiting, out_on=True))[0] == 200
    assert (await put(host, machine_id, smallest=5))[0] == 200, "limits before it is on"


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"smallest": 10, "largest": 9}, "smallest"),
        ({"fee_ppm": 150_001}, "fee_ppm"),
        ({"smallest": 100, "fee_fixed": 16}, "fee_fixed"),
        ({"smallest": 100, "fee_ppm": 150_000, "fee_fixed": 1}, "fee_fixed"),
        ({"smallest": 0}, "smallest"),
        ({"smallest": 1.5}, "smallest"),
        ({"smallest": True}, "smallest"),
    ],
)
async def test_limits_and_fees_have_theirs(host: Host, data: dict[str, Any], field: str) -> None:
    status, told = await put(host, await host.add_machine(), **data)
    assert (status, told["code"], told["field"]) == (400, "invalid_input", field)


@pytest.mark.parametrize(
    ("data", "most"),
    [
        ({"smallest": 10, "largest": 9}, 9),
        ({"smallest": 100, "fee_fixed": 16}, 15),
        ({"smallest": 101, "fee_ppm": 150_000, "fee_fixed": 1}, 0),
        ({"smallest": 1000, "fee_ppm": 20_000, "fee_fixed": 500}, 130),
    ],
)
async def test_a_limit_that_depends_on_others_is_named(
    host: Host, data: dict[str, Any], most: int
) -> None:
    status, told = await put(host, await host.add_machine(), **data)
    assert (status, told["values"]) == (400, {"n": most})
    allowed = {**data, told["field"]: most}
    assert (await put(host, await host.add_machine(), **allowed))[0] == 200


async def test_two_windows_do_not_overwrite_each_other(host: Host) -> None:
    machine_id = await host.add_machine()
    version = (await switch_on(host, machine_id))["version"]
    assert (await put(host, machine_id, largest=2_000, version=version))[0] == 200
    status, told = await put(host, machine_id, largest=3_000, version=version)
    assert (status, told["code"]) == (409, "edited_meanwhile")
    stopped = await host.api("PUT", "/cash/stop", {"stopped": True})
    assert stopped.status_code == 200
    status, told = await put(host, machine_id, largest=3_000, version=version + 1)
    assert (status, told["code"]) == (409, "edited_meanwhile"), "a stop is not undone unseen"
    await host.api("PUT", "/cash/stop", {"stopped": False})


async def test_a_new_service_key_is_for_pairings_from_now_on(
    host: Host, watched: None, newcomer: Caller
) -> None:
    machine_id = await host.add_machine(newcomer)
    await switch_on(host, machine_id, as_=newcomer)
    async with connected(host, machine_id, as_=newcomer) as machine:
        await machine.is_heard()
        refused = await host.api("POST", "/service-key/rotate", {"expect": 0}, as_=newcomer)
        assert (refused.status_code, refused.json()["code"]) == (409, "machines_told")
        assert refused.json()["values"] == {"n": 1}
        rotated = await host.api("POST", "/service-key/rotate", {"expect": 1}, as_=newcomer)
        assert rotated.json()["machines"] == 0
        assert (await machine.data("status"))["cash_out"], "the older one answers it till then"
        async with connected(host, machine_id, as_=newcomer) as again:
            assert again.service != machine.service
            await again.is_heard()
            assert await _silent(machine, again)


async def _silent(older: CashMachine, newer: CashMachine) -> bool:
    """The machine asks the older key, as whoever has it could have it do."""
    body = {"rpc_name": "status", "auth_level": "AUTH_WALLET", "body": {}}
    sent = await newer.send(21000, body, service=older.service)
    await newer.data("status")
    return newer.answers(sent) == []
