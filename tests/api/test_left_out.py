"""One operator names more relays than are listened to: others are served, and he is told."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from spirekeeper.devkit.hostile_relay import HostileRelay
from support.host import Caller, Host
from support.movable_clock import MovableClock
from support.watching import until, watching
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response


@pytest.fixture
async def relays(host: Host) -> AsyncIterator[list[HostileRelay]]:
    """Four that have done nothing wrong."""
    made = [HostileRelay(host.relay.url) for _ in range(4)]
    for relay in made:
        await relay.start()
    yield made
    for relay in made:
        await relay.stop()


async def machine_on(host: Host, caller: Caller, *relays: str) -> str:
    machine_id = await host.add_machine(as_=caller)
    request = host.pair_request(relays=[host.relay.url, *relays])
    answer = await host.api("POST", f"/machines/{machine_id}/pair", request, as_=caller)
    assert answer.status_code == 200, answer.text
    return machine_id


async def told(host: Host, caller: Caller) -> dict[str, str]:
    """The words about relays that are not listened to, by machine."""
    answer = await host.api("GET", "/notices", as_=caller, params={"limit": 500})
    assert answer.status_code == 200, answer.text
    notices = answer.json()["data"]
    return {n["machine_id"]: n["words"] for n in notices if n["code"] == "relay_left_out"}


@pytest.fixture(autouse=True)
def unprobed(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the watch connects to what a seed names."""
    from spirekeeper import pairing

    assert host
    monkeypatch.setattr(pairing, "check_listening_later", lambda *_: None)


async def test_whoever_names_too_many_relays_leaves_out_only_his_own(
    host: Host,
    newcomer: Caller,
    relays: list[HostileRelay],
    host_clock: MovableClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from spirekeeper.store import database
    from spirekeeper.upkeep import notify, relay_plan

    await database.db.execute(f"UPDATE {database.PAIRINGS} SET state = 'cancelled'")
    monkeypatch.setattr(relay_plan, "MOST_RELAYS", 2)
    *many, honest = relays
    greedy = [await machine_on(host, newcomer, relay.url) for relay in many]
    modest = await machine_on(host, host.other_operator, honest.url)
    before = {relay.url: relay.opened for relay in relays}

    def listened_to() -> list[HostileRelay]:
        return [relay for relay in relays if relay.opened > before[relay.url]]

    async def served() -> bool:
        return honest in listened_to() and len(listened_to()) == 2

    async with watching():
        await until(served)
        words = await told(host, newcomer)
        assert len(words) == 2
        assert set(words) < set(greedy)
        [taken] = [relay for relay in listened_to() if relay is not honest]
        for relay in many:
            server = relay.url.removeprefix("ws://")
            assert any(server in each for each in words.values()) is (relay is not taken)
        assert await told(host, host.other_operator) == {}
        for_all = [
            n for n in await notify.standing_notices(host_clock()) if n.code == "relay_left_out"
        ]
        assert {(n.machine_id, n.operator_user_id) for n in for_all} == {
            (machine_id, newcomer.user_id) for machine_id in words
        }

        for machine_id in greedy:
            await host.api("POST", f"/machines/{machine_id}/revoke", as_=newcomer)

        async def over() -> bool:
            return await told(host, newcomer) == {}

        await until(over)
    await host.api("DELETE", f"/machines/{modest}", as_=host.other_operator)


async def test_what_is_not_known_yet_is_not_told_again(
    host: Host, host_clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LNbits has just started, and nobody has looked which relays there is room for."""
    from spirekeeper.models import NoticeRow
    from spirekeeper.store import notice_rows
    from spirekeeper.upkeep import notify, relay_watch

    row = NoticeRow(machine_id="m", code="relay_left_out", mark="r:443", since=host_clock())
    await notice_rows.keep_notice(row)
    monkeypatch.setattr(relay_watch, "left_out", lambda: None)
    await notify.notify_new(host_clock)
    assert await notice_rows.get_notice("m", "relay_left_out") is not None
    monkeypatch.setattr(relay_watch, "left_out", lambda: {})
    host_clock.move(minutes=10)
    await notify.notify_new(host_clock)
    assert await notice_rows.get_notice("m", "relay_left_out") is None


class SmallRelay:
    """Takes so many subscriptions of a connection; `says` where it says so beforehand."""

    def __init__(self, most: int, *, says: bool, refuses: str) -> None:
        self.most, self.says, self.refuses = most, says, refuses
        self.open: dict[ServerConnection, dict[str, Any]] = {}
        self.refused = 0

    async def __aenter__(self) -> "SmallRelay":
        self._server = await serve(self._talk, "127.0.0.1", 0, process_request=self._document)
        self.url = f"ws://127.0.0.1:{next(iter(self._server.sockets)).getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    def _document(self, _: ServerConnection, request: Request) -> Response | None:
        if request.headers.get("Accept") != "application/nostr+json":
            return None
        text = json.dumps({"limitation": {"max_subscriptions": self.most} if self.says else {}})
        headers = Headers({"Content-Length": str(len(text)), "Connection": "close"})
        return Response(200, "OK", headers, text.encode())

    async def _talk(self, socket: ServerConnection) -> None:
        mine = self.open[socket] = {}
        try:
            async for text in socket:
                match json.loads(text):
                    case ["REQ", str(name), _] if name not in mine and len(mine) >= self.most:
                        self.refused += 1
                        of = [name] if self.refuses == "CLOSED" else []
                        await socket.send(
                            json.dumps([self.refuses, *of, "error: too many subscriptions"])
                        )
                    case ["REQ", str(name), wanted]:
                        mine[name] = wanted
                        await socket.send(json.dumps(["EOSE", name]))
                    case ["CLOSE", str(name)]:
                        mine.pop(name, None)
                    case ["EVENT", dict(event)]:
                        await socket.send(json.dumps(["OK", event["id"], True, ""]))
        finally:
            del self.open[socket]


@pytest.mark.parametrize(("says", "refuses"), [(True, "CLOSED"), (False, "NOTICE")])
async def test_what_a_relay_has_no_room_for_is_told(
    host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch, says: bool, refuses: str
) -> None:
    """Whether it says so beforehand (NIP-11) or shows it."""
    from spirekeeper.upkeep import known_limits, relay_plan

    monkeypatch.setattr(relay_plan, "KEYS_A_FILTER", 1)
    monkeypatch.setattr(known_limits, "FEW_KEYS", 0)
    async with SmallRelay(4, says=says, refuses=refuses) as small:
        machines = [await machine_on(host, newcomer, small.url) for _ in range(3)]

        async def two_are_heard() -> bool:
            served = [len(wanted) for wanted in small.open.values()]
            return served == [4] and len(await told(host, newcomer)) == 1

        async with watching(FOLLOW_SECONDS=0.1):
            await until(two_are_heard)
            [left_out] = await told(host, newcomer)
            [wanted] = small.open.values()
            heard = {key for each in wanted.values() for key in each.get("#p", ())}
            assert len(heard) == 2
            assert left_out in machines
        assert small.refused or says
        for machine_id in machines:
            await host.api("DELETE", f"/machines/{machine_id}", as_=newcomer)
