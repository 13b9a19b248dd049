"""One thing done with many machines at once."""

from typing import Any

import pytest
from support.failing import SECRET, UnforeseenError
from support.heard import machine_row
from support.host import Caller, Host


@pytest.fixture
async def three(host: Host, newcomer: Caller) -> list[str]:
    return [await host.add_machine(newcomer, name=name) for name in ("North", "South", "West")]


async def act(host: Host, caller: Caller, act: str, ids: list[str], **more: Any) -> Any:
    data = {"act": act, "machine_ids": ids, **more}
    answer = await host.api("POST", "/machines/act", data, as_=caller)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_many_are_tagged_and_switched_off_and_on(
    host: Host, newcomer: Caller, three: list[str]
) -> None:
    """Those that are gone, somebody else's or full of tags are left as they are."""
    full = [f"{n}" for n in range(10)]
    await host.api("PUT", f"/machines/{three[2]}", {"tags": full}, as_=newcomer)
    strange = [await host.add_machine(), "NobodysMachine"]
    for _ in range(2):
        tagged = await act(host, newcomer, "tag", three + strange, tag="west")
        assert tagged == {"done": 2, "pending": 0}
    tags = [(await machine_row(machine_id)).tags for machine_id in (*three, strange[0])]
    assert tags == [["west"], ["west"], full, []]
    assert (await act(host, newcomer, "untag", three, tag="west"))["done"] == 3
    assert [(await machine_row(each)).tags for each in three] == [[], [], full]
    for active in (False, True):
        name = "switch_on" if active else "switch_off"
        assert (await act(host, newcomer, name, three + strange))["done"] == 3
        rows = [await machine_row(machine_id) for machine_id in (*three, strange[0])]
        assert [row.is_active for row in rows] == [active, active, active, True]


async def test_many_are_cut_off_and_deleted(host: Host, newcomer: Caller, three: list[str]) -> None:
    """Here at once; the bunker does its part then or, while it is silent, later."""
    seed = await host.pair(three[0], as_=newcomer)
    anothers = await host.add_machine()
    assert await act(host, newcomer, "revoke", [*three[:2], anothers]) == {"done": 2, "pending": 0}
    rows = [await machine_row(machine_id) for machine_id in (*three, anothers)]
    assert [row.cut_at is not None for row in rows] == [True, True, False, False]
    assert (await host.api("GET", f"/roster/{seed['spire_npub']}", as_=newcomer)).status_code == 404
    assert await act(host, newcomer, "delete", [*three, anothers]) == {"done": 3, "pending": 0}
    assert [await machine_row(each) for each in three] == [None] * 3
    assert await machine_row(anothers) is not None


async def test_one_that_cannot_be_read_keeps_no_other_from_being_cut(
    host: Host, newcomer: Caller, three: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper import crud

    get_machine = crud.get_machine

    async def unreadable(machine_id: str) -> Any:
        if machine_id == three[0]:
            raise UnforeseenError(SECRET)
        return await get_machine(machine_id)

    with monkeypatch.context() as broken:
        broken.setattr(crud, "get_machine", unreadable)
        assert await act(host, newcomer, "revoke", three) == {"done": 2, "pending": 0}
    rows = [await machine_row(machine_id) for machine_id in three]
    assert [row.cut_at is not None for row in rows] == [False, True, True]


async def test_what_the_bunker_does_not_do_is_said_to_be_owed(
    host: Host, newcomer: Caller, three: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper.fleet import bulk_acts

    monkeypatch.setattr(bulk_acts, "BUNKER_SECONDS", 0.2)
    await host.pair(three[0], as_=newcomer)
    host.bunker.levers.silent()
    try:
        assert await act(host, newcomer, "delete", three) == {"done": 3, "pending": 1}
    finally:
        host.bunker.levers.normal()
    assert [await machine_row(each) for each in three] == [None] * 3


@pytest.mark.parametrize(
    "data",
    [
        {"act": "tag"},
        {"act": "revoke", "tag": "west"},
        {"act": "burn"},
        {"act": "revoke", "machine_ids": []},
        {"act": "revoke", "machine_ids": ["a", "a"]},
    ],
)
async def test_what_makes_no_sense_is_refused(
    host: Host, newcomer: Caller, data: dict[str, Any]
) -> None:
    answer = await host.api("POST", "/machines/act", {"machine_ids": ["a"], **data}, as_=newcomer)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")
