"""The operator's page in a headless Chromium, at the pair dialog."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from house import Site
from playwright.async_api import async_playwright, expect
from spirekeeper.devkit.api import DCA
from spirekeeper.devkit.relay import HOST
from support import chromium
from support.browsing import Traffic
from support.page import OperatorPage

FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {HOST}",
]
PATIENCE_MS = 120_000
SETTINGS = """
localStorage.setItem('lnbits.disclaimerShown', '__q_bool|1')
localStorage.setItem('lnbits.lang', '__q_strn|en')
"""
SHOWN = """() => new Promise(shown => {
  const looker = new MutationObserver(look)
  function look() {
    const alerts = [...document.querySelectorAll('.q-dialog [role=alert]')]
    if (!alerts.some(each => each.textContent.includes('A machine connected.'))) return
    looker.disconnect()
    requestAnimationFrame(() => shown(performance.timeOrigin + performance.now()))
  }
  looker.observe(document.body, {childList: true, subtree: true, characterData: true})
})"""
"""When the page says so, in milliseconds since 1970: when it is in the document and the next
picture is drawn."""

missing = None if chromium.find() else chromium.MISSING
"""Why there is no browser."""


@dataclass(frozen=True)
class PairPage:
    page: OperatorPage

    async def seed(self, name: str) -> str:
        """The dialog of this machine shows the QR of a seed: that seed."""
        made = re.compile(f"{DCA}/machines/[^/]+/pair$")
        async with self.page.page.expect_response(made) as answer:
            await self.page.pair(name)
        return str(json.loads(await (await answer.value).text())["seed_url"])

    async def shown(self) -> float:
        """Seconds since 1970 at which the page said that a machine has connected."""
        return float(await self.page.page.evaluate(SHOWN)) / 1000

    async def confirm(self, name: str) -> None:
        dialog = self.page.dialog(name)
        await self.page.button("Yes, it is the machine", dialog).click()
        await expect(dialog.get_by_text("Paired", exact=True)).to_be_visible()
        await self.page.button("Close", dialog).last.click()
        await expect(dialog).to_be_hidden()


@asynccontextmanager
async def pair_page(site: Site) -> AsyncIterator[PairPage]:
    """The operator is logged in and sees the list."""
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium.find(), args=FLAGS)
        context = await browser.new_context(base_url=site.lnbits.base_url, locale="en-GB")
        context.set_default_timeout(PATIENCE_MS)
        await context.add_init_script(SETTINGS)
        operator = {"username": site.operator.username, "password": site.operator.password}
        assert (await context.request.post("/api/v1/auth", data=operator)).ok
        page = OperatorPage(await context.new_page(), Traffic(), site.relay.ready)
        await page.open()
        yield PairPage(page)
        await browser.close()
