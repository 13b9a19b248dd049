"""What happened: the journal, and every seed that a machine was given."""

import csv
import io
from datetime import datetime, timedelta, timezone
from time import perf_counter
from typing import Any

import httpx
import pytest
from nostr_sdk import Keys
from support.host import NOBODY, Caller, Host
from support.many_rows import insert_many
from support.movable_clock import MovableClock
from support.redeeming import redeem
from support.stored_here import all_pairings


async def lines(host: Host, as_: Caller, **params: Any) -> list[dict[str, Any]]:
    answer = await host.api("GET", "/journal", as_=as_, params=params)
    assert answer.status_code == 200, answer.text
    page: list[dict[str, Any]] = answer.json()["data"]
    return page


async def pair(host: Host, machine_id: str, as_: Caller) -> dict[str, Any]:
    answer = await host.api("POST", f"/machines/{machine_id}/pair", host.pair_request(), as_=as_)
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()
    return result


async def test_a_deleted_machines_story_stays_readable_for_its_operator(
    host: Host, newcomer: Caller, host_clock: MovableClock
) -> None:
    machine_id = await host.add_machine(newcomer)
    host_clock.move(seconds=1)
    seed = await pair(host, machine_id, newcomer)
    host_clock.move(seconds=1)
    await host.api("DELETE", f"/machines/{machine_id}", as_=newcomer)
    story = await lines(host, newcomer, machine_id=machine_id)
    told = [(line["event"], line["outcome"]) for line in story]
    assert told[-2:] == [("pair", "seed_issued"), ("machine", "added")]
    assert {("revoke", "cut"), ("machine", "deleted")} <= set(told)
    assert story == sorted(story, key=lambda line: line["at"], reverse=True)
    assert {(line["machine_id"], line["machine_name"]) for line in story} == {(machine_id, "North")}
    assert seed["seed_url"].removeprefix("spire-seed:v1:") not in str(story)


async def test_everybody_reads_their_own_lines(host: Host, newcomer: Caller) -> None:
    machine_id = await host.add_machine(newcomer)
    for somebody in (host.operator, host.other_operator, host.superuser):
        assert await lines(host, somebody, machine_id=machine_id) == []
    assert len(await lines(host, newcomer)) == 1
    assert (await host.api("GET", "/journal", as_=NOBODY)).status_code == 401
    assert (await host.api("GET", "/journal", as_=host.stranger)).status_code == 403


async def test_what_belongs_to_no_operator_is_the_superusers(host: Host) -> None:
    from spirekeeper.clock import utc_now
    from spirekeeper.store import journal

    await journal.record("bunker", "tried", at=utc_now(), actor=journal.BACKGROUND)
    assert (await lines(host, host.superuser, event="bunker"))[0]["outcome"] == "tried"
    assert await lines(host, host.operator, event="bunker") == []


async def test_the_journal_is_paged_and_filtered(
    host: Host, newcomer: Caller, host_clock: MovableClock
) -> None:
    for number in range(3):
        host_clock.move(seconds=1)
        machine_id = await host.add_machine(newcomer, name=f"Number {number}")
    host_clock.move(seconds=1)
    await host.api("PUT", f"/machines/{machine_id}", {"location": "Hall 1"}, as_=newcomer)
    answer = await host.api("GET", "/journal", as_=newcomer, params={"limit": 2, "offset": 1})
    page = answer.json()
    assert page["total"] == 4
    assert [line["outcome"] for line in page["data"]] == ["added", "added"]
    newest = (await lines(host, newcomer, limit=1))[0]
    assert (newest["outcome"], newest["detail"]) == ("changed", "location")
    assert (newest["detail_code"], newest["detail_values"]) == ("fields", {"fields": "location"})
    assert len(await lines(host, newcomer, machine_id=machine_id)) == 2
    assert await lines(host, newcomer, event="pair") == []


@pytest.mark.parametrize(
    "params", [{"limit": 501}, {"offset": -1}, {"format": "xls"}, {"event": "' OR 1=1 --"}]
)
async def test_a_bad_journal_request_is_refused(host: Host, params: dict[str, Any]) -> None:
    answer = await host.api("GET", "/journal", params=params)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")


@pytest.mark.parametrize("form", ["json", "csv"])
async def test_the_superusers_account_stands_in_no_operators_journal(
    host: Host, newcomer: Caller, form: str
) -> None:
    """As it was found: whatever a comparison mended was by that account's id."""
    from spirekeeper.clock import utc_now
    from spirekeeper.models import PairingState
    from spirekeeper.steps.standing import end_pairing

    machine_id = await host.add_machine(newcomer)
    await pair(host, machine_id, newcomer)
    [pairing] = await all_pairings([machine_id])
    await end_pairing(pairing, PairingState.CANCELLED, "cancelled", utc_now())
    await host.api("POST", "/bunker/reconcile", as_=host.superuser)
    answer = await host.api("GET", "/journal", as_=newcomer, params={"format": form})
    assert "token_left" in answer.text
    assert host.superuser.user_id not in answer.text
    actors = {line["event"]: line["actor"] for line in await lines(host, newcomer)}
    assert actors["reconcile"] == "superuser"
    assert actors["pair"] == newcomer.user_id


async def test_the_csv_file_has_every_line_and_runs_nothing(
    host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper.clock import utc_now
    from spirekeeper.fleet import journal_export
    from spirekeeper.store import journal
    from spirekeeper.store.details import Detail

    monkeypatch.setattr(journal_export, "PAGE", 3)  # so that it takes several
    told = [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        'a "ü", c',
        "line\r\nbreak\x1b[31m",
    ]
    for detail in told:
        await journal.record(
            "test",
            "told",
            at=utc_now(),
            actor=journal.BACKGROUND,
            operator_user_id=newcomer.user_id,
            detail=Detail(detail),
        )
    answer = await host.api("GET", "/journal", as_=newcomer, params={"format": "csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    heading, *rows = read_csv(answer)
    assert [row[heading.index("detail")] for row in reversed(rows)] == [
        "'=1+1",
        "'+1",
        "'-1",
        "'@SUM(A1)",
        "'\\t=1",
        "'\\r=1",
        'a "ü", c',
        "line\\r\\nbreak\\x1b[31m",
    ]
    assert all(row[0].endswith("+00:00") and "T" in row[0] for row in rows)


async def test_the_csv_file_says_who_and_which_machine(
    host: Host, newcomer: Caller, host_clock: MovableClock
) -> None:
    """Also of a machine that is gone; another operator's machine has no name here."""
    from spirekeeper.store import journal

    gone = await host.add_machine(newcomer, name="=South", location="Hall 3")
    wallet_id = (await host.api("GET", f"/machines/{gone}", as_=newcomer)).json()["wallet_id"]
    host_clock.move(seconds=1)
    await host.api("DELETE", f"/machines/{gone}", as_=newcomer)
    await journal.record(  # as the background adds lines, which knows no more than ids
        "revoke_key",
        "owed",
        at=host_clock(),
        actor=journal.BACKGROUND,
        operator_user_id=newcomer.user_id,
        machine_id=gone,
    )
    host_clock.move(seconds=1)
    body = {"name": "Café Nord", "location": "Hall 2", "wallet_id": wallet_id}
    there = (await host.api("POST", "/machines", body, as_=newcomer)).json()["id"]
    another = await host.add_machine(host.other_operator, name="Not yours")
    for actor in (journal.BACKGROUND, "somebody"):
        await journal.record(
            "test",
            "told",
            at=host_clock(),
            actor=actor,
            operator_user_id=newcomer.user_id,
            machine_id=another,
        )
    answer = await host.api("GET", "/journal", as_=newcomer, params={"format": "csv"})
    assert answer.content.startswith(b"\xef\xbb\xbftime,who,machine,place,wallet,event,outcome")
    heading, *rows = read_csv(answer)
    told = [dict(zip(heading, row, strict=True)) for row in rows]
    of_machine = {
        each["machine id"] + each["outcome"]: (each["machine"], each["place"], each["wallet"])
        for each in told
    }
    assert of_machine[f"{there}added"] == ("Café Nord", "Hall 2", "'=South")
    assert of_machine[f"{gone}owed"] == ("'=South", "", "")
    assert of_machine[f"{gone}added"] == of_machine[f"{gone}deleted"] == ("'=South", "", "")
    assert of_machine[f"{another}told"] == ("", "", "")
    who = {(each["who"], each["account id"]) for each in told}
    assert who == {
        ("you", newcomer.user_id),
        ("spirekeeper by itself", "spirekeeper"),
        ("the superuser", "superuser"),
    }


def read_csv(answer: httpx.Response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


async def test_every_seed_of_a_machine_is_listed_without_its_secret(
    host: Host, newcomer: Caller, host_clock: MovableClock
) -> None:
    from spirekeeper.seed import Seed, fingerprint

    machine_id = await host.add_machine(newcomer)
    first = await pair(host, machine_id, newcomer)
    client = Keys.generate()
    assert (await redeem(host, first["seed_url"], client))["result"] == "ack"
    await host.api("GET", f"/machines/{machine_id}/pairing", as_=newcomer)
    host_clock.move(seconds=1)
    second = await pair(host, machine_id, newcomer)

    answer = await host.api("GET", f"/machines/{machine_id}/pairings", as_=newcomer)
    page = answer.json()
    assert page["total"] == 2
    assert [pairing["state"] for pairing in page["data"]] == ["issued", "redeemed"]
    pubkey = client.public_key().to_hex()
    assert page["data"][1]["client_pubkey"] == pubkey
    assert page["data"][1]["fingerprint"] == fingerprint(pubkey)
    for seed in (first, second):
        assert Seed.decode(seed["seed_url"]).secret not in answer.text
    params = {"limit": 1, "offset": 1}
    answer = await host.api("GET", f"/machines/{machine_id}/pairings", as_=newcomer, params=params)
    assert [pairing["id"] for pairing in answer.json()["data"]] == [page["data"][1]["id"]]


async def test_the_pairings_of_anothers_machine_are_not_there(host: Host, newcomer: Caller) -> None:
    machine_id = await host.add_machine(newcomer)
    path = f"/machines/{machine_id}/pairings"
    for somebody in (host.other_operator, host.superuser):
        assert (await host.api("GET", path, as_=somebody)).status_code == 404
    assert (await host.api("GET", path, as_=NOBODY)).status_code == 401
    assert (await host.api("GET", path, as_=host.stranger)).status_code == 403


async def fill(operator: Caller, number: int, at: datetime, apart: timedelta) -> list[str]:
    """Ids of new lines, newest first."""
    from spirekeeper.models import JournalEntry
    from spirekeeper.store.database import JOURNAL

    lines = [
        JournalEntry(
            id=f"{number - each:06}{operator.user_id}",
            at=at - each * apart,
            actor="somebody",
            operator_user_id=operator.user_id,
            machine_id=f"m{each:06}",
            event="listening",
            outcome="silent",
        )
        for each in range(number)
    ]
    await insert_many(JOURNAL, lines)
    return [str(line.machine_id) for line in lines]


async def csv_of(host: Host, operator: Caller) -> httpx.Response:
    return await host.api("GET", "/journal", as_=operator, params={"format": "csv"})


@pytest.mark.parametrize("apart", [timedelta(), timedelta(milliseconds=1)])
async def test_a_long_file_has_every_line_once_and_in_order(
    host: Host, newcomer: Caller, apart: timedelta
) -> None:
    """It is walked by time and id, also where many lines have one time."""
    machines = await fill(newcomer, 1000, datetime.now(timezone.utc), apart)
    heading, *rows = read_csv(await csv_of(host, newcomer))
    assert [row[heading.index("machine id")] for row in rows] == machines


async def test_one_file_at_a_time_for_an_operator(host: Host, newcomer: Caller) -> None:
    """Ten files of 300,000 lines at once held up everybody else."""
    from spirekeeper.clock import utc_now
    from spirekeeper.fleet import journal_export

    await fill(newcomer, 500, datetime.now(timezone.utc), timedelta(seconds=1))
    first = await journal_export.as_csv(
        newcomer.user_id, with_nobodys=False, machine_id=None, event=None, clock=utc_now
    )
    assert (await anext(first)).startswith("\ufefftime,who")
    refused = await csv_of(host, newcomer)
    assert (refused.status_code, refused.json()["code"]) == (409, "already_running")
    other = await host.newcomer("another_reader")
    assert (await csv_of(host, other)).status_code == 200
    await first.aclose()
    assert (await csv_of(host, newcomer)).status_code == 200


async def test_the_last_lines_of_a_file_are_read_as_quickly_as_the_first(
    host: Host, newcomer: Caller
) -> None:
    from spirekeeper.store import journal

    now = datetime.now(timezone.utc)
    await fill(newcomer, 30_000, now, timedelta(seconds=1))

    async def seconds(at: datetime) -> float:
        taken = []
        for _ in range(7):
            began = perf_counter()
            some = await journal.get_journal_before(
                at, "z", 200, newcomer.user_id, with_nobodys=False, machine_id=None, event=None
            )
            taken.append(perf_counter() - began)
            assert len(some) == 200
        return min(taken)

    first = await seconds(now)
    assert await seconds(now - timedelta(seconds=29_000)) < 3 * first + 0.01
