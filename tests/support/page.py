"""The operator's page, as an operator finds things on it: by role and name."""

import asyncio
import re
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playwright.async_api import Locator, Page, expect

from support.barriers import barriers, faint

if TYPE_CHECKING:
    from support.browsing import Traffic

PATH = "/spirekeeper/"
FILLED_IN_MS = 5_000
STORED = """() => JSON.stringify([
  {...localStorage}, {...sessionStorage}, history.state, location.href, document.title
])"""
WORDS = "([name, values, n]) => window.i18n.global.t(name, values, n)"
HAS_WORDS = "name => window.i18n?.global.t(name) !== name"
"""The texts of ours come a while after LNbits' page, which shows a key until then."""
STILL = """() => document.getAnimations().every(
  each => each.playState !== 'running' || each.effect.getTiming().iterations === Infinity
)"""
UNLABELLED = """() => {
  const text = each => {
    const read = each.cloneNode(true)
    read.querySelectorAll('[aria-hidden=true]').forEach(icon => icon.remove())
    return read.textContent.trim()
  }
  const controls = ['button', '[role=button]', '[role=switch]', '[role=checkbox]', 'input', 'a']
  return ['main', '.q-dialog']
    .flatMap(room => [...document.querySelectorAll(controls.map(each => `${room} ${each}`))])
    .filter(each => each.checkVisibility() && !each.closest('[aria-hidden=true], .q-file__filler'))
    .filter(each => !each.ariaLabel && !each.labels?.length && !text(each))
    .map(each => each.outerHTML)
}"""


@dataclass(frozen=True)
class OperatorPage:
    page: Page
    traffic: "Traffic"
    relay: str
    """The one that machine and bunker meet on."""

    async def open(self) -> None:
        await self.page.goto(PATH)
        await self.ready()

    async def ready(self) -> None:
        """The list has come, and the bunker has answered."""
        await expect(self.page.locator(".q-chip").first).to_contain_text(re.compile(r"\d ms$"))
        await expect(self.page.get_by_role("progressbar")).to_have_count(0)

    # Finding things.

    def button(self, name: str | re.Pattern[str], within: Locator | None = None) -> Locator:
        """By its whole name."""
        return (within or self.page).get_by_role("button", name=name, exact=True)

    def dialog(self, name: str) -> Locator:
        return self.page.get_by_role("dialog", name=name, exact=True)

    def machine(self, name: str) -> Locator:
        """Its row of the table, or its card on a phone."""
        return self.row(self.button(f"More about {name}"))

    def row(self, control: Locator) -> Locator:
        """The one that this control belongs to."""
        return self.page.locator("tbody tr, .q-table__grid-content > div").filter(has=control)

    def told(self, text: str) -> Locator:
        """A message that is shown for a while."""
        return self.page.locator(".q-notification").filter(has_text=text)

    # Doing things.

    async def add_machine(self, name: str, location: str = "") -> None:
        await self.button(re.compile("^(add )?Add (machine|your first machine)$")).click()
        form = self.dialog("Add a machine")
        await form.get_by_label("Name").fill(name)
        await form.get_by_label("Location").fill(location)
        await self.button("Add", form).click()
        await expect(form).to_be_hidden()
        await expect(self.machine(name)).to_be_visible()

    async def menu(self, entry: str) -> None:
        """An entry of the menu beside the bunker's chip."""
        await self.button("More").click()
        await self.page.get_by_role("menu").get_by_text(entry).click()

    async def panel(self, name: str) -> Locator:
        await self.button(f"More about {name}").click()
        panel = self.dialog(name)
        await expect(panel.get_by_role("tab", name="Overview")).to_be_visible()
        return panel

    async def choose_relay(self, dialog: Locator, url: str = "") -> None:
        """The relay of the tests is in this computer, so private ones are asked for."""
        # First, since what the server remembers may still fill in both.
        await dialog.get_by_label("Relay 1").fill(url or self.relay)
        private = dialog.get_by_role("switch", name="In my own network")
        reachable = dialog.get_by_text("Reachable from the server.")
        for _ in range(3):  # what is filled in just before the click, the click takes back
            if await private.get_attribute("aria-checked") != "true":
                await private.click()
            with suppress(AssertionError):
                await expect(reachable).to_be_visible(timeout=FILLED_IN_MS)
                return
        await expect(reachable).to_be_visible()

    async def make_seed(self, name: str) -> Locator:
        """In the pair dialog that is open: to its QR."""
        dialog = self.dialog(name)
        await self.choose_relay(dialog)
        await self.button("Show the pairing code", dialog).click()
        await expect(self.code(dialog)).to_be_visible()
        return dialog

    async def pair(self, name: str) -> Locator:
        """From the list to the QR of a seed; the dialog."""
        row = self.machine(name)
        await row.get_by_role("button", name=re.compile("^Pair")).click()
        return await self.make_seed(name)

    async def leaves(self, going: Coroutine[Any, Any, Any]) -> None:
        """By what makes the browser ask, for what is on show cannot be shown again."""
        async with self.page.expect_event("dialog") as asked:
            gone = asyncio.create_task(going)
        question = await asked.value
        assert question.type == "beforeunload"
        await question.accept()
        await gone

    def code(self, dialog: Locator) -> Locator:
        return dialog.get_by_role("img", name="The pairing code as a QR code")

    def forget(self, complaint: str) -> None:
        """What a browser had to complain of."""
        complaints = self.traffic.complaints
        complaints[:] = [each for each in complaints if complaint not in each]

    # Being sure.

    async def shows_state(self, name: str, state: str) -> None:
        await expect(self.machine(name).locator(".q-badge").filter(has_text=state)).to_be_visible()

    async def keeps_nothing_of(self, *secrets: str) -> None:
        """Neither in what a browser keeps, nor in anything that was sent or came over a socket."""
        stored = await self.page.evaluate(STORED)
        for text in (stored, *self.traffic.sent, *self.traffic.heard):
            assert not [secret for secret in secrets if secret in text]

    async def memory(self) -> str:
        """All that its scripts still hold, after what is not needed was swept up."""
        session = await self.page.context.new_cdp_session(self.page)
        chunks: list[str] = []
        session.on("HeapProfiler.addHeapSnapshotChunk", lambda part: chunks.append(part["chunk"]))
        await session.send("HeapProfiler.collectGarbage")
        await session.send("HeapProfiler.takeHeapSnapshot")
        await session.detach()
        return "".join(chunks)

    async def words(self, key: str, **values: str | int) -> str:
        """A text of the page in its language, by its key."""
        n, name = values.get("n", 1), f"spirekeeper.{key}"
        await self.page.wait_for_function(HAS_WORDS, arg=name)
        return str(await self.page.evaluate(WORDS, [name, values, n]))

    async def still(self) -> None:
        """Nothing moves any more, but for what moves for ever."""
        await self.page.wait_for_function(STILL)

    async def unlabelled(self) -> list[str]:
        """Controls that a screen reader has no name for."""
        return list(await self.page.evaluate(UNLABELLED))

    async def barriers(self) -> list[str]:
        """What keeps people from using what is on show, in light and in dark."""
        found = await barriers(self.page)
        for _ in range(2):
            found += await faint(self.page)
            await self.page.evaluate("Quasar.Dark.toggle()")
            await self.still()
        return found

    async def fits(self, room: str = "") -> None:
        """Nothing has to be scrolled sideways to be seen."""
        widths = await self.page.evaluate(
            "[document.scrollingElement.scrollWidth, innerWidth, "
            "...[...document.querySelectorAll('.q-dialog .scroll, .q-dialog__inner > *')]"
            ".flatMap(each => [each.scrollWidth, each.clientWidth])]"
        )
        for needed, there in zip(widths[::2], widths[1::2], strict=True):
            assert needed <= there, f"{room}: {needed} px in {there} px"
