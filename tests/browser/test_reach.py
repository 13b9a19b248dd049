"""The address that customers' phones ask, as an operator is told of it."""

from datetime import timedelta

import pytest
from playwright.async_api import expect
from support.browsing import SMALL_PHONE, Visits
from support.host import Caller, Host


@pytest.mark.parametrize(
    "lang",
    ["es", pytest.param("en", marks=pytest.mark.long), pytest.param("de", marks=pytest.mark.long)],
)
async def test_whether_phones_reach_it_is_told(
    visit: Visits,
    host: Host,
    newcomer: Caller,
    address: str,
    monkeypatch: pytest.MonkeyPatch,
    lang: str,
) -> None:
    """Found by asking itself; lost by a proxy that knows no such path; and as it is written."""
    from lnbits.settings import settings
    from spirekeeper.cash import public_address

    monkeypatch.setenv("SPIREKEEPER_ALLOW_PRIVATE_LINKS", "false")
    monkeypatch.setattr(public_address, "AGAIN", timedelta())
    north = await host.add_machine(newcomer, name="Station North")
    page = await visit(newcomer, SMALL_PHONE, lang=lang, show=False)
    await page.page.goto(f"/spirekeeper/machine/{north}")
    dialog = page.page.get_by_role("dialog")
    await expect(dialog.get_by_role("tab")).to_have_count(4)
    words = page.words
    await dialog.get_by_role("tab", name=await words("cash.tab")).click()
    await dialog.get_by_role("switch", name=await words("cash.in_on")).click()
    for base_url, reach, links in (
        (address, "reachable", True),
        (f"{address}/lost", "elsewhere", True),
        ("http://127.0.0.1:5000", "private", False),
    ):
        monkeypatch.setattr(settings, "lnbits_baseurl", base_url)
        await page.button(await words("cash.try_again"), dialog).click()
        await expect(dialog.get_by_text(base_url, exact=True)).to_be_visible()
        told = dialog.get_by_text(await words(f"cash.reach.{reach}"), exact=True)
        await expect(told).to_be_visible()
        no_links = dialog.get_by_text(await words("cash.no_links"))
        await expect(no_links).to_have_count(0 if links else 1)
        await page.still()
        await page.fits(reach)
        if reach != "elsewhere":  # which has the colours of the third
            assert await page.barriers() == [], reach
    assert await page.unlabelled() == []
