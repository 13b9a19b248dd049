"""Who is answered about cash, and who with nothing."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from nostr_sdk import Keys
from support.cash import OFFER, RPC, CashMachine, connected, new_id, offer, selling
from support.host import Host, by_hand
from support.watching import until

SATS = 1000
STATUS = {"rpc_name": "status", "auth_level": "AUTH_WALLET", "body": {}}


@pytest.fixture
async def machine(host: Host, watched: None) -> AsyncIterator[CashMachine]:
    async with selling(host) as machine:
        yield machine


async def silent(machine: CashMachine, event_id: str) -> bool:
    """What is asked later is answered, and this is not."""
    await machine.data("status")
    return machine.answers(event_id) == []


async def ignored(host: Host, machine: CashMachine) -> dict[str, int]:
    told = (await host.api("GET", f"/machines/{machine.id}/cash")).json()
    counted: dict[str, int] = told["ignored"]
    return counted


async def counts(host: Host, machine: CashMachine, why: str, before: dict[str, int]) -> None:
    """Waits until one more request was answered with nothing for this reason."""

    async def one_more() -> bool:
        return (await ignored(host, machine)).get(why, 0) > before.get(why, 0)

    await until(one_more)


SILENCES: dict[str, tuple[int, Any, dict[str, Any]]] = {
    "other_recipient": (OFFER, offer("a" * 32, SATS), {"tags": "twice"}),
    "no_version": (OFFER, offer("a" * 32, SATS), {"tags": "plain"}),
    "other_version": (OFFER, offer("a" * 32, SATS), {"tags": "older"}),
    "other_dialect": (RPC, {"rpcName": "get_info", "requestId": "1", "authIdentifier": ""}, {}),
    "not_json": (OFFER, "no JSON", {}),
}


@pytest.mark.parametrize("why", SILENCES)
async def test_what_is_no_request_is_answered_with_nothing(
    host: Host, machine: CashMachine, why: str
) -> None:
    kind, content, how = SILENCES[why]
    to = ["p", machine.service]
    somebody = Keys.generate().public_key().to_hex()
    tags = {
        "twice": [to, ["p", somebody], ["clink_version", "1"]],
        "plain": [to],
        "older": [to, ["clink_version", "0"]],
    }
    before = (await ignored(host, machine)).get(why, 0)
    sent = await machine.send(kind, content, tags=tags.get(how.get("tags", "")))
    assert await silent(machine, sent)
    assert (await ignored(host, machine))[why] == before + 1


async def test_nobody_hears_of_another_service_key(host: Host, machine: CashMachine) -> None:
    """A seed that somebody has written anew with a key of his own: the machine never gets ready."""
    other = Keys.generate().public_key().to_hex()
    assert await silent(machine, await machine.send(RPC, STATUS, service=other))


async def test_what_another_key_sealed_is_not_opened(host: Host, machine: CashMachine) -> None:
    other = Keys.generate().public_key().to_hex()
    tags = [["p", machine.service]]
    assert await silent(machine, await machine.send(RPC, STATUS, service=other, tags=tags))
    assert (await ignored(host, machine))["undecryptable"] >= 1


@pytest.mark.parametrize(("ago", "most"), [(310, 300_000), (-70, 60_000)])
async def test_a_clock_that_is_wrong_is_told_by_how_much(
    machine: CashMachine, ago: int, most: int
) -> None:
    answer = await machine.ask(OFFER, offer(new_id(), SATS), ago=ago)
    assert answer["code"] == 2
    assert answer["delta"]["max_delta_ms"] == most < answer["delta"]["actual_delta_ms"]
    assert (await machine.ask(RPC, STATUS, ago=ago))["error"].startswith("clock")


async def test_an_event_is_answered_once_also_after_a_restart(
    host: Host, machine: CashMachine
) -> None:
    from spirekeeper import tasks

    event = await machine.event(RPC, json.dumps(STATUS))
    await machine.say(event)
    await machine.answer_to(event["id"])
    await machine.say(event)
    assert (await machine.data("status"))["cash_out"]
    tasks.start()
    by_hand(watched=True)
    await machine.is_heard()
    await machine.say(event)
    assert (await machine.data("status"))["cash_out"]
    assert len(machine.answers(event["id"])) == 1


async def test_too_many_requests_are_told_when_to_go_on(
    machine: CashMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper.cash import service

    monkeypatch.setattr(service, "MOST_A_MINUTE", 4)
    answers = [await machine.call("status") for _ in range(5)]
    assert answers[-1]["error"].startswith("rate")
    assert answers[-1]["retry_after"] > 0
    assert (await machine.offer(new_id(), SATS))["code"] == 2


async def test_who_is_off_or_in_doubt_is_not_answered(host: Host, machine: CashMachine) -> None:
    from spirekeeper import crud
    from spirekeeper.clock import utc_now

    path = f"/machines/{machine.id}"
    await host.api("PUT", path, {"is_active": False})
    before = await ignored(host, machine)
    off = await machine.send(RPC, STATUS)
    await counts(host, machine, "inactive", before)
    await host.api("PUT", path, {"is_active": True})
    assert await silent(machine, off)
    await crud.set_machine_flag(machine.id, "second_client", utc_now())
    before = await ignored(host, machine)
    in_doubt = await machine.send(OFFER, offer(new_id(), SATS))
    await counts(host, machine, "flagged", before)
    await crud.set_machine_flag(machine.id, None, utc_now())
    assert await silent(machine, in_doubt)


JUNK: list[dict[str, Any]] = [
    {},
    {"kind": [], "id": {}, "pubkey": []},
    {"kind": 21000, "id": [], "pubkey": {}},
    {"kind": 21000.0, "id": "a" * 64},
    {"kind": True, "id": None},
]


@pytest.mark.parametrize("what", JUNK, ids=str)
async def test_junk_that_a_relay_makes_up_is_passed_over(host: Host, what: dict[str, Any]) -> None:
    """An exception would cost the connection to the relay, and all that is heard there."""
    from spirekeeper.cash.post import Post
    from spirekeeper.cash.service import Service
    from spirekeeper.clock import utc_now
    from spirekeeper.upkeep.sightings import Sightings

    heard = Sightings(utc_now, hint=lambda *_: None, suspect=lambda _: None)
    assert not heard.is_of_ours(what)
    forged = type(what.get("kind")) is int and what["kind"] == RPC
    assert Service(Post(lambda *_: 0), utc_now).hear(what) is not forged


async def test_what_is_not_done_here_gets_its_wires_no(machine: CashMachine) -> None:
    debit = await machine.ask(21002, {"amount_sats": 5})
    assert (debit["res"], debit["code"]) == ("GFY", 1)
    for name in ("pay_invoice", "list_payments", "get_wallet", "create_wallet"):
        assert (await machine.call(name))["error"].startswith("unsupported")


async def test_one_machine_sees_nothing_of_anothers(host: Host, machine: CashMachine) -> None:
    order = new_id()
    await machine.offer(order, SATS)
    async with selling(host) as other:
        for name in ("get_payment", "abandon"):
            assert (await other.call(name, order=order))["error"].startswith("unknown_order")
        theirs = await other.offer(order, SATS)
        assert theirs["bolt11"] != (await machine.offer(order, SATS))["bolt11"]


async def test_after_a_cut_nobody_is_answered(host: Host, machine: CashMachine) -> None:
    from spirekeeper.clock import utc_now
    from spirekeeper.store import cash_settings

    event = await machine.event(RPC, json.dumps(STATUS))
    assert (await host.api("POST", f"/machines/{machine.id}/revoke")).status_code == 200
    await machine.say(event)
    async with connected(host, machine.id) as again:
        await again.is_heard()
        assert machine.answers(event["id"]) == []
    assert await cash_settings.get_cash_pairing(machine.seed.spire_pubkey, utc_now()) is None
