"""A page on another port of LNbits' host, open in the victim's browser beside LNbits."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, BrowserContext, async_playwright
from spirekeeper.devkit.relay import HOST
from support import chromium
from support.browsing import DESKTOP, FLAGS, settings_of
from support.host import DCA, PASSWORD, Host

LAN = "lnbits.lan"
"""Where a browser does not say `Sec-Fetch-Site`: neither https nor loopback."""
HOSTS = [HOST, "localhost", LAN]
RULES = f"MAP {LAN} {HOST}, MAP * ~NOTFOUND, EXCLUDE {HOST}, EXCLUDE localhost"
PAGE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n"
    b"<!doctype html><title>Win a prize</title><body>"
)
ATTACKS = """async ([base, machine]) => {
  const stop = new Blob(['{"expect": 1}'])
  const revoke = `${base}/machines/${machine}/revoke`
  const silently = {method: 'POST', mode: 'no-cors', credentials: 'include'}
  const frame = document.createElement('iframe')
  frame.name = 'hidden'
  document.body.append(frame)
  const post = (action, enctype) => new Promise(resolve => {
    const form = Object.assign(document.createElement('form'), {
      method: 'post', action, enctype, target: 'hidden'
    })
    const input = Object.assign(document.createElement('input'), {
      name: '{"expect": 1, "more": "', value: '"}'
    })
    form.append(input)
    document.body.append(form)
    frame.onload = resolve
    form.submit()
  })
  await fetch(revoke, silently)
  await fetch(`${base}/machines/revoke-all`, {...silently, body: stop})
  await fetch(`${base}/machines/revoke-all`, {...silently, body: '{"expect": 1}'})
  const openly = {credentials: 'include', headers: {'Content-Type': 'application/json'}}
  const mixed = {...openly, headers: {Authorization: 'Bearer ', 'X-Api-Key': 'a'}}
  for (const asked of [openly, mixed]) {
    await fetch(`${base}/machines/${machine}`, {...asked, method: 'DELETE'}).catch(() => 0)
    await fetch(revoke, {...asked, method: 'POST'}).catch(() => 0)
    await fetch(`${base}/machines/revoke-all`, {
      ...asked, method: 'POST', body: '{"expect": 1}'
    }).catch(() => 0)
  }
  for (const kind of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
    await post(revoke, kind)
    await post(`${base}/machines/revoke-all`, kind)
  }
  navigator.sendBeacon(revoke)
  navigator.sendBeacon(`${base}/machines/revoke-all`, stop)
  await fetch(`${base}/machines/revoke-all`, {...silently, body: stop}) // behind the beacons
}"""
ASK = """async ([method, path, data]) =>
  (await LNbits.api.request(method, path, null, data)).status
"""


@pytest.fixture(scope="module")
async def everywhere() -> AsyncIterator[Browser]:
    """A browser that finds LNbits under each of its names, all of them on loopback."""
    flags = [flag for flag in FLAGS if not flag.startswith("--host-resolver-rules")]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium.find(), args=[*flags, f"--host-resolver-rules={RULES}"]
        )
        yield browser
        await browser.close()


@pytest.fixture
async def evil_port() -> AsyncIterator[int]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(PAGE)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, HOST, 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def logged_in(browser: Browser, base_url: str, username: str) -> BrowserContext:
    context = await browser.new_context(base_url=base_url)
    await context.add_init_script(settings_of(DESKTOP, "en"))
    page = await context.new_page()
    await page.goto("/")
    credentials = {"username": username, "password": PASSWORD}
    assert await page.evaluate(ASK, ["POST", "/api/v1/auth", credentials]) == 200
    return context


@pytest.mark.parametrize("name", HOSTS)
async def test_another_port_cuts_nothing_and_our_page_does(
    everywhere: Browser, base_url: str, host: Host, evil_port: int, name: str
) -> None:
    """The victim is logged in; the other page has a try at everything a page may send unasked."""
    victim = await host.newcomer(f"victim{HOSTS.index(name)}")
    machine_id = await host.add_machine(victim)
    site = base_url.replace(HOST, name)
    context = await logged_in(everywhere, site, victim.username)

    evil = await context.new_page()
    await evil.goto(f"http://{name}:{evil_port}/")
    await evil.evaluate(ATTACKS, [site + DCA, machine_id])
    machine = await host.api("GET", f"/machines/{machine_id}", as_=victim)
    assert machine.json()["cut_at"] is None
    journal = (await host.api("GET", "/journal", as_=victim)).json()["data"]
    assert {line["event"] for line in journal} == {"machine"}

    ours = await context.new_page()
    await ours.goto("/spirekeeper/")
    path = f"{DCA}/machines/{machine_id}"
    assert await ours.evaluate(ASK, ["PUT", path, {"location": "Hall 3"}]) == 200
    assert await ours.evaluate(ASK, ["POST", f"{path}/revoke", None]) == 200
    assert await ours.evaluate(ASK, ["POST", f"{DCA}/machines/revoke-all", {"expect": 0}]) == 200
    assert await ours.evaluate(ASK, ["DELETE", path, None]) == 200
    await context.close()
