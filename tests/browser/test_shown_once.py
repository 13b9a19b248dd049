"""What is shown once is not lost by accident, and what is shown has an age."""

import re
from pathlib import Path

import pytest
from playwright.async_api import expect
from support.booting import photograph, secrets_of
from support.browsing import PHONE, Visits
from support.host import Caller, Host
from support.redeeming import redeem

DEPTH = "history.state.spirekeeperDialogs ?? 0"
CACHED = """async () => {
  await navigator.serviceWorker.ready
  const caches_ = await Promise.all((await caches.keys()).map(name => caches.open(name)))
  const requests = await Promise.all(caches_.map(cache => cache.keys()))
  return requests.flat().map(({url}) => url)
}"""


async def test_back_closes_a_dialog_as_its_button_does(
    visit: Visits, host: Host, newcomer: Caller
) -> None:
    await host.add_machine(newcomer, name="North")
    page = await visit(newcomer)
    await page.button("Add machine").click()
    form = page.dialog("Add a machine")
    await expect(form).to_be_visible()
    await page.page.go_back()
    await expect(form).to_be_hidden()
    panel = await page.panel("North")
    await page.button("Delete", panel).click()
    question = page.page.get_by_role("dialog").filter(has_text="Delete: North")
    await expect(question).to_be_visible()
    await page.page.go_back()
    await expect(question).to_be_hidden()
    await expect(panel).to_be_visible()
    await page.page.go_back()
    await expect(panel).to_be_hidden()
    await expect(page.machine("North")).to_be_visible()
    await page.page.wait_for_function(f"({DEPTH}) === 0")


async def test_a_seed_on_show_is_not_left_without_a_question(
    visit: Visits, host: Host, newcomer: Caller, tmp_path: Path
) -> None:
    """By Back, by LNbits' router, by a reload; after that the page leads back to the machine."""
    await host.add_machine(newcomer, name="North")
    page = await visit(newcomer, PHONE)
    dialog = await page.pair("North")
    seed_url = await photograph(page.code(dialog), tmp_path / "qr.png")
    question = page.dialog("The pairing code still waits to be scanned")
    for leave in (page.page.go_back, lambda: page.page.evaluate("void window.router.push('/')")):
        await leave()
        await expect(question).to_be_visible()
        await page.page.go_back()
        await expect(question).to_be_hidden()
        await expect(page.code(dialog)).to_be_visible()
    assert page.page.url.endswith("/spirekeeper/")

    unshown = dialog.get_by_text("This pairing code cannot be shown again")
    await page.leaves(page.page.reload())
    await expect(unshown).to_be_visible()
    await page.page.reload()
    await expect(unshown).to_be_visible()
    await page.keeps_nothing_of(*secrets_of(seed_url))
    await page.fits("the code that cannot be shown")
    assert (await redeem(host, seed_url))["result"] == "ack"
    await expect(dialog.get_by_text("A machine connected.")).to_be_visible()
    await page.button("No", dialog).click()
    await page.page.reload()
    await page.ready()
    await expect(page.page.get_by_role("dialog")).to_have_count(0)


async def test_where_the_server_does_not_answer_the_page_says_so(
    visit: Visits, host: Host, newcomer: Caller
) -> None:
    """In the list, on the chip and in a dialog, until it answers again."""
    await host.add_machine(newcomer, name="North")
    page = await visit(newcomer)
    dialog = await page.pair("North")
    waiting = dialog.get_by_text("Waiting for the machine to connect…")
    await expect(waiting).to_be_visible()
    lost = page.page.get_by_text("What you see is as of")
    await page.page.context.set_offline(True)
    await expect(dialog.get_by_text("What you see is as of")).to_be_visible()
    await expect(lost).to_have_count(2)
    await expect(waiting).to_be_hidden()
    await expect(page.page.locator(".q-chip")).to_have_text(
        re.compile("The server does not answer")
    )
    await page.fits("a server that does not answer")
    await page.page.context.set_offline(False)
    await expect(lost).to_have_count(0)
    await expect(waiting).to_be_visible()
    await expect(page.page.locator(".q-chip")).to_contain_text("Bunker online")
    page.forget("net::ERR_INTERNET_DISCONNECTED")


async def test_a_page_older_than_the_server_asks_to_be_loaded_anew(
    visit: Visits, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after an upgrade while it was open; a reload takes what the server has now."""
    from spirekeeper import views

    page = await visit(newcomer)
    old = page.page.get_by_text("was upgraded while this page was open")
    await expect(old).to_be_hidden()
    monkeypatch.setattr(views, "VERSION", "of another release")
    await page.add_machine("North")
    await expect(old).to_be_visible()
    await page.fits("a page that is old")
    assert await page.barriers() == []
    await page.button("Reload").click()
    await page.page.wait_for_function("window.spirekeeperVersion === 'of another release'")
    await page.ready()
    await expect(page.machine("North")).to_be_visible()
    await expect(old).to_be_hidden()


async def test_what_is_shown_ages_by_the_clock_and_goes_with_the_session(
    visit: Visits, host: Host, newcomer: Caller
) -> None:
    """A wallet that came by REST is there by its name, too, and with what is in it."""
    page = await visit(newcomer, show=False)
    await page.page.clock.install()
    await page.open()
    wallet = await host.client.post(
        "/api/v1/wallet", json={"name": "Savings"}, headers=newcomer.headers
    )
    wallet_id = wallet.json()["id"]
    await host.credit(wallet_id, 1_234_567)
    machine_id = await host.add_machine(newcomer, name="North", wallet_id=wallet_id)
    await redeem(host, (await host.pair(machine_id, as_=newcomer))["seed_url"])
    await host.api("GET", f"/machines/{machine_id}/pairing", as_=newcomer)  # it is noticed
    row = page.machine("North")
    await expect(row).to_contain_text("just now")
    await expect(row).to_contain_text("Savings")
    await expect(row).to_contain_text("1,234,567 sats")
    panel = await page.panel("North")
    await expect(panel.get_by_text("1,234,567 sats")).to_be_visible()

    await page.page.context.set_offline(True)
    await page.page.clock.fast_forward("02:00:00")
    await expect(row).to_contain_text("2 hours ago")
    await page.page.context.set_offline(False)
    await page.button("Delete", panel).click()
    question = page.page.get_by_role("dialog").filter(has_text="Delete: North")
    await expect(question).to_be_visible()
    await page.page.context.clear_cookies()
    await page.page.clock.fast_forward("31")
    await expect(page.page.get_by_role("heading", name="You are logged out")).to_be_visible()
    for gone in (".q-dialog", ".q-notification", ".spirekeeper button"):
        await expect(page.page.locator(gone)).to_have_count(0)
    await page.page.get_by_role("link", name="Log in again").click()
    await page.page.wait_for_url("/")
    page.forget("net::ERR_INTERNET_DISCONNECTED")
    page.forget("401")


async def test_what_the_page_knows_of_the_bunker_it_goes_by(
    visit: Visits, host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No seed is asked for that cannot be made, and no end is promised that has to wait.

    What it knows comes from the server: LNbits' service worker, which serves the page from its
    second load on and answers from a cache when the network is gone, has no answer of ours.
    """
    await host.add_machine(newcomer, name="North")
    page = await visit(newcomer)
    dialog = await page.pair("North")
    await page.button("Close", dialog).last.click()
    await page.button(
        "Let it wait", page.dialog("The pairing code still waits to be scanned")
    ).click()
    await page.page.evaluate(CACHED)
    await page.page.reload()
    await page.ready()
    cached = await page.page.evaluate(CACHED)
    assert [url for url in cached if "/spirekeeper/page.js" in url]
    assert [url for url in cached if "/spirekeeper/api/" in url] == []
    await page.machine("North").get_by_role("button", name="Pair").click()
    show = page.button("Show the pairing code", dialog)
    await dialog.get_by_label("Relay 1").fill("ws://127.0.0.1:9")
    await expect(dialog.get_by_text("It does not answer the server.")).to_be_visible()
    await expect(show).to_be_disabled()
    await dialog.get_by_label("Relay 1").fill(page.relay)
    await expect(show).to_be_enabled()
    await page.button("Cancel", dialog).click()

    monkeypatch.setenv("SPIREKEEPER_MINT", "wherever-it-may-be")
    await page.machine("North").get_by_role("button", name="Pair").click()
    await expect(dialog.get_by_role("alert").first).to_contain_text(
        "in the environment of LNbits is wrong"
    )
    await expect(show).to_be_disabled()
    await page.button("Cancel", dialog).click()
    panel = await page.panel("North")
    await expect(panel.get_by_text(await page.words("panel.intent.revoke_away"))).to_be_visible()
    await page.button("Close", panel).click()
    await page.menu("Emergency stop: cut off all machines")
    words = await page.words("fleet.stop_bunker_away")
    await expect(page.dialog("Emergency stop").get_by_text(words)).to_be_visible()
    await page.button("Cancel", page.dialog("Emergency stop")).click()
    await page.machine("North").get_by_role("button", name="Pair").click()
    monkeypatch.delenv("SPIREKEEPER_MINT")
    await expect(show).to_be_enabled()
    page.forget("status of 503")  # of the relay that was tried with the wrong setting
