"""The machines as they are listed: found, counted by state, sorted, paged, and as a file."""

import csv
import io
from typing import Any

import pytest
from nostr_sdk import Keys
from support.host import Caller, Host
from support.redeeming import redeem


async def test_the_list_is_paged_searched_and_sorted(host: Host, newcomer: Caller) -> None:
    for name, location in [("Beta", "Hall 1"), ("alpha", "Hall 2"), ("Gamma_1", "Airport")]:
        await host.add_machine(newcomer, name=name, location=location)

    async def names(**params: object) -> list[str]:
        answer = await host.api("GET", "/machines", as_=newcomer, params=dict(params))
        assert answer.status_code == 200, answer.text
        return [machine["name"] for machine in answer.json()["data"]]

    assert await names() == ["Beta", "alpha", "Gamma_1"]
    assert await names(sortby="name", direction="desc") == ["Gamma_1", "Beta", "alpha"]
    assert await names(sortby="location") == ["Gamma_1", "Beta", "alpha"]
    assert await names(search="hall", sortby="name") == ["alpha", "Beta"]
    assert await names(limit=1, offset=1) == ["alpha"]
    assert await names(search="hall") == ["Beta", "alpha"]
    assert await names(search="GAMMA_") == ["Gamma_1"]
    assert await names(search="_") == ["Gamma_1"]
    assert await names(search="%") == []
    assert await names(search="!") == []
    assert await names(state="unpaired", search="bet") == ["Beta"]
    assert await names(state="paired") == []
    for params, total in (({}, 3), ({"search": "hall"}, 2), ({"search": "x"}, 0)):
        for offset in (0, 1, 9):
            asked = {"limit": 1, "offset": offset, **params}
            page = (await host.api("GET", "/machines", as_=newcomer, params=asked)).json()
            assert (page["total"], len(page["data"])) == (total, int(offset < total))


async def test_a_search_is_for_any_part_whatever_its_case_and_accents(
    host: Host, newcomer: Caller
) -> None:
    """Also where LNbits would strip markup from the parameters of a statement, and where LIKE would
    take a letter for a placeholder."""
    named = ["Straße", "ÉTOILE", "Ωμέγα", "<b>fett</b> & mehr", "R&amp;B", "100% _x_!", "Málaga"]
    for name in named:
        await host.add_machine(newcomer, name=name, location=f"In {name}")

    async def found(search: str) -> list[str]:
        answer = await host.api("GET", "/machines", as_=newcomer, params={"search": search})
        assert answer.json()["total"] == len(answer.json()["data"])
        return [machine["name"] for machine in answer.json()["data"]]

    for name in named:
        for search in (name, name.upper(), name[1:], name[:-1], f"in {name}", f"IN {name[:3]}"):
            assert await found(search) == [name], search
    for search, name in (("strasse", "Straße"), ("toile", "ÉTOILE"), ("alaga", "Málaga")):
        assert await found(search) == [name]
    assert await found("ωμεγα") == ["Ωμέγα"]
    assert await found("in ") == named
    for pattern in ("100%x", "1__%", "s_ra", "%%", "!_"):
        assert await found(pattern) == [], pattern
    assert await found(" ") == named


async def test_a_paired_machine_is_found_by_its_key(host: Host, newcomer: Caller) -> None:
    """As npub, as hex, and as the fingerprint that people see; by that of a new key, too."""
    machine_id = await host.add_machine(newcomer)
    await host.add_machine(newcomer, name="Another")
    for more in ({}, {"rotate": True}):
        seed = await host.pair(machine_id, as_=newcomer, **more)
        machine = (await host.api("GET", f"/machines/{machine_id}", as_=newcomer)).json()
        assert machine["spire_npub"] == seed["spire_npub"]
        shown = machine["spire_fingerprint"]
        for search in (
            machine["spire_npub"],
            machine["spire_npub"].upper(),
            machine["spire_npub"][9:30],
            machine["machine_npub"][5:40],
            shown,
            shown[3:12],
        ):
            page = await host.api("GET", "/machines", as_=newcomer, params={"search": search})
            assert [each["id"] for each in page.json()["data"]] == [machine_id], search


async def test_a_machine_is_found_by_what_stands_on_its_screen(
    host: Host, newcomer: Caller
) -> None:
    """Its client's fingerprint, while it waits to be compared and afterwards; nobody else's."""
    client = Keys.generate()
    shown = client.public_key().to_bech32()[5:21]
    machine_id = await host.add_machine(newcomer)
    await host.add_machine(newcomer, name="Another")
    seed = await host.pair(machine_id, as_=newcomer, require_confirmation=True)

    async def found(search: str, as_: Caller = newcomer) -> list[str]:
        page = await host.api("GET", "/machines", as_=as_, params={"search": search})
        return [each["id"] for each in page.json()["data"]]

    assert await found(shown) == []
    await redeem(host, seed["seed_url"], client)
    status = await host.api("GET", f"/machines/{machine_id}/pairing", as_=newcomer)
    assert status.json()["state"] == "confirming"
    told = status.json()["pairing"]["fingerprint"]
    assert told.replace(" ", "") == shown
    for search in (told, told.upper(), shown[3:], client.public_key().to_bech32()):
        assert await found(search) == [machine_id], search
    assert await found(told, host.other_operator) == []
    judged = {"client_pubkey": client.public_key().to_hex()}
    path = f"/machines/{machine_id}/pairing/confirm"
    assert (await host.api("POST", path, judged, as_=newcomer)).is_success
    assert await found(told) == [machine_id]


async def test_a_machine_has_tags_and_is_found_by_them(host: Host, newcomer: Caller) -> None:
    """Kept as typed, whatever it looks like; a change of another field leaves them."""
    typed = ["<b>Süd</b>", "R&D", "100%"]
    machine_id = await host.add_machine(newcomer, tags=typed)
    await host.add_machine(newcomer, name="Another")

    async def found(search: str) -> int:
        page = await host.api("GET", "/machines", as_=newcomer, params={"search": search})
        return int(page.json()["total"])

    async def put(**change: Any) -> Any:
        return await host.api("PUT", f"/machines/{machine_id}", change, as_=newcomer)

    assert (await put(location="Hall 2")).json()["tags"] == typed
    assert [await found(search) for search in ("sud", "r&d", "00%", "d</b>r")] == [1, 1, 1, 0]
    assert (await put(tags=["west"])).json()["tags"] == ["west"]
    assert [await found(search) for search in ("süd", "WEST")] == [0, 1]
    assert (await put(tags=[])).json()["tags"] == []
    for wrong in (["a", "a"], ["x" * 31], [" "], ["a\nb"], [str(n) for n in range(11)], "west"):
        answer = await put(tags=wrong)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input"), wrong


async def test_the_machines_in_each_state_are_counted(host: Host, newcomer: Caller) -> None:
    """Of all that the search finds; those that are switched off apart from the others."""
    ids = [await host.add_machine(newcomer, name=f"North {n}") for n in range(3)]
    await host.add_machine(newcomer, name="South")
    await host.add_machine()  # somebody else's
    await host.pair(ids[0], as_=newcomer)
    await host.api("PUT", f"/machines/{ids[1]}", {"is_active": False}, as_=newcomer)

    async def listed(**params: Any) -> Any:
        answer = await host.api("GET", "/machines", as_=newcomer, params=params)
        counts = {
            (each["state"], each["is_active"]): each["total"] for each in answer.json()["counts"]
        }
        names = [machine["name"] for machine in answer.json()["data"]]
        return counts, answer.json()["total"], names

    all_ = {("awaiting_scan", True): 1, ("unpaired", True): 2, ("unpaired", False): 1}
    north = {**all_, ("unpaired", True): 1}
    everything = ["North 0", "North 1", "North 2", "South"]
    assert await listed() == (all_, 4, everything)
    assert await listed(active=False) == (all_, 1, ["North 1"])
    assert await listed(state="unpaired") == (all_, 3, everything[1:])
    assert await listed(state="unpaired", active=True) == (all_, 2, ["North 2", "South"])
    assert await listed(search="north", state="unpaired", active=True) == (north, 1, ["North 2"])
    assert await listed(search="north", limit=1, offset=2) == (north, 3, ["North 2"])


async def test_it_tells_how_far_an_operator_has_come(host: Host, newcomer: Caller) -> None:
    """Whatever is searched for, and for good: the page has a list of what is left to do first."""

    async def come() -> list[bool]:
        pages = [
            await host.api("GET", "/machines", as_=newcomer, params=params)
            for params in ({}, {"search": "nowhere"})
        ]
        told = [list(page.json()["first_steps"].values()) for page in pages]
        assert told[0] == told[1]
        return told[0]

    assert await come() == [False, False]
    machine_id = await host.add_machine(newcomer)
    assert await come() == [True, False]
    await redeem(host, (await host.pair(machine_id, as_=newcomer))["seed_url"])
    await host.api("GET", f"/machines/{machine_id}/pairing", as_=newcomer)
    assert await come() == [True, True]
    await host.api("POST", f"/machines/{machine_id}/revoke", as_=newcomer)
    assert await come() == [True, True]


async def test_the_list_is_a_file_for_a_spreadsheet(
    host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that are asked for, in that order, on whatever page; nothing in it runs."""
    from spirekeeper.fleet import machine_export

    monkeypatch.setattr(machine_export, "AT_ONCE", 2)  # so that it takes several
    for name in ("=1+1", "-Café", "South", "@north"):
        await host.add_machine(newcomer, name=name, location="Hall \u00fc, 2")
    off = await host.add_machine(newcomer, name="Off")
    await host.api("PUT", f"/machines/{off}", {"is_active": False}, as_=newcomer)

    async def rows(**params: Any) -> list[dict[str, str]]:
        asked = {"format": "csv", **params}
        answer = await host.api("GET", "/machines", as_=newcomer, params=asked)
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert "spirekeeper-machines.csv" in answer.headers["content-disposition"]
        text = answer.content.decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text, newline="")))

    found = await rows(sortby="name", direction="desc", limit=1)
    assert [row["name"] for row in found] == ["South", "Off", "'@north", "'=1+1", "'-Café"]
    assert [row["is_active"] for row in found] == ["true", "false", "true", "true", "true"]
    machine = (await host.api("GET", f"/machines/{off}", as_=newcomer)).json()
    row = found[1]
    assert {name: row[name] for name in ("id", "state", "wallet_id", "fiat_code")} == {
        name: machine[name] for name in ("id", "state", "wallet_id", "fiat_code")
    }
    assert (found[0]["location"], row["last_seen_at"]) == ("Hall ü, 2", "")
    assert [row["name"] for row in await rows(active=False)] == ["Off"]
    assert [row["name"] for row in await rows(search="orth")] == ["'@north"]
    assert await rows(state="paired") == []


async def test_a_machine_found_by_both_is_listed_once(host: Host, newcomer: Caller) -> None:
    for name, location in [("North", "North Hall"), ("North", "South"), ("South", "Northern")]:
        await host.add_machine(newcomer, name=name, location=location)
    asked = {"search": "north", "state": "unpaired"}
    page = (await host.api("GET", "/machines", as_=newcomer, params=asked)).json()
    assert page["total"] == 3
    assert [m["location"] for m in page["data"]] == ["North Hall", "South", "Northern"]


async def test_a_machine_is_found_by_what_it_is_called_now(host: Host, newcomer: Caller) -> None:
    machine_id = await host.add_machine(newcomer, name="North", location="Hall 1")
    await host.api("PUT", f"/machines/{machine_id}", {"name": "Süd"}, as_=newcomer)

    async def total(search: str) -> int:
        page = await host.api("GET", "/machines", as_=newcomer, params={"search": search})
        return int(page.json()["total"])

    assert [await total(search) for search in ("north", "SÜD", "hall")] == [0, 1, 1]


@pytest.mark.parametrize("direction", ["asc", "desc"])
async def test_machines_never_seen_come_last(host: Host, newcomer: Caller, direction: str) -> None:
    from datetime import timedelta

    from spirekeeper import crud
    from spirekeeper.clock import utc_now

    async def add(name: str) -> str:
        return await host.add_machine(newcomer, name=name)

    never, early, late = [await add(name) for name in ("never", "early", "late")]
    await crud.set_last_seen({early: utc_now() - timedelta(hours=1), late: utc_now()})
    params = {"sortby": "last_seen_at", "direction": direction}
    answer = await host.api("GET", "/machines", as_=newcomer, params=params)
    seen = [early, late] if direction == "asc" else [late, early]
    assert [machine["id"] for machine in answer.json()["data"]] == [*seen, never]


@pytest.mark.parametrize(
    "params", [{"limit": 501}, {"limit": 0}, {"offset": -1}, {"sortby": "id;--"}, {"state": "x"}]
)
async def test_a_bad_list_request_is_refused(host: Host, params: dict[str, object]) -> None:
    answer = await host.api("GET", "/machines", params=params)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")


async def test_a_list_shows_only_ones_own(host: Host, newcomer: Caller) -> None:
    await host.add_machine()
    listed = (await host.api("GET", "/machines", as_=newcomer)).json()
    begun = {"added": False, "heard": False}
    assert listed == {"data": [], "total": 0, "counts": [], "first_steps": begun}
