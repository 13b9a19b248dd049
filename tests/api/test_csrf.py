"""Requests that another page has a victim's browser send, with LNbits' login cookie."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute
from support.host import DCA, PASSWORD, Caller, Host

OUR_ORIGIN = "http://lnbits.test"
BESIDE = "http://lnbits.test:8080"
READS = {"GET", "HEAD"}
NOT_OF_THE_API = {
    "/spirekeeper/",
    "/spirekeeper/machine/{machine_id}",
    "/spirekeeper/page.vue",
    "/spirekeeper/page.js",
    "/spirekeeper/sheet",
    "/spirekeeper/static/{path:path}",
    # For wallets of customers, and for this server itself: nothing there asks who calls.
    "/spirekeeper/api/v1/lnurl/{link_id}",
    "/spirekeeper/api/v1/lnurl/{link_id}/pay",
    "/spirekeeper/api/v1/lnurl/here/{word}",
}


class Browser:
    """Sends the cookie with whatever it is told to send."""

    def __init__(self, host: Host, cookie: str) -> None:
        self._host, self._cookie = host, f"cookie_access_token={cookie}"

    async def ask(
        self, method: str, path: str, content: bytes | str = b"", **headers: str
    ) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self._host.client.request(
            method, DCA + path, content=content, headers={"Cookie": self._cookie, **named}
        )


@pytest.fixture
async def victim(host: Host) -> AsyncIterator[Browser]:
    """The operator's browser."""
    credentials = {"username": host.operator.username, "password": PASSWORD}
    token = (await host.client.post("/api/v1/auth", json=credentials)).json()["access_token"]
    host.client.cookies.clear()
    yield Browser(host, token)
    assert not host.client.cookies


OTHERS: dict[str, dict[str, str]] = {
    "another port": {"Sec_Fetch_Site": "same-site", "Origin": BESIDE},
    "another host": {"Sec_Fetch_Site": "cross-site", "Origin": "https://evil.example"},
    "typed, and yet it changes something": {"Sec_Fetch_Site": "none"},
    "another port, no https": {"Origin": BESIDE},
    "another host, no https": {"Origin": "http://evil.example"},
    "nobody's page": {"Origin": "null"},
    "a longer name": {"Origin": "http://lnbits.test.evil.example"},
    "with a user": {"Origin": "http://lnbits.test@evil.example"},
    "another scheme": {"Origin": "ftp://lnbits.test"},
    "http, where we are asked by https": {"Origin": OUR_ORIGIN, "X_Forwarded_Proto": "https"},
    "does not say": {},
    "an empty Bearer token": {"Authorization": "Bearer ", "Origin": BESIDE},
    "a password for the proxy": {"Authorization": "Basic YTpi", "Origin": BESIDE},
    "a wallet's key": {"X_Api_Key": "0" * 32, "Origin": BESIDE},
}
OURS: dict[str, dict[str, str]] = {
    "https": {"Sec_Fetch_Site": "same-origin", "Origin": "https://lnbits.example"},
    "no https": {"Origin": OUR_ORIGIN},
    "the port said": {"Origin": OUR_ORIGIN, "Host": "lnbits.test:80"},
    "a port of its own": {"Origin": BESIDE, "Host": "lnbits.test:8080"},
    "a proxy that says whom it was asked for": {
        "Origin": "https://lnbits.example",
        "X_Forwarded_Host": "lnbits.example, inner",
    },
    "the address in LNbits' settings": {"Origin": OUR_ORIGIN, "Host": "127.0.0.1:5000"},
}


def routes_of(host: Host) -> list[APIRoute]:
    return [
        route
        for route in host.app.routes
        if isinstance(route, APIRoute) and route.path.startswith("/spirekeeper")
    ]


def test_no_route_is_without_the_guard(host: Host) -> None:
    from spirekeeper.routing import SpirekeeperRoute

    without = [route for route in routes_of(host) if not isinstance(route, SpirekeeperRoute)]
    assert {route.path for route in without} <= NOT_OF_THE_API
    assert all(route.methods <= READS for route in without if route.methods)


@pytest.mark.parametrize("whose", OTHERS)
async def test_no_route_changes_anything_for_another_page(
    host: Host, victim: Browser, whose: str
) -> None:
    """Whatever it sends, without a body too."""
    machine_id = await host.add_machine()
    asked = 0
    for route in routes_of(host):
        for method in (route.methods or set()) - READS:
            path = route.path.removeprefix(DCA).replace("{machine_id}", machine_id)
            for content, kind in ((b"", {}), (b"{}", {"Content_Type": "application/json"})):
                answer = await victim.ask(method, path, content, **OTHERS[whose], **kind)
                assert answer.status_code == 403, f"{method} {path}: {answer.text}"
                assert answer.json()["code"] == "another_site"
                asked += 1
    assert asked > 30
    machine = (await host.api("GET", f"/machines/{machine_id}")).json()
    assert machine["cut_at"] is None


@pytest.mark.parametrize("whose", OURS)
async def test_our_own_page_is_answered(host: Host, victim: Browser, whose: str) -> None:
    said = OURS[whose]
    json = {"Content_Type": "application/json"}
    added = await victim.ask("POST", "/machines", '{"name": "North"}', **said, **json)
    assert added.status_code == 201, added.text
    path = f"/machines/{added.json()['id']}"
    assert (await victim.ask("POST", f"{path}/revoke", **said)).status_code == 200
    assert (await victim.ask("DELETE", path, **said)).status_code == 200


@pytest.mark.parametrize("kind", [{}, {"Content_Type": "text/plain"}])
async def test_json_is_called_json(victim: Browser, kind: dict[str, str]) -> None:
    """A page of another site must ask before it may say so."""
    same = {"Sec_Fetch_Site": "same-origin"}
    answer = await victim.ask("POST", "/machines", '{"name": "North"}', **same, **kind)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")
    assert "Content-Type" in answer.json()["detail"]
    rows = "name,location\nNorth,\n"
    answer = await victim.ask("POST", "/machines/import", rows, **same, **kind)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")


async def test_what_only_reads_is_answered_but_not_to_another_site(victim: Browser) -> None:
    """Some of it asks the bunker, or takes long."""
    for site in ("same-origin", "none"):
        assert (await victim.ask("GET", "/machines", Sec_Fetch_Site=site)).status_code == 200
    assert (await victim.ask("GET", "/machines")).status_code == 200
    for site in ("same-site", "cross-site"):
        answer = await victim.ask("GET", "/machines", Sec_Fetch_Site=site)
        assert answer.json()["code"] == "another_site"


PROGRAMS: list[dict[str, Any]] = [
    {},
    {"Origin": "http://evil.example"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Cookie": "cookie_access_token=of-somebody", "Origin": "http://evil.example"},
]


@pytest.mark.parametrize("more", PROGRAMS)
async def test_a_program_with_a_token_notices_nothing(host: Host, more: dict[str, str]) -> None:
    """Whatever else it sends, a cookie too; and it need not call its JSON so."""
    caller: Caller = host.operator
    headers = {**caller.headers, **more}
    added = await host.client.post(f"{DCA}/machines", content='{"name": "N"}', headers=headers)
    assert added.status_code == 201, added.text
    path = f"{DCA}/machines/{added.json()['id']}"
    assert (await host.client.post(f"{path}/revoke", headers=headers)).status_code == 200
    lower = {**headers, "Authorization": headers["Authorization"].replace("Bearer", "bearer")}
    assert (await host.client.delete(path, headers=lower)).status_code == 200


async def test_whoever_has_no_cookie_is_told_what_lnbits_tells_them(host: Host) -> None:
    headers = {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}
    answer = await host.client.post(f"{DCA}/machines", json={"name": "N"}, headers=headers)
    assert answer.status_code == 401
