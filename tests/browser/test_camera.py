"""Comparing by camera: the machine shows its key, and the page of a real browser looks at it."""

import hashlib
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from browser.cameras import FakeCamera, code_of
from nostr_sdk import Keys
from PIL import Image
from playwright.async_api import Browser, Locator, async_playwright, expect
from spirekeeper.spire.qr import key_code
from support import chromium
from support.booting import photograph
from support.browsing import DESKTOP, FLAGS, PHONE, Device, Visits
from support.commanding import Command
from support.host import Caller, Host
from support.page import OperatorPage
from support.redeeming import redeem
from support.terminals import screenshot

ROOT = Path(__file__).parents[2]
VECTORS = json.loads((ROOT / "tests" / "vectors" / "fingerprint.json").read_text())
GROUND = [Keys.parse(vector["secret"]) for vector in VECTORS["fingerprints"][4:6]]
"""Two keys whose fingerprints begin alike."""
KEEP_STREAMS = """(() => {
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
  window.tracks = []
  navigator.mediaDevices.getUserMedia = async wanted => {
    const stream = await ask(wanted)
    window.tracks.push(...stream.getTracks())
    return stream
  }
})()"""
OFF = "window.tracks.length > 0 && window.tracks.every(each => each.readyState === 'ended')"
KEYS_OF = "texts => texts.map(spirekeeper.keyOf)"
READER = "static/zxing/zxing_reader.wasm"
CHECKSUM = "e1ad175faf7f043076b5b1154efaf0004830a3466b4e7ac726833e2d4b55e34c"
"""Of the file in npm's zxing-wasm-1.1.3.tgz (shasum 256a7ad65ec60c1604fbe04bac776f4858598ae5)."""


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> FakeCamera:
    camera = FakeCamera(tmp_path_factory.mktemp("camera") / "film.mjpeg")
    camera.sees()
    return camera


@pytest.fixture(scope="module")
async def browser(camera: FakeCamera) -> AsyncIterator[Browser]:
    """One that has a camera; LNbits comes by loopback, which counts as secure."""
    flags = [*FLAGS, *camera.flags]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium.find(chromium.WHOLE), args=flags
        )
        yield browser
        await browser.close()


class Comparing:
    """The page of an operator, who has a camera and pairs the machine North."""

    def __init__(self, page: OperatorPage, seed_url: str) -> None:
        self.page = page
        self.seed_url = seed_url
        self.dialog = page.dialog("North")
        self.yes = page.button("Yes, it is the machine", self.dialog)
        self.no = page.button("No", self.dialog)
        self.video = self.dialog.locator("video")

    def button(self, name: str) -> Locator:
        return self.page.button(name, self.dialog)

    async def tells(self, key: str) -> None:
        words = await self.page.words(f"camera.{key}")
        await expect(self.dialog.get_by_role("status").get_by_text(words)).to_be_visible()

    async def is_off(self) -> None:
        await self.page.page.wait_for_function(OFF)
        await expect(self.video).to_have_count(0)


async def begin(
    visit: Visits, host: Host, newcomer: Caller, folder: Path, device: Device = DESKTOP
) -> Comparing:
    """The seed is on show, and was photographed to `qr.png`."""
    await host.add_machine(newcomer, name="North")
    page = await visit(newcomer, device, show=False)
    await page.page.context.grant_permissions(["camera", "clipboard-read", "clipboard-write"])
    await page.page.add_init_script(KEEP_STREAMS)
    await page.open()
    dialog = await page.pair("North")
    return Comparing(page, await photograph(page.code(dialog), folder / "qr.png"))


@pytest.fixture
async def comparing(visit: Visits, host: Host, newcomer: Caller, tmp_path: Path) -> Comparing:
    """A client whose key was ground for it has redeemed the seed: GROUND[0]."""
    comparing = await begin(visit, host, newcomer, tmp_path)
    assert (await redeem(host, comparing.seed_url, GROUND[0]))["result"] == "ack"
    await expect(comparing.yes).to_be_visible()
    return comparing


def key_of(keys: Keys) -> Image.Image:
    return key_code(keys.public_key().to_hex())


@pytest.mark.parametrize(
    "device", [pytest.param(DESKTOP, marks=pytest.mark.long), PHONE], ids=["desktop", "phone"]
)
async def test_the_machine_that_connected_is_known_again(
    visit: Visits,
    host: Host,
    newcomer: Caller,
    camera: FakeCamera,
    tmp_path: Path,
    device: Device,
) -> None:
    """A machine boots from a photograph of the page, and the page looks at what it then shows: on a
    terminal, and as a picture."""
    comparing = await begin(visit, host, newcomer, tmp_path, device)
    spire, shown = Command(tmp_path / "spire", [comparing.seed_url]), tmp_path / "key.png"
    scanned = ("--qr", str(tmp_path / "qr.png"))
    ran = await spire("boot", *scanned, "--show-qr", "--save-qr", str(shown))
    assert ran.code == 0, ran.error
    lines = [line for line in ran.out.splitlines() if line.startswith("\x1b")]
    with Image.open(shown) as picture:
        views = [picture.copy(), screenshot("\n".join(lines))]
    for view, button in zip(views, ["Compare by camera", "Look once more"], strict=True):
        camera.sees(view)
        await comparing.button(button).click()
        await comparing.is_off()
        await comparing.tells("same")
    await comparing.page.fits()
    assert await comparing.page.unlabelled() == []
    await comparing.yes.click()
    await expect(comparing.dialog.get_by_text("Paired", exact=True)).to_be_visible()
    assert comparing.page.traffic.times("jsdelivr") == 0, "nothing is fetched from a CDN"


async def test_another_key_can_only_be_refused_however_alike_it_looks(
    comparing: Comparing, camera: FakeCamera
) -> None:
    camera.sees(key_of(GROUND[1]))
    await comparing.button("Compare by camera").click()
    await comparing.tells("other")
    await expect(comparing.yes).to_be_disabled()
    await comparing.is_off()
    await comparing.no.click()
    await expect(comparing.dialog.get_by_text("Not paired", exact=True)).to_be_visible()


@pytest.mark.long
async def test_who_held_the_wrong_machine_in_front_of_it_looks_once_more(
    comparing: Comparing, camera: FakeCamera
) -> None:
    camera.sees(key_of(Keys.generate()))
    await comparing.button("Compare by camera").click()
    await comparing.tells("other")
    camera.sees(code_of("https://example.com"))
    await comparing.button("Look once more").click()
    await comparing.tells("none")
    await comparing.tells("other")
    await expect(comparing.yes).to_be_disabled()
    await comparing.button("Stop the camera").click()
    camera.sees(key_of(GROUND[0]))
    await comparing.button("Look once more").click()
    await comparing.tells("same")
    await expect(comparing.yes).to_be_enabled()


@pytest.mark.long
async def test_what_is_no_key_decides_nothing(comparing: Comparing, camera: FakeCamera) -> None:
    """The seed that is still on a sheet nearby, a poster, the machine's other codes."""
    camera.sees(code_of("https://example.com/npub1"))
    await comparing.button("Compare by camera").click()
    await comparing.tells("none")
    await expect(comparing.video).to_be_visible()
    await expect(comparing.yes).to_be_enabled()
    await comparing.button("Stop the camera").click()
    await comparing.is_off()
    camera.sees(code_of("NOSTR:" + GROUND[0].public_key().to_bech32().upper()))
    await comparing.button("Compare by camera").click()
    await comparing.tells("same")


async def test_a_key_beside_the_machines_does_not_count(
    comparing: Comparing, camera: FakeCamera
) -> None:
    """The attack: the thief's key on a sticker, beside the screen that shows the machine's."""
    camera.sees(key_of(GROUND[1]), key_of(GROUND[0]))
    await comparing.button("Compare by camera").click()
    await comparing.tells("several")
    await comparing.is_off()


async def test_who_may_not_use_the_camera_compares_by_eye(comparing: Comparing) -> None:
    context = comparing.page.page.context
    await context.clear_permissions()
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    await comparing.button("Compare by camera").click()
    await comparing.tells("problems.refused")
    await expect(comparing.video).to_have_count(0)
    await comparing.yes.click()
    await expect(comparing.dialog.get_by_text("Paired", exact=True)).to_be_visible()


async def test_a_page_by_plain_http_says_why_there_is_no_camera(comparing: Comparing) -> None:
    """Loopback counts as secure, so the browser's word for it is changed."""
    await comparing.page.page.evaluate(
        "Object.defineProperty(window, 'isSecureContext', {value: false})"
    )
    await comparing.button("Compare by camera").click()
    await comparing.tells("problems.insecure")
    await expect(comparing.yes).to_be_enabled()


@pytest.mark.long
async def test_a_reader_that_does_not_come_is_asked_for_again(
    comparing: Comparing, camera: FakeCamera
) -> None:
    camera.sees(key_of(GROUND[0]))
    page = comparing.page.page
    await page.route(f"**/{READER}*", lambda route: route.fulfill(body="a proxy's own page"))
    await comparing.button("Compare by camera").click()
    await comparing.tells("problems.reader")
    await page.unroute_all()
    await comparing.button("Compare by camera").click()
    await comparing.tells("same")


@pytest.mark.long
async def test_the_camera_goes_off_with_the_dialog(
    comparing: Comparing, camera: FakeCamera
) -> None:
    camera.sees()
    await comparing.button("Compare by camera").click()
    await expect(comparing.video).to_be_visible()
    await comparing.page.page.keyboard.press("Escape")
    await expect(comparing.dialog).to_be_hidden()
    await comparing.is_off()


async def test_a_text_is_a_key_or_none(comparing: Comparing) -> None:
    codes = VECTORS["qr"]
    expected = VECTORS["fingerprints"][0]["pubkey"]
    read = {
        kind: await comparing.page.page.evaluate(KEYS_OF, codes[kind])
        for kind in ("same", "other", "none")
    }
    assert set(read["same"]) == {expected}
    assert None not in read["other"]
    assert expected not in read["other"]
    assert set(read["none"]) == {None}


def test_the_reader_is_the_one_that_lnbits_script_asks_for() -> None:
    import lnbits

    script = Path(lnbits.__file__).parent / "static" / "vendor" / "vue-qrcode-reader.umd.js"
    assert re.findall(r"zxing-wasm@([\d.]+)/", script.read_text()) == ["1.1.3"]
    assert hashlib.sha256((ROOT / READER).read_bytes()).hexdigest() == CHECKSUM
