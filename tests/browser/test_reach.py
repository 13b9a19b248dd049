"""The address that customers' phones ask, as an operator is told of it."""

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import expect
from support.browsing import SMALL_PHONE, Visits
from support.host import Caller, Host
from system.input.checking import NAME
from system.input.guarded_net import PUBLIC, GuardedNet
from system.input.tls_front import passed_on_to, tls_front

BASE = f"https://{NAME}"


async def test_whether_phones_reach_it_is_told_in_each_language(
    visit: Visits,
    host: Host,
    newcomer: Caller,
    net: GuardedNet,
    certificate: Path,
    base_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Found by asking itself; lost by a proxy that knows no such path; and as it is written."""
    from lnbits.settings import settings
    from spirekeeper.cash import public_address

    monkeypatch.setenv("SPIREKEEPER_ALLOW_PRIVATE_LINKS", "false")
    monkeypatch.setattr(public_address, "AGAIN", timedelta())
    monkeypatch.setattr(public_address, "_last", None)
    north = await host.add_machine(newcomer, name="Station North")
    lnbits = passed_on_to(int(base_url.rpartition(":")[2]))
    async with tls_front(certificate, lnbits) as port:
        net.names[NAME] = [[PUBLIC]]
        net.routes[PUBLIC] = port
        for lang in ("en", "es", "de"):
            monkeypatch.setattr(settings, "lnbits_baseurl", f"{BASE}/")
            page = await visit(newcomer, SMALL_PHONE, lang=lang, show=False)
            await page.page.goto(f"/spirekeeper/machine/{north}")
            dialog = page.page.get_by_role("dialog")
            await expect(dialog.get_by_role("tab")).to_have_count(4)
            words = page.words
            await dialog.get_by_role("tab", name=await words("cash.tab")).click()
            await expect(dialog.get_by_text(BASE, exact=True)).to_be_visible()
            for changed, reach, links in (
                (BASE, "reachable", True),
                (f"{BASE}/lost", "elsewhere", True),
                ("http://127.0.0.1:5000", "private", False),
            ):
                monkeypatch.setattr(settings, "lnbits_baseurl", changed)
                await page.button(await words("cash.try_again"), dialog).click()
                told = dialog.get_by_text(await words(f"cash.reach.{reach}"), exact=True)
                await expect(told).to_be_visible()
                no_links = dialog.get_by_text(await words("cash.no_links"))
                await expect(no_links).to_have_count(0 if links else 1)
                await page.still()
                assert await page.barriers() == [], (lang, reach)
                await page.fits(f"{lang} {reach}")
            assert await page.unlabelled() == []
