"""A whole run, with all that anybody could have written down searched for every secret of it.

The environment and the command line of LNbits' process are not searched: what is in them was put
there by whoever runs the server.
"""

import asyncio
import json
import re
from collections import Counter
from pathlib import Path

import pytest
from playwright.async_api import expect
from spirekeeper import errors
from spirekeeper.spire.machine import Machine
from support import chromium
from support.booting import photograph
from support.figures import Figures
from support.host import Caller
from support.needed import missing
from support.page import OperatorPage
from support.webhook_ear import WebhookEar
from system.secrets.kept_browser import kept_browser
from system.secrets.refusals_had import BRANCHES, ELSEWHERE, QUOTAS, REFUSALS, connected, pair
from system.secrets.talkative_site import MARK, Heard, TalkativeSite
from system.secrets.unsealed import admin_secret

pytestmark = pytest.mark.long
EXECUTABLE = chromium.find()
WEBHOOK_S = 180


async def test_no_secret_is_left_lying_about(tmp_path: Path, figures: Figures) -> None:
    environment = {**QUOTAS}
    async with WebhookEar() as ear:
        environment["SPIREKEEPER_WEBHOOK_URL"] = ear.url
        async with TalkativeSite(tmp_path, **environment) as site:
            prepare(site)
            browser = await an_operators_day(site, tmp_path)
            await keys_and_passphrases(site)
            await every_refusal(site)
            await bodies_that_are_wrong(site)
            await what_an_operator_reads(site)
            await asyncio.wait_for(told_by_webhook(ear), WEBHOOK_S)
            site.learn(site.bunker, tmp_path / "bunker")
        webhook = json.dumps([ear.heads, ear.heard]).encode()
    heard = [*site.heard, *browser, *site.files(), Heard("webhook", webhook)]
    guard_the_search(site, heard)
    found = [
        f"{name} in {each.place}"
        for each in heard
        for name in site.needles.found_in(
            each.text, but=[site.needles.named(m) for m in each.meant]
        )
    ]
    assert found == []
    quoted = [each.place for each in heard if MARK.encode() in each.text]
    assert quoted == [], "the daemon's own words"
    figures.add("places searched for secrets", len(heard))
    figures.add("secrets looked for", len(site.needles))


def unmeant(site: TalkativeSite, heard: Heard) -> list[str]:
    """The secrets that are there and do not belong there."""
    meant = [site.needles.named(secret) for secret in heard.meant]
    return site.needles.found_in(heard.text, but=meant)


def guard_the_search(site: TalkativeSite, heard: list[Heard]) -> None:
    """It would find one: in the answers that carry one, and in a log that it is planted in."""
    carriers = [each for each in heard if each.meant]
    assert len(carriers) > 10
    for each in carriers:
        names = {site.needles.named(secret) for secret in each.meant}
        assert set(site.needles.found_in(each.text)) == names, each.place
    kinds = Counter(name.split()[0] for name in site.needles.names())
    expected = {"token", "key", "passphrase", "admin", "relay's", "made-up", "metrics"}
    assert kinds.keys() == expected, kinds
    logs = {each.place: each for each in heard if each.place.endswith((".log", ".python"))}
    talk = logs["file lnbits/talkative.log.python"].text
    assert len(talk) > 1_000_000, "the loggers have talked"
    for said in (
        b" aiosqlite ",
        b" websockets.client ",
        b" httpx ",
        b" uvicorn.access ",
        b"sealed",
    ):
        assert said in talk, said
    for name in site.needles.names():
        planted = talk[:2000] + b" " + site.needles.example(name) + b" "
        assert site.needles.found_in(planted) == [name]
    places = "\n".join(each.place for each in heard)
    for place in ("ext_spirekeeper.sqlite3", "profile Default", "websocket frame", "databases"):
        assert place in places, place


def prepare(site: TalkativeSite) -> None:
    site.needles.add("admin key", site.admin.secret_key().to_hex())
    site.needles.add("relay's password", site.relay_password)
    site.needles.add("metrics token", site.metrics_token)
    site.needles.add("made-up nsec", site.made_up_nsec)
    site.needles.add("made-up passphrase", site.made_up_passphrase)


# At the page


async def an_operators_day(site: TalkativeSite, folder: Path) -> list[Heard]:
    """In a browser with a profile; all that it has heard and kept, what is on its disk too."""
    if EXECUTABLE is None:
        missing(chromium.MISSING)
    nsec = site.admin.secret_key().to_bech32()
    browsing = kept_browser(EXECUTABLE, site.lnbits.base_url, site.relay.url, folder / "profile")
    async with browsing as browser:
        browser.meant_to_send = frozenset([site.admin.secret_key().to_hex()])
        page = await browser.log_in(site.superuser)
        await enter_the_bunker(page, site, nsec)
        await browser.close(page)
        page = await browser.log_in(site.operator)
        await page.open()
        await life_of_a_machine(page, Machine(folder / "old"), Machine(folder / "new"), folder)
        await two_at_once(page)
        await browser.close(page)
    shown = [each for each in browser.heard if each.meant - browser.meant_to_send]
    assert len(shown) >= 3, "the browser was shown seeds"
    for each in shown:
        if "PUT /bunker" in each.place:
            [passphrase] = each.meant
            site.needles.add(f"passphrase shown {len(site.needles)}", passphrase)
    return [*browser.heard, *browser.kept()]


async def enter_the_bunker(page: OperatorPage, site: TalkativeSite, nsec: str) -> None:
    await page.page.goto("/spirekeeper/")
    await page.button("Bunker: No bunker yet").click()
    dialog = page.dialog("Bunker")
    await dialog.get_by_label("Bunker URL").fill(site.bunker.url)
    await dialog.get_by_label("Admin key (nsec)").fill(nsec)
    await dialog.get_by_role("switch", name="Allow private relays").click()
    await page.button("Test", dialog).click()
    await expect(dialog.get_by_text("It works:")).to_be_visible()
    await page.button("Save", dialog).click()
    stored = page.dialog("The connection is saved")
    passphrase = await stored.get_by_text("Passphrase", exact=True).locator("+ *").inner_text()
    await stored.get_by_label("Its last four letters").fill(passphrase[-4:])
    await page.button("It is in my safe", stored).click()
    await page.button("Done", stored).click()
    await expect(stored).to_be_hidden()


async def life_of_a_machine(page: OperatorPage, old: Machine, new: Machine, folder: Path) -> None:
    """Pair, boot, confirm, pair again, rotate, revoke, delete."""
    await page.add_machine("North")
    await page.pair("North")
    await boot(page, old, folder)
    await page.button("Pair again", page.machine("North")).click()
    await page.make_seed("North")
    await boot(page, new, folder)
    panel = await page.panel("North")
    await page.button("Change to a new key", panel).click()
    dialog = page.dialog("North").last
    await page.choose_relay(dialog)
    await page.button("Show the pairing code", dialog).click()
    await boot(page, old, folder)
    await page.button("Revoke", panel).click()
    await page.button("Revoke", page.page.get_by_role("dialog").last).click()
    await expect(panel.locator(".q-badge", has_text="Revoked")).to_be_visible()
    await page.button("Delete", panel).click()
    await page.button("Delete", page.page.get_by_role("dialog").last).click()
    await expect(page.machine("North")).to_have_count(0)


async def boot(page: OperatorPage, spire: Machine, folder: Path) -> None:
    """From a photograph of the page, and compared; the dialog is closed."""
    dialog = page.dialog("North").last
    await spire.boot(await photograph(page.code(dialog), folder / "qr.png"))
    await expect(dialog.get_by_text(spire.fingerprint, exact=True)).to_be_visible()
    await page.button("Yes, it is the machine", dialog).click()
    await expect(dialog.get_by_text("Paired", exact=True)).to_be_visible()
    await page.button("Close", dialog).last.click()


async def two_at_once(page: OperatorPage) -> None:
    for name in ("East", "West"):
        await page.add_machine(name)
    await page.page.get_by_role("checkbox", name="Select all on this page").click()
    await page.button("Pair 2 machines").click()
    dialog = page.dialog("Pair 2 machines")
    await page.choose_relay(dialog)
    await page.button("Pair 2 machines", dialog).click()
    await expect(dialog.get_by_text("2 of 2 pairing codes are ready.")).to_be_visible()
    await page.button("Close", dialog).last.click()
    await page.button(re.compile("anyway|Close|Leave")).last.click()
    await page.shows_state("West", "Waiting for the scan")


# Without the page


async def keys_and_passphrases(site: TalkativeSite) -> None:
    """Given and made, changed, wrong, and a key that this server makes itself."""
    await site.use(site.bunker, key_passphrase=site.made_up_passphrase)
    machine_id, _ = await connected(site)
    await site.api("DELETE", "/bunker?force=true", as_=site.superuser)
    await site.api("PUT", "/bunker", {"bunker_url": site.bunker.url}, as_=site.superuser)
    made = admin_secret(site.folder / "lnbits" / "data")
    assert made != site.admin.secret_key().to_hex()
    site.needles.add("admin key that was made", made)
    await site.use(site.bunker, mint="local")
    by_hand = await site.add_machine()
    body = site.pair_request(machine_ids=[by_hand, await site.add_machine(), "nobodys"])
    bulk = await site.api("POST", "/machines/pair", body)
    assert [json.loads(line)["ok"] for line in bulk.text.splitlines()].count(True) == 2
    await site.import_csv("name,location,wallet\nFrom a file,Hall 2,make one\n")
    await site.bunker.restart()
    refused = await pair(site, machine_id)
    assert (refused.status_code, refused.json()["code"]) == (502, "bunker_failed")
    await site.use(site.bunker, key_passphrase=site.made_up_passphrase, mint="local")
    assert (await pair(site, machine_id)).status_code == 200
    assert (await pair(site, by_hand, revoke_now=True)).status_code == 200
    await site.use(site.bunker, mint="bunker")


async def every_refusal(site: TalkativeSite) -> None:
    tree = [errors.SpirekeeperError]
    for each in tree:
        tree += each.__subclasses__()
    assert REFUSALS.keys() == {each.code for each in tree} - BRANCHES - ELSEWHERE
    for code, how in REFUSALS.items():
        answer = await how(site)
        assert answer.json()["code"] == code, answer.text


async def bodies_that_are_wrong(site: TalkativeSite) -> None:
    """A secret in the wrong place, of the wrong type, in half a body: it is not said again."""
    nsec, words, url = site.made_up_nsec, site.made_up_passphrase, site.bunker.url
    fields: list[object] = [
        {"bunker_url": url, "admin_nsec": [nsec], "key_passphrase": {"is": words}},
        {"bunker_url": url, "admin_nsec": nsec[:-1] + "b", "key_passphrase": words},
        {"bunker_url": url, "admin_nsec": nsec * 3, "key_passphrase": words * 20},
        {"bunker_url": url, "admin_nsec": nsec, "force": words, "mint": words},
        {"bunker_url": [nsec], "allow_private_relays": nsec},
        {"bunker_url": f"{url}&secret={nsec}", "mint": nsec},
        {"bunker_url": f"bunker://{nsec}?relay={site.relay.url}"},
        {"bunker_url": nsec},
        {nsec: words},
        [nsec, words],
        nsec,
    ]
    whole = json.dumps({"bunker_url": url, "admin_nsec": nsec, "key_passphrase": words})
    bodies = [json.dumps(each).encode() for each in fields]
    bodies += [whole[:-1].encode(), whole.replace('"', "'").encode()]
    bodies += [whole.encode() + b"\xff", b'{"admin_nsec": ' + nsec.encode() + b"}"]
    machine_id = await site.add_machine()
    for method, path in (
        ("PUT", "/bunker"),
        ("POST", "/bunker/test"),
        ("POST", f"/machines/{machine_id}/pair"),
        ("POST", f"/machines/{machine_id}/pairing/confirm"),
        ("PUT", f"/machines/{machine_id}"),
        ("POST", "/relays/check"),
        ("POST", "/machines/pair"),
        ("POST", "/machines/revoke-all"),
    ):
        for body in bodies:
            for kind in ("application/json", "text/plain"):
                headers = {"Content-Type": kind}
                answer = await site.api(
                    method, path, content=body, headers=headers, as_=site.superuser
                )
                assert 400 <= answer.status_code < 500, f"{answer.status_code} {answer.text}"


async def what_an_operator_reads(site: TalkativeSite) -> None:
    assert (await site.api("POST", "/bunker/reconcile", as_=site.superuser)).status_code == 200
    await site.api("POST", "/machines/revoke-all", {"expect": 0})
    for path in (
        "/machines?limit=500",
        "/journal?limit=500",
        "/notices",
        "/wallets",
        "/bunker",
        "/emergency-stop",
    ):
        for caller in (site.operator, site.superuser):
            assert (await site.api("GET", path, as_=caller)).status_code == 200
    scraper = Caller(headers={"Authorization": f"Bearer {site.metrics_token}"})
    for path, reader in (("/bunker/report", site.superuser), ("/metrics", scraper)):
        assert (await site.api("GET", path, as_=reader)).status_code == 200
    machines = (await site.api("GET", "/machines?limit=500")).json()["data"]
    for machine in machines:
        for path in ("", "/pairing", "/pairings"):
            await site.api("GET", f"/machines/{machine['id']}{path}")


async def told_by_webhook(ear: WebhookEar) -> None:
    while not ear.heard:  # noqa: ASYNC110 - it has no event
        await asyncio.sleep(0.1)
