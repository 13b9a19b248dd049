"""The main jobs, as an operator does them at the page, and the superuser's first one."""

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path

from browser.pictures import Picture
from browser.printing import as_photograph, done_printing, fit_on_paper, printed
from nostr_sdk import PublicKey
from playwright.async_api import Locator, expect
from spirekeeper.devkit.bunker import DevBunker
from spirekeeper.seed import Seed
from spirekeeper.spire.machine import Machine
from support.booting import photograph, secrets_of
from support.by_hand import Hands
from support.host import Caller, Host
from support.spires import NewSpire, signs

FIRST = "Station North"
STREETS = [f"Street {number}" for number in range(1, 300)]
FROM_FILE = STREETS[210:220]
SOUGHT = "Street 217"
PICTURED = {"desktop": "seed compare", "phone": "relays seed compare paired"}
EXCEL = "Name;Standort\r\n" + "".join(f"{name};Süd\r\n" for name in FROM_FILE)
PIXELS_PER_MODULE = "code => code.getBoundingClientRect().width / code.viewBox.baseVal.width"


@dataclass(frozen=True)
class Work:
    """An operator's, at the page."""

    hands: Hands
    host: Host
    operator: Caller
    new_spire: NewSpire
    folder: Path
    kind: str
    picture: Picture | None
    """Into the documentation, which is in English."""

    async def show(self, dialog: Locator, step: str) -> None:
        if self.picture and step in PICTURED[self.kind]:
            await self.picture(dialog.locator(".q-card"), f"{self.kind}-{step}")

    async def words(self, key: str, **values: str | int) -> str:
        return await self.hands.page.words(key, **values)

    async def dialog(self, key: str, **values: str | int) -> Locator:
        return self.hands.page.dialog(await self.words(key, **values))

    async def row(self, name: str) -> Locator:
        page = self.hands.page
        return page.row(page.button(await self.words("machines.open", name=name)))

    async def shows_state(self, name: str, state: str) -> None:
        badge = (await self.row(name)).locator(".q-badge")
        await expect(badge.filter(has_text=await self.words(f"states.{state}"))).to_be_visible()

    async def menu(self, key: str) -> None:
        await self.hands.click("common.more")
        entry = await self.words(key)
        await self.hands.page.page.get_by_role("menuitem", name=entry, exact=True).click()

    async def panel(self, name: str) -> Locator:
        """As it opens by the machine's name."""
        await self.hands.page.button(name).click()
        panel = self.hands.page.dialog(name)
        await expect(panel.get_by_role("tab").first).to_be_visible()
        return panel

    async def routes(self, seed_url: str) -> bool:
        """Whether the roster names the operator's wallet for the machine."""
        key = Seed.decode(seed_url).spire_npub
        return (await self.host.api("GET", f"/roster/{key}", as_=self.operator)).is_success

    # The jobs.

    async def add_a_machine(self) -> None:
        await self.hands.click("machines.add_first")
        form = await self.dialog("form.add_title")
        name = form.get_by_label(await self.words("common.name"), exact=True)
        await expect(name).to_be_focused()
        await self.hands.type(FIRST)
        await self.hands.page.page.keyboard.press("Tab")
        await self.hands.type("Hall 2")
        await self.hands.click("form.add", form)
        await expect(form).to_be_hidden()
        await self.shows_state(FIRST, "unpaired")

    async def shown_code(self, dialog: Locator) -> Locator:
        """Over the relay that is filled in; nothing is typed."""
        await expect(dialog.get_by_text(await self.words("relays.reachable"))).to_be_visible()
        await self.hands.click("pair.make_seed", dialog)
        code = dialog.get_by_role("img", name=await self.words("pair.qr"))
        await expect(code).to_be_visible()
        return code

    async def scanned(self, code: Locator, dialog: Locator) -> tuple[Machine, str]:
        """By a new machine, whose fingerprint the page shows; its seed."""
        seed_url = await photograph(code, self.folder / "qr.png")
        await self.hands.page.keeps_nothing_of(*secrets_of(seed_url))
        spire = self.new_spire()
        await spire.boot(seed_url)
        await expect(dialog.get_by_text(spire.fingerprint, exact=True)).to_be_visible()
        return spire, seed_url

    async def confirm(self, dialog: Locator) -> None:
        await self.hands.click("pair.yes", dialog)
        paired = await self.words("pair.paired_title")
        await expect(dialog.get_by_text(paired, exact=True)).to_be_visible()

    async def pair_and_compare(self) -> None:
        page = self.hands.page
        await self.hands.click("common.pair", await self.row(FIRST))
        dialog = page.dialog(FIRST)
        await expect(dialog.get_by_text(await self.words("relays.reachable"))).to_be_visible()
        await self.show(dialog, "relays")
        code = await self.shown_code(dialog)
        narrow = await page.page.evaluate("innerWidth < 390")
        assert await code.evaluate(PIXELS_PER_MODULE) >= (3.6 if narrow else 4)
        await self.show(dialog, "seed")
        _, seed_url = await self.scanned(code, dialog)
        await self.show(dialog, "compare")
        assert not await self.routes(seed_url)
        await self.confirm(dialog)
        await self.show(dialog, "paired")
        assert await self.routes(seed_url)
        await self.hands.click("common.close", dialog)
        await expect(dialog).to_be_hidden()
        await self.shows_state(FIRST, "paired")

    async def pair_ten_from_a_file(self) -> list[Machine]:
        """From Excel, as it saves CSV where one writes 1,5."""
        file = self.folder / "machines.csv"
        file.write_bytes(EXCEL.encode("cp1252"))
        page, n = self.hands.page, len(FROM_FILE)
        await self.menu("machines.import")
        dialog = await self.dialog("fleet.import_title")
        async with page.page.expect_file_chooser() as chooser:
            await dialog.get_by_label(await self.words("fleet.file")).click()
        await (await chooser.value).set_files(file)
        await self.hands.click("fleet.add", dialog, n=n)
        await self.hands.click("fleet.pair_these", dialog, n=n)
        dialog = await self.dialog("fleet.pair", n=n)
        await expect(dialog.get_by_text(await self.words("relays.reachable"))).to_be_visible()
        await self.hands.click("fleet.pair", dialog, n=n)
        await self.hands.click("fleet.print", dialog, n=n)
        spires = await self.boot_from_sheets()
        await self.hands.click("common.close", dialog)
        await expect(dialog).to_be_hidden()
        waiting = page.page.get_by_text(await self.words("machines.waiting", n=n))
        await expect(waiting).to_be_visible(timeout=60_000)  # each is found out by itself
        await self.hands.click("machines.compare_waiting", n=n)
        for name, spire in zip(FROM_FILE, spires, strict=True):
            shown = page.dialog(name)
            await expect(shown.get_by_text(spire.fingerprint, exact=True)).to_be_visible()
            await self.confirm(shown)
            last = name == FROM_FILE[-1]
            await self.hands.click("common.close" if last else "pair.next", shown)
        await expect(waiting).to_have_count(0)
        return spires

    async def boot_from_sheets(self) -> list[Machine]:
        """A machine for each, all at once."""
        page, seeds = self.hands.page, []
        sheets = await printed(page)
        for number, name in enumerate(FROM_FILE):
            sheet = sheets.nth(number)
            assert await sheet.locator("h1").inner_text() == name
            photo = self.folder / f"{number}.png"
            seeds.append(await as_photograph(sheet, page.page, photo))
            await page.keeps_nothing_of(*secrets_of(seeds[-1]))
        assert await sheets.count() == len(set(seeds)) == len(FROM_FILE)
        if self.picture:
            await fit_on_paper(page, len(FROM_FILE), self.picture)
        await done_printing(page)
        spires = [self.new_spire() for _ in seeds]
        await asyncio.gather(*(spire.boot(seed) for spire, seed in zip(spires, seeds, strict=True)))
        return spires

    async def find(self) -> None:
        page = self.hands.page
        await page.page.get_by_label(await self.words("machines.search")).click()
        await self.hands.type("et 217")  # a fingerprint may hold 217
        await expect(page.button(f"{await self.words('machines.all')} 1")).to_be_visible()
        panel = await self.panel(SOUGHT)
        await expect(panel.get_by_text("npub1")).to_be_visible()
        await self.hands.click("common.close", panel)
        await expect(panel).to_be_hidden()

    async def pair_again(self, old: Machine) -> Machine:
        """The old one works until the new one is confirmed."""
        await self.hands.click("pair.again", await self.row(SOUGHT))
        dialog = self.hands.page.dialog(SOUGHT)
        new, _ = await self.scanned(await self.shown_code(dialog), dialog)
        assert await signs(old)
        await self.confirm(dialog)
        await self.hands.click("common.close", dialog)
        await expect(dialog).to_be_hidden()
        assert await signs(new)
        assert not await signs(old)
        return new

    async def cut_off(self, spire: Machine) -> None:
        page = self.hands.page
        panel = await self.panel(SOUGHT)
        await self.hands.click("panel.actions.revoke", panel)
        await self.hands.click("panel.actions.revoke", page.page.get_by_role("dialog").last)
        told = await self.words("panel.revoked_done", name=SOUGHT)
        await expect(page.told(told)).to_be_visible()
        await self.hands.click("common.close", panel)
        await self.shows_state(SOUGHT, "revoked")
        assert not await signs(spire)

    async def see_what_happened(self) -> None:
        panel = await self.panel(SOUGHT)
        await panel.get_by_role("tab", name=await self.words("panel.journal")).click()
        events = ("machine.added", "pair.seed_issued", "confirm.confirmed", "revoke.cut")
        for event in events:
            words = await self.words(f"panel.events.{event}")
            await expect(panel.get_by_text(words, exact=True).first).to_be_visible()
        client = await self.words("panel.details.client", client="")
        detail = panel.get_by_text(re.compile(f"^{client}[0-9a-f]{{64}}$"))
        await expect(detail.first).to_be_visible()
        await self.hands.click("common.close", panel)
        await expect(panel).to_be_hidden()

    async def stop_everything(self, spire: Machine) -> None:
        still = len(FROM_FILE)  # and the first one, without the one that was cut off
        await self.menu("machines.stop")
        dialog = await self.dialog("fleet.stop_title")
        typed = dialog.get_by_label(await self.words("fleet.stop_type", n=still))
        await expect(typed).to_be_focused()
        await self.hands.type(str(still))
        await self.hands.click("fleet.stop", dialog, n=still)
        await expect(dialog.get_by_text(await self.words("fleet.stop_done"))).to_be_visible()
        await self.hands.click("common.close", dialog)
        await expect(dialog).to_be_hidden()
        assert not await signs(spire)


async def connect_a_bunker(hands: Hands, bunker: DevBunker) -> None:
    """It is told of the admin key that is made here, as nsecbunkerd is: in its settings, anew."""
    page, words = hands.page, hands.page.words
    await expect(page.page.locator(".q-chip")).to_be_visible()
    none = await words("bunker.chips.none")
    await hands.click("bunker.chip", state=none)
    dialog = page.dialog(await words("bunker.title"))
    await expect(dialog.get_by_label(await words("bunker.setup.url"))).to_be_focused()
    await hands.paste(bunker.url)
    for switch in ("private_relays", "own_relays"):
        name = await words(f"bunker.setup.{switch}")
        await dialog.get_by_role("switch", name=name, exact=True).click()
    await hands.click("common.save", dialog)
    stored = page.dialog(await words("bunker.stored.title"))
    passphrase = stored.get_by_text(await words("bunker.stored.passphrase"), exact=True)
    ending = (await passphrase.locator("+ *").inner_text())[-4:]
    await stored.get_by_label(await words("bunker.stored.last_four")).click()
    await hands.type(ending)
    await hands.click("bunker.stored.safe", stored)
    # Then the page asks the bunker once more.
    await expect(stored.get_by_text(await words("bunker.stored.kept"))).to_be_visible()
    await expect(stored.get_by_text(await words("bunker.stored.next"))).to_be_visible()
    admin = PublicKey.parse(await stored.get_by_text("npub1").inner_text())
    bunker.admins.append(admin.to_hex())
    await bunker.restart()
    await hands.click("bunker.check_again", stored)
    await expect(stored.get_by_text(await words("bunker.stored.accepted"))).to_be_visible()
    await hands.click("bunker.stored.done", stored)
    await expect(stored).to_be_hidden()
