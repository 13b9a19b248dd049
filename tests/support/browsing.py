"""A browser at the real page: who looks, on which device, and what went over the wire."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    WebSocket,
)
from spirekeeper.devkit.relay import HOST

from support.host import PASSWORD, Caller
from support.page import OperatorPage

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {HOST}",  # nothing beyond loopback
]
PATIENCE_MS = 15_000


@dataclass(frozen=True)
class Device:
    width: int
    height: int
    dark: bool = False


DESKTOP = Device(1280, 900)
PHONE = Device(390, 844, dark=True)
SMALL_PHONE = Device(360, 740)


@dataclass
class Traffic:
    """What a page asked for, all it sent, was told over websockets, and complained of."""

    asked: list[str] = field(default_factory=list, repr=False)
    sent: list[str] = field(default_factory=list, repr=False)
    heard: list[str] = field(default_factory=list, repr=False)
    complaints: list[str] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        page.on("request", self._request)
        page.on("websocket", self._websocket)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def times(self, part: str) -> int:
        """How many requests had this in their address."""
        return sum(part in text for text in self.sent if text.startswith("http"))

    def _request(self, request: Request) -> None:
        self.asked.append(request.url)
        self.sent += [request.url, *request.headers.values(), request.post_data or ""]

    def _websocket(self, socket: WebSocket) -> None:
        self.sent.append(socket.url)
        socket.on("framesent", lambda frame: self.sent.append(str(frame)))
        socket.on("framereceived", lambda frame: self.heard.append(str(frame)))

    def _console(self, message: ConsoleMessage) -> None:
        # Chromium calls every refusal of the API an error; the page tells those in its own words. A
        # language that we have not LNbits asks for all the same, and takes English then.
        refused = "the server responded with a status of 4" in message.text
        told = any(part in message.location["url"] for part in ("/api/v1/", "/static/i18n/"))
        if message.type == "error" and not (refused and told):
            self.complaints.append(f"{message.text} at {message.location['url']}")


@dataclass
class Visits:
    """Opens the page for people; each has a browser profile of their own."""

    browser: Browser
    base_url: str
    relay: str
    _open: list[BrowserContext] = field(default_factory=list)
    _traffic: list[Traffic] = field(default_factory=list)

    async def __call__(
        self, caller: Caller, device: Device = DESKTOP, *, lang: str = "en", show: bool = True
    ) -> OperatorPage:
        """`show=False`: logged in, at no page yet."""
        context = await self.browser.new_context(
            base_url=self.base_url,
            viewport={"width": device.width, "height": device.height},
            color_scheme="dark" if device.dark else "light",
            locale="en-GB",
            timezone_id="Europe/Vienna",
            permissions=["clipboard-read", "clipboard-write"],
        )
        self._open.append(context)
        context.set_default_timeout(PATIENCE_MS)
        await context.add_init_script(settings_of(device, lang))

        if caller.username:
            credentials = {"username": caller.username, "password": PASSWORD}
            answer = await context.request.post("/api/v1/auth", data=credentials)
            assert answer.ok, await answer.text()
        page = await context.new_page()
        traffic = Traffic()
        traffic.listen(page)
        self._traffic.append(traffic)
        visited = OperatorPage(page, traffic, self.relay)
        if show:
            await visited.open()
        return visited

    async def close(self) -> None:
        for context in self._open:
            await context.close()

    @property
    def complaints(self) -> Iterator[str]:
        """Errors on the console, and exceptions that no script caught."""
        for traffic in self._traffic:
            yield from traffic.complaints


def settings_of(device: Device, lang: str) -> str:
    """LNbits' own, as its front end keeps them; its disclaimer would cover the page."""
    kept = {
        "lnbits.disclaimerShown": "__q_bool|1",
        "lnbits.darkMode": f"__q_bool|{int(device.dark)}",
        "lnbits.lang": f"__q_strn|{lang}",
    }
    return "".join(f"localStorage.setItem('{name}', '{value}');" for name, value in kept.items())
