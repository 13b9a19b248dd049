"""The page as a whole: live, by keyboard, in three languages, on a narrow phone, for each alone."""

import re
from collections.abc import AsyncIterator, Awaitable
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Locator, WebSocket, expect
from support.browsing import DESKTOP, SMALL_PHONE, Device, Visits
from support.host import NOBODY, Caller, Host
from support.page import OperatorPage
from support.redeeming import redeem

UNTRANSLATED = re.compile(r"spirekeeper\.\w+[.\w]*")
MOST_REQUESTS = 25
LONG = "Station-North-at-the-far-end-of-Platform-17, right behind the second ticket machine of two"


async def test_a_second_operator_sees_none_of_it(
    visit: Visits, host: Host, newcomer: Caller
) -> None:
    await host.add_machine(newcomer, name="North")
    mine = await visit(newcomer)
    await expect(mine.machine("North")).to_be_visible()
    theirs = await visit(await host.newcomer(f"{newcomer.username}b"))
    await expect(theirs.button("Add your first machine")).to_be_visible()
    assert "North" not in await theirs.page.content()


async def test_nobody_else_is_shown_the_page(visit: Visits) -> None:
    page = await visit(NOBODY, show=False)
    answer = await page.page.request.get("/spirekeeper/")
    assert answer.status == 401


async def test_the_page_takes_few_requests(visit: Visits, newcomer: Caller) -> None:
    """LNbits allows an address 200 a minute, unless told otherwise, and asks for some itself."""
    page = await visit(newcomer)
    asked = [urlsplit(url).path for url in page.traffic.asked]
    ours = [path for path in asked if path.startswith("/spirekeeper")]
    assert len(ours) <= MOST_REQUESTS, ours
    files = {path for path in ours if "/api/" not in path}
    assert files - {"/spirekeeper/", "/spirekeeper/static/image/spirekeeper.png"} == {
        "/spirekeeper/static/routes.json",
        "/spirekeeper/page.vue",
        "/spirekeeper/page.js",
        "/spirekeeper/static/i18n/en.js",
    }


# Live.


async def awaiting_scan(host: Host, newcomer: Caller, name: str = "North") -> str:
    """A machine that was paired elsewhere than on this page; its seed."""
    machine_id = await host.add_machine(newcomer, name=name, location="Hall 2")
    wanted = host.pair_request(require_confirmation=True)
    answer = await host.api("POST", f"/machines/{machine_id}/pair", wanted, as_=newcomer)
    return str(answer.json()["seed_url"])


def is_live(socket: WebSocket) -> bool:
    """Not one of LNbits' own."""
    return "/api/v1/ws/spirekeeper-" in socket.url


async def test_a_connect_is_shown_at_the_servers_hint(
    visit: Visits, host: Host, newcomer: Caller
) -> None:
    seed_url = await awaiting_scan(host, newcomer)
    page = await visit(newcomer, show=False)
    async with page.page.expect_websocket(is_live) as live:
        await page.open()
    await page.shows_state("North", "Waiting for the scan")
    async with (await live.value).expect_event("framereceived") as hint:
        await redeem(host, seed_url)
    assert await hint.value == "changed"
    await page.shows_state("North", "To be confirmed")
    assert set(page.traffic.heard) == {"changed"}


async def test_a_connect_is_shown_where_no_websocket_comes_through(
    visit: Visits, host: Host, newcomer: Caller
) -> None:
    seed_url = await awaiting_scan(host, newcomer)
    page = await visit(newcomer, show=False)
    await page.page.route_web_socket("**", lambda socket: socket.close())
    await page.open()
    await page.shows_state("North", "Waiting for the scan")
    await redeem(host, seed_url)
    await page.shows_state("North", "To be confirmed")
    assert page.traffic.heard == []


async def test_hints_in_a_heap_are_one_reason_to_ask(
    visit: Visits, host: Host, newcomer: Caller
) -> None:
    """Anybody may send on LNbits' channels, and as much as they like."""
    page = await visit(newcomer, show=False)
    await page.page.clock.install()
    async with page.page.expect_websocket(is_live) as live:
        await page.open()
    socket = await live.value
    address = socket.url.replace("ws://", "http://")
    await page.page.clock.pause_at(await page.page.evaluate("Date.now() + 5000"))
    before = page.traffic.times("/dca/machines?")
    for _ in range(20):
        async with socket.expect_event("framereceived"):
            await page.page.request.post(address, params={"data": "changed"})
    async with page.page.expect_response(lambda answer: "/dca/machines?" in answer.url):
        await page.page.clock.run_for(1000)
    assert page.traffic.times("/dca/machines?") == before + 1


# By keyboard.


async def press(page: OperatorPage, control: Locator, key: str = "Enter") -> None:
    """Goes there with Tab alone."""
    for _ in range(60):
        if await control.evaluate("each => each === document.activeElement"):
            await page.page.keyboard.press(key)
            return
        await page.page.keyboard.press("Tab")
    raise AssertionError(f"{control} is not reached with Tab")


async def test_a_machine_is_added_and_paired_by_keyboard(
    visit: Visits, host: Host, newcomer: Caller
) -> None:
    page = await visit(newcomer)
    keyboard = page.page.keyboard
    await press(page, page.button("Add your first machine"))
    await expect(page.dialog("Add a machine").get_by_label("Name")).to_be_focused()
    await keyboard.type("North")
    await keyboard.press("Enter")
    await expect(page.dialog("Add a machine")).to_be_hidden()
    await press(page, page.button("Pair", page.machine("North")))
    dialog = page.dialog("North")
    await expect(dialog.get_by_label("Relay 1")).to_be_focused()
    await keyboard.type(page.relay)
    await press(page, dialog.get_by_role("switch", name="In my own network"), "Space")
    await expect(dialog.get_by_text("Reachable from the server.")).to_be_visible()
    await press(page, page.button("Show the pairing code", dialog))
    await expect(page.code(dialog)).to_be_visible()
    await press(page, page.button("Copy", dialog))
    seed_url = await page.page.evaluate("navigator.clipboard.readText()")
    await page.page.evaluate("navigator.clipboard.writeText('')")
    assert (await redeem(host, seed_url))["result"] == "ack"
    yes = page.button("Yes, it is the machine", dialog)
    await expect(yes).to_be_visible()
    await press(page, yes)
    await expect(dialog.get_by_text("Paired", exact=True)).to_be_visible()
    await press(page, page.button("Close", dialog).last)
    await page.shows_state("North", "Paired")


# In every language, wide and narrow.


async def rooms(
    page: OperatorPage, host: Host, newcomer: Caller, seed_url: str
) -> AsyncIterator[str]:
    """All that the page can show of itself, one after the other; the name of each."""
    words, close = page.words, await page.words("common.close")

    async def shut(dialog: Locator) -> None:
        await page.button(close, dialog).last.click()
        await expect(dialog).to_be_hidden()

    def opened_by(button: Locator) -> Awaitable[None]:
        """The keyboard goes on from there."""
        within = page.page.locator(":focus-within")
        return expect(button.and_(within)).to_be_visible()

    yield "the list"
    await page.button(await words("common.more")).click()
    await expect(page.page.get_by_role("menuitem")).to_have_count(4)
    yield "the menu"
    await page.page.keyboard.press("Escape")
    await expect(page.page.get_by_role("menu")).to_have_count(0)
    await page.button(await words("machines.add")).click()
    form = page.dialog(await words("form.add_title"))
    await expect(form).to_be_visible()
    yield "the form"
    await shut(form)
    await opened_by(page.button(await words("machines.add")))

    more = page.button(await words("machines.open", name="West"))
    await page.row(more).get_by_role("button", name=await words("common.pair")).click()
    dialog = page.page.get_by_role("dialog")
    yield "the relays"
    await expect(dialog.locator("input[inputmode=url]")).to_have_value(page.relay)
    await expect(dialog.get_by_text(await words("relays.reachable"))).to_be_visible()
    await page.button(await words("pair.make_seed"), dialog).click()
    await expect(dialog.get_by_role("img", name=await words("pair.qr"))).to_be_visible()
    yield "the seed"
    await page.button(close, dialog).last.click()
    question = page.dialog(await words("pair.leave_title"))
    await expect(question).to_be_visible()
    yield "what becomes of the seed"
    await page.button(await words("pair.cancel_seed"), question).click()
    await expect(page.page.get_by_role("dialog")).to_have_count(0)

    await redeem(host, seed_url)
    await page.button(await words("machines.compare")).click()
    await expect(page.button(await words("pair.yes"), dialog)).to_be_visible()
    yield "the comparison"
    await page.button(await words("pair.yes"), dialog).click()
    await expect(dialog.get_by_text(await words("pair.paired"))).to_be_visible()
    yield "paired"
    await shut(dialog)

    await page.button(await words("machines.open", name=LONG)).click()
    await expect(dialog.get_by_text("npub1")).to_be_visible()
    yield "the panel"
    await page.button(await words("panel.actions.revoke"), dialog).click()
    await expect(dialog).to_have_count(2)
    yield "the question before a revoke"
    await page.button(await words("common.back"), dialog.last).click()
    await expect(dialog).to_have_count(1)
    for tab in ("panel.pairings", "panel.journal"):
        await dialog.get_by_role("tab", name=await words(tab)).click()
        await expect(dialog.get_by_role("listitem").first).to_be_visible()
        yield tab
    await shut(dialog)
    await opened_by(page.button(await words("machines.open", name=LONG)))

    await page.page.get_by_role("checkbox").last.click()
    await page.page.get_by_role("checkbox").nth(-2).click()
    await page.button(await words("fleet.pair", n=2)).click()
    await expect(dialog).to_be_visible()
    yield "many machines"
    await shut(dialog)
    for entry, title in (("import", "import_title"), ("stop", "stop_title")):
        await page.button(await words("common.more")).click()
        await page.page.get_by_text(await words(f"machines.{entry}")).click()
        await expect(page.dialog(await words(f"fleet.{title}"))).to_be_visible()
        yield entry
        await page.page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)
        await opened_by(page.button(await words("common.more")))
    await page.page.locator(".q-chip").click()
    await expect(dialog.get_by_text(await words("bunker.hazards_title"))).to_be_visible()
    yield "the bunker"


@pytest.mark.parametrize(
    ("lang", "device"),
    [
        ("en", DESKTOP),
        ("es", SMALL_PHONE),
        pytest.param("de", SMALL_PHONE, marks=pytest.mark.long),
    ],
    ids=["english", "spanish-360px", "german-360px"],
)
async def test_every_dialog_is_in_the_language_and_fits(
    visit: Visits, host: Host, newcomer: Caller, lang: str, device: Device
) -> None:
    """No key of a text instead of the text, nothing cut off, nothing that shuts people out."""
    await host.add_machine(newcomer, name="West")
    seed_url = await awaiting_scan(host, newcomer, LONG)
    page = await visit(newcomer, device, lang=lang)
    async for room in rooms(page, host, newcomer, seed_url):
        await page.still()
        text = await page.page.inner_text("body")
        assert UNTRANSLATED.findall(text) == [], room
        assert await page.unlabelled() == [], room
        assert await page.barriers() == [], room
        await page.fits(room)
