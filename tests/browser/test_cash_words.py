"""All that the page shows of cash, in each language and on small screens."""

import re
from collections.abc import AsyncIterator

import pytest
from browser.cash_page import show_orders
from playwright.async_api import expect
from support.browsing import DESKTOP, PHONE, SMALL_PHONE, Device, Visits
from support.host import Caller
from support.page import OperatorPage

UNTRANSLATED = re.compile(r"spirekeeper\.\w+[.\w]*")


async def rooms(page: OperatorPage, north: str) -> AsyncIterator[str]:
    """All that the page shows of cash, one after the other; the name of each."""
    words = page.words
    dialog = page.page.get_by_role("dialog")
    yield "the orders"
    await page.button(await words("cash.settle_order", code="7KQ40")).click()
    await expect(dialog.get_by_role("radio").first).to_be_visible()
    yield "an order"
    await page.page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await page.button(await words("common.more")).last.click()
    await page.page.get_by_role("menuitem").last.click()
    await expect(dialog.get_by_text("npub1")).to_be_visible()
    yield "the service key"
    await page.page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await page.page.goto(f"/spirekeeper/machine/{north}")
    await expect(dialog.get_by_role("tab")).to_have_count(4)
    await dialog.get_by_role("tab", name=await words("cash.tab")).click()
    await expect(dialog.get_by_text(await words("cash.ignored_title"))).to_be_visible()
    yield "a machine's cash"


@pytest.mark.parametrize(
    ("lang", "device"),
    [
        ("es", SMALL_PHONE),
        pytest.param("en", DESKTOP, marks=pytest.mark.long),
        pytest.param("de", PHONE, marks=pytest.mark.long),
    ],
    ids=["spanish-360px", "english", "german-390px"],
)
async def test_all_of_cash_is_in_the_language_and_fits(
    visit: Visits, newcomer: Caller, north: str, lang: str, device: Device
) -> None:
    """No key of a text instead of the text, nothing cut off, nothing that shuts people out."""
    from spirekeeper.cash import counters
    from spirekeeper.cash.answers import Silence

    for why in Silence:
        counters.count(newcomer.user_id, why)
    page = await visit(newcomer, device, lang=lang)
    await show_orders(page)
    await expect(page.page.get_by_text("7KQ40").first).to_be_visible()
    async for room in rooms(page, north):
        await page.still()
        text = await page.page.inner_text("body")
        assert UNTRANSLATED.findall(text) == [], room
        assert await page.unlabelled() == [], room
        assert await page.barriers() == [], room
        await page.fits(room)
