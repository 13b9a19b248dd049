"""Chromium, at the page of the LNbits that runs in this process."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from browser.cash_page import orders_of_every_kind
from browser.pictures import Picture, take
from playwright.async_api import Browser, async_playwright, expect
from support import chromium
from support.browsing import FLAGS, PATIENCE_MS, Visits
from support.certificates import certify
from support.host import Caller, Host
from support.needed import IN_CI
from support.own_bunker import OwnBunker
from support.watching import watching
from system.input.guarded_net import PUBLIC, GuardedNet, net
from system.input.tls_front import passed_on_to, tls_front

__all__ = ["net"]
HERE = Path(__file__).parent
ROOT = HERE.parents[1]
EXECUTABLE = chromium.find()
PICTURES = os.environ.get("SPIREKEEPER_PICTURES")  # LNbits' start takes it out of the environment

expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One reason for all tests of this folder, before LNbits is started for them. CI needs them."""
    if EXECUTABLE is None and IN_CI:
        raise pytest.UsageError(chromium.MISSING)
    if EXECUTABLE is None:
        for item in items:
            if item.path.is_relative_to(HERE):
                item.add_marker(pytest.mark.skip(reason=chromium.MISSING))


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=EXECUTABLE, args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture
async def visit(browser: Browser, base_url: str, host: Host) -> AsyncIterator[Visits]:
    """`await visit(caller, PHONE)`: the page, as that person sees it.

    The test fails when a page complains on its console.
    """
    visits = Visits(browser, base_url, host.relay.url)
    async with watching():
        yield visits
    await visits.close()
    assert list(visits.complaints) == []


@pytest.fixture
async def new_bunker(own: OwnBunker) -> AsyncIterator[Host]:
    """The host with a bunker that has no key yet, and so none of the hazards of many."""
    async with own() as host:
        yield host


@pytest.fixture
def picture(tmp_path: Path) -> Picture:
    """`await picture(page, "name")`: into $SPIREKEEPER_PICTURES, or else nowhere that stays."""
    folder = ROOT / PICTURES if PICTURES else tmp_path
    return lambda page, name: take(page, folder / f"{name}.png")


@pytest.fixture
async def address(
    net: GuardedNet, base_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[str]:
    """LNbits' base URL, as if it were on the internet: it leads back to it."""
    from lnbits.settings import settings
    from spirekeeper.cash import public_address

    name = "lnbits.example.org"
    certificate = certify(tmp_path, name)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setattr(settings, "lnbits_baseurl", f"https://{name}/")
    monkeypatch.setattr(public_address, "_last", None)
    async with tls_front(certificate, passed_on_to(int(base_url.rpartition(":")[2]))) as port:
        net.names[name] = [[PUBLIC]]
        net.routes[PUBLIC] = port
        yield f"https://{name}"


@pytest.fixture
async def north(host: Host, newcomer: Caller) -> str:
    """A machine with orders of every kind."""
    return await orders_of_every_kind(host, newcomer)
