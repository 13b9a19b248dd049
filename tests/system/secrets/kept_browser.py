"""A browser that keeps a profile on disk, as an operator's own does, and what it heard and kept."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import (
    BrowserContext,
    Error,
    Page,
    Request,
    Response,
    WebSocket,
    async_playwright,
    expect,
)
from support.browsing import DESKTOP, FLAGS, PATIENCE_MS, Traffic, settings_of
from support.host import DCA, PASSWORD, Caller
from support.page import OperatorPage
from system.secrets.talkative_site import Heard, answered

LONG_PATIENCE_MS = 60_000
"""A server that logs everything is slow."""
KEPT = """async () => {
  const databases = {}
  for (const {name} of await indexedDB.databases()) {
    const opened = await new Promise((done, fail) => {
      const request = indexedDB.open(name)
      request.onsuccess = () => done(request.result)
      request.onerror = () => fail(request.error)
    })
    for (const store of opened.objectStoreNames) {
      databases[`${name}/${store}`] = await new Promise((done, fail) => {
        const request = opened.transaction(store).objectStore(store).getAll()
        request.onsuccess = () => done(request.result)
        request.onerror = () => fail(request.error)
      })
    }
    opened.close()
  }
  const caches = {}
  for (const name of await window.caches.keys()) {
    const cache = await window.caches.open(name)
    for (const request of await cache.keys()) {
      caches[`${name} ${request.url}`] = await (await cache.match(request)).text()
    }
  }
  return {
    databases, caches,
    local: {...localStorage}, session: {...sessionStorage},
    state: history.state, address: location.href, title: document.title, name: window.name,
    cookies: document.cookie, referrer: document.referrer,
    shown: document.documentElement.outerHTML
  }
}"""


@dataclass
class KeptBrowser:
    """One person's browser; `heard` is what came and went, `meant_to_send` what may go out."""

    context: BrowserContext
    profile: Path
    relay: str
    meant_to_send: frozenset[str] = field(default=frozenset(), repr=False)
    heard: list[Heard] = field(default_factory=list, repr=False)
    console: list[str] = field(default_factory=list, repr=False)

    async def log_in(self, caller: Caller) -> OperatorPage:
        """The page, as that person sees it; who was there before is logged out."""
        await self.context.clear_cookies()
        credentials = {"username": caller.username, "password": PASSWORD}
        answer = await self.context.request.post("/api/v1/auth", data=credentials)
        assert answer.ok, await answer.text()
        page = await self.context.new_page()
        traffic = Traffic()
        traffic.listen(page)
        page.on("request", self._request)
        page.on("response", self._response)
        page.on("console", lambda message: self.console.append(message.text))
        page.on("pageerror", lambda error: self.console.append(str(error)))
        page.on("websocket", self._socket)
        return OperatorPage(page, traffic, self.relay)

    def _socket(self, socket: WebSocket) -> None:
        self._note("websocket's address", socket.url)
        socket.on("framesent", lambda frame: self._note("websocket frame sent", frame))
        socket.on("framereceived", lambda frame: self._note("websocket frame", frame))

    def _note(self, place: str, text: str | bytes) -> None:
        self.heard.append(Heard(place, text.encode() if isinstance(text, str) else text))

    async def _response(self, answer: Response) -> None:
        """At once: a browser forgets a body when its page goes elsewhere."""
        if "/api/v1/" in answer.url and answer.status not in (204, 304):
            with suppress(Error):
                self.heard.append(await _heard(answer))

    def _request(self, request: Request) -> None:
        body = (request.post_data or "").encode()
        bunker = request.url.endswith(("/bunker", "/bunker/test")) and request.method != "GET"
        meant = self.meant_to_send if bunker else frozenset()
        self.heard.append(Heard(f"body of {request.method} {request.url}", body, meant))
        head = "\n".join([request.url, *(f"{n}: {v}" for n, v in request.headers.items())])
        self._note(f"head of {request.method} {request.url}", head)

    async def close(self, page: OperatorPage) -> None:
        """Notes what the page has kept and has been told, and closes it."""
        kept = await page.page.evaluate(KEPT)
        kept["cookies"] = [kept["cookies"], await self.context.cookies()]
        kept["history"] = await _history(page.page)
        for name, what in kept.items():
            self._note(f"the page's {name}", json.dumps(what, ensure_ascii=False))
        await page.page.close()

    def kept(self) -> Iterator[Heard]:
        """Its console, and once it is closed every file of its profile."""
        yield Heard("console", "\n".join(self.console).encode())
        for file in sorted(self.profile.rglob("*")):
            if file.is_file() and not file.is_symlink():
                yield Heard(f"profile {file.relative_to(self.profile)}", file.read_bytes())


async def _heard(answer: Response) -> Heard:
    path = answer.url.partition(DCA)[2] or answer.url
    headers = await answer.all_headers()
    body = await answer.body()
    return answered(answer.request.method, path, answer.status, headers, body)


async def _history(page: Page) -> object:
    session = await page.context.new_cdp_session(page)
    history = await session.send("Page.getNavigationHistory")
    await session.detach()
    return history


@asynccontextmanager
async def kept_browser(
    executable: str, base_url: str, relay: str, profile: Path
) -> AsyncIterator[KeptBrowser]:
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            profile,
            executable_path=executable,
            args=FLAGS,
            base_url=base_url,
            viewport={"width": DESKTOP.width, "height": DESKTOP.height},
            locale="en-GB",
            timezone_id="Europe/Vienna",
        )
        context.set_default_timeout(LONG_PATIENCE_MS)
        expect.set_options(timeout=LONG_PATIENCE_MS)
        await context.add_init_script(settings_of(DESKTOP, "en"))
        try:
            yield KeptBrowser(context, profile, relay)
        finally:
            expect.set_options(timeout=PATIENCE_MS)
            await context.close()
