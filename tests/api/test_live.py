"""Hints to open pages, over LNbits' real websocket."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from api.fleets import pair_all
from nostr_sdk import Keys
from support.host import DCA, NOBODY, Caller, Host
from support.raw_wire import RawClient
from support.redeeming import redeem
from support.settling import settle
from support.watching import until, watching
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

OpenPage = Callable[[Caller], Awaitable["Page"]]


class Page:
    """An open page, as far as hints go."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.heard: list[str] = []

    async def listen(self) -> None:
        try:
            async for hint in self._socket:
                self.heard.append(str(hint))
        except ConnectionClosed:
            pass

    async def hinted(self) -> None:
        """Waits for a hint; forgets it, and those that came before."""

        async def some() -> bool:
            return bool(self.heard)

        await until(some)
        self.heard.clear()

    async def quiet(self) -> None:
        """Waits until what was on its way has come, and forgets it."""
        before = -1
        while before != len(self.heard):
            before = len(self.heard)
            await asyncio.sleep(0.2)
        self.heard.clear()


async def channel(host: Host, caller: Caller) -> str:
    answer = await host.api("GET", "/live", as_=caller)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return str(answer.json()["channel"])


@pytest.fixture
async def open_page(host: Host, base_url: str) -> AsyncIterator[OpenPage]:
    sockets: list[ClientConnection] = []
    listening: list[asyncio.Task[None]] = []

    async def opened(caller: Caller) -> Page:
        address = base_url.replace("http", "ws", 1)
        socket = await connect(f"{address}/api/v1/ws/{await channel(host, caller)}")
        page = Page(socket)
        sockets.append(socket)
        listening.append(asyncio.create_task(page.listen()))
        return page

    yield opened
    for socket in sockets:
        await socket.close()
    await asyncio.gather(*listening)


async def test_a_channel_is_ones_own_and_random(host: Host, newcomer: Caller) -> None:
    mine = await channel(host, newcomer)
    assert mine == await channel(host, newcomer)
    assert mine != await channel(host, host.operator)
    assert newcomer.user_id not in mine
    assert len(mine) > 32
    assert (await host.api("GET", "/live", as_=NOBODY)).status_code == 401
    assert (await host.api("GET", "/live", as_=host.stranger)).status_code == 403


async def test_whatever_changes_is_hinted(host: Host, open_page: OpenPage) -> None:
    """Each step of a machine's life reaches an open page, and says nothing of what it was."""
    page = await open_page(host.operator)

    async def ask(method: str, path: str, body: Any = None) -> None:
        await page.quiet()
        answer = await host.api(method, path, body)
        assert answer.status_code < 300, answer.text
        assert {"changed"} >= set(page.heard)
        await page.hinted()

    machine_id = await host.add_machine()
    await page.hinted()
    await ask("PUT", f"/machines/{machine_id}", {"location": "Hall 2"})
    await ask("POST", f"/machines/{machine_id}/pair", host.pair_request())
    await ask("DELETE", f"/machines/{machine_id}/pairing")
    for verdict in ("reject", "confirm"):
        await page.quiet()
        seed = await host.pair(machine_id, require_confirmation=True)
        await page.quiet()
        assert (await redeem(host, seed["seed_url"], Keys.generate()))["result"] == "ack"
        pairing = (await host.pairing(machine_id))["pairing"]
        await page.hinted()
        client = {"client_pubkey": pairing["client_pubkey"]}
        await ask("POST", f"/machines/{machine_id}/pairing/{verdict}", client)
    await ask("POST", f"/machines/{machine_id}/revoke")
    await ask("DELETE", f"/machines/{machine_id}")


async def test_what_is_done_to_many_is_hinted(
    host: Host, newcomer: Caller, open_page: OpenPage
) -> None:
    page = await open_page(newcomer)
    rows = "name,location,wallet\nNorth,Hall 1,make one\nSouth,Hall 2,make one\n"
    headers = {**newcomer.headers, "Content-Type": "text/csv"}
    answer = await host.client.post(f"{DCA}/machines/import", content=rows, headers=headers)
    assert answer.status_code < 300, answer.text
    await page.hinted()
    added = [machine["id"] for machine in answer.json()["machines"]]
    await pair_all(host, added, newcomer)
    await page.quiet()
    answer = await host.api("POST", "/machines/revoke-all", {"expect": 2}, as_=newcomer)
    assert answer.status_code == 200, answer.text
    await page.hinted()


async def test_what_the_background_does_is_hinted(alone: Host, open_page: OpenPage) -> None:
    """A revoke that the bunker owed, and keys that were unlocked."""

    from spirekeeper.clock import utc_now
    from spirekeeper.upkeep.unlocking import unlock_locked

    page = await open_page(alone.operator)
    machine_id = await alone.add_machine()
    seed = await alone.pair(machine_id)
    assert (await redeem(alone, seed["seed_url"], Keys.generate()))["result"] == "ack"
    assert (await alone.pairing(machine_id))["state"] == "paired"
    await alone.bunker.restart()
    await page.quiet()
    await unlock_locked(utc_now)
    await page.hinted()

    alone.bunker.levers.refuse("no")
    await alone.api("POST", f"/machines/{machine_id}/revoke")
    await page.quiet()
    alone.bunker.levers.normal()
    await settle()
    await page.hinted()


async def test_a_scan_is_hinted_though_the_bunker_was_slow(
    alone: Host, open_page: OpenPage
) -> None:
    """The connect is all that anybody hears of it, and the first look comes too soon."""
    page = await open_page(alone.operator)
    machine_id = await alone.add_machine()
    seed = await alone.pair(machine_id, require_confirmation=True)
    await alone.bunker.listening()

    def looked() -> bool:
        return any(call.method == "get_key_tokens" for call in alone.bunker.calls)

    async def listened_to() -> bool:
        async with RawClient(alone.relay.url) as stranger:
            await stranger.ask(seed["spire_pubkey"], "get_public_key", kind=24133)
        return looked()

    async with watching():
        alone.bunker.calls.clear()
        await until(listened_to)
        await page.quiet()
        # Twice, since a read is repeated once.
        alone.bunker.levers.refuse("not now", "get_key_tokens", times=2)
        assert (await redeem(alone, seed["seed_url"]))["result"] == "ack"
        await page.hinted()
    assert (await alone.pairing(machine_id))["state"] == "confirming"


async def test_nobody_hears_of_anothers_machines(
    host: Host, newcomer: Caller, open_page: OpenPage
) -> None:
    mine, anothers = await open_page(newcomer), await open_page(host.other_operator)
    await host.add_machine(newcomer)
    await mine.hinted()
    await anothers.quiet()
    assert anothers.heard == []


async def test_many_changes_at_once_are_few_hints(
    host: Host, newcomer: Caller, open_page: OpenPage
) -> None:
    from spirekeeper.changes import announce_changed

    page = await open_page(newcomer)
    await asyncio.gather(*(host.add_machine(newcomer) for _ in range(3)))
    await page.quiet()
    for _ in range(100):
        announce_changed(newcomer.user_id)

    async def hinted() -> bool:
        return bool(page.heard)

    await until(hinted)
    assert page.heard == ["changed"]


async def test_a_page_that_has_gone_keeps_no_other_from_its_hint(
    host: Host, newcomer: Caller, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LNbits' own `send` stops at the first socket that died."""
    from lnbits.core.services import websocket_manager
    from starlette.websockets import WebSocket

    await open_page(newcomer)
    second = await open_page(newcomer)
    first = websocket_manager.get_connections(await channel(host, newcomer))[0].websocket
    send = WebSocket.send_text

    async def dead(self: WebSocket, text: str) -> None:
        if self is first:
            raise RuntimeError("gone")
        await send(self, text)

    monkeypatch.setattr(WebSocket, "send_text", dead)
    await host.add_machine(newcomer)
    await second.hinted()
