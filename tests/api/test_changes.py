"""Whoever writes what is shown or watched announces it, whatever fails after that."""

from collections.abc import Iterator
from typing import Any

import pytest
from support.host import Caller, Host

DEEDS: dict[str, tuple[str, str, Any]] = {
    "revoke": ("POST", "/machines/{}/revoke", None),
    "delete": ("DELETE", "/machines/{}", None),
    "the emergency stop": ("POST", "/machines/revoke-all", {"expect": 1}),
}


@pytest.fixture
def heard(host: Host) -> Iterator[list[str]]:
    from spirekeeper import changes

    assert host
    operators: list[str] = []
    changes.listen(operators.append)
    yield operators
    changes.stop_listening(operators.append)


async def pair(host: Host, machine_id: str, caller: Caller) -> None:
    path = f"/machines/{machine_id}/pair"
    answer = await host.api("POST", path, host.pair_request(), as_=caller)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("deed", DEEDS)
async def test_a_cut_is_announced_though_nothing_is_journaled(
    host: Host,
    newcomer: Caller,
    heard: list[str],
    monkeypatch: pytest.MonkeyPatch,
    deed: str,
) -> None:
    """Only then are its relays no longer listened to, and its page told."""
    from spirekeeper.store import journal

    async def fails(*_: Any) -> None:
        raise RuntimeError("the disk is full")

    machine_id = await host.add_machine(newcomer)
    await pair(host, machine_id, newcomer)
    for statement in ("create_journal_entry", "create_cut_entries"):
        monkeypatch.setattr(journal, statement, fails)
    heard.clear()
    method, path, body = DEEDS[deed]
    answer = await host.api(method, path.format(machine_id), body, as_=newcomer)
    assert answer.status_code == 200, answer.text
    assert newcomer.user_id in heard


async def test_a_seed_and_its_end_are_announced(
    host: Host, newcomer: Caller, heard: list[str]
) -> None:
    machine_id = await host.add_machine(newcomer)
    heard.clear()
    await pair(host, machine_id, newcomer)
    assert newcomer.user_id in heard
    heard.clear()
    path = f"/machines/{machine_id}/pairing"
    assert (await host.api("DELETE", path, as_=newcomer)).status_code == 200
    assert newcomer.user_id in heard
