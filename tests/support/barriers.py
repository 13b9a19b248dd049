"""What in our part of the page keeps people from using it: what axe-core finds (`make axe`), and
what is hard to read."""

from pathlib import Path

from playwright.async_api import Page

from support.needed import missing

FOLDER = Path(__file__).parents[1] / "browser"
AXE = FOLDER / "node_modules" / "axe-core" / "axe.min.js"
MISSING = "axe-core is not here: make axe"


async def barriers(page: Page) -> list[str]:
    """What axe finds on what lies on top."""
    if not AXE.is_file():
        missing(MISSING)
    if not await page.evaluate("'axe' in window"):
        for script in (AXE, FOLDER / "barriers.js"):
            await page.add_script_tag(path=script)
    return list(await page.evaluate("barriers()"))


async def faint(page: Page) -> list[str]:
    """Texts and icons on it that too little sets apart from what is behind them."""
    return list(await page.evaluate("faint()"))
