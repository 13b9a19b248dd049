"""The browser's print dialog, held open while a test looks at the sheets."""

import re
from pathlib import Path

from browser.pictures import Picture
from playwright.async_api import Locator, Page, expect
from support.booting import seed_in
from support.page import OperatorPage

# Printing waits until the test has looked at the sheets.
HOLD_FRAMES = """() => {
  const make = document.createElement.bind(document)
  document.createElement = (tag, ...more) => {
    const made = make(tag, ...more)
    if (tag === 'iframe') {
      made.addEventListener('load', () => {
        made.contentWindow.print = () => { window.printing = true }
      })
    }
    return made
  }
}"""


async def printed(page: OperatorPage) -> Locator:
    """The sheets, as they were handed to the printer."""
    await page.page.wait_for_function("window.printing")
    return page.page.frame_locator("iframe[aria-hidden]").locator("article")


async def done_printing(page: OperatorPage) -> None:
    """The print dialog is closed."""
    await page.page.evaluate(
        "document.querySelector('iframe[aria-hidden]').contentWindow"
        ".dispatchEvent(new Event('afterprint'))"
    )
    await expect(page.page.locator("iframe[aria-hidden]")).to_have_count(0)


async def as_photograph(sheet: Locator, page: Page, picture: Path) -> str:
    """The seed on a sheet, whose frame has no size on the screen."""
    svg = await sheet.locator(".qr svg").evaluate("each => each.outerHTML")
    tab = await page.context.new_page()
    await tab.set_content(f'<div style="width: 500px">{svg}</div>')
    await tab.locator("svg").screenshot(path=picture)
    await tab.close()
    return seed_in(picture)


async def fit_on_paper(page: OperatorPage, count: int, picture: Picture) -> None:
    """A page each, on A4 as on US letter."""
    frame = page.page.locator("iframe[aria-hidden]")
    markup = await frame.evaluate("each => each.contentDocument.documentElement.outerHTML")
    paper = await page.page.context.new_page()
    await paper.set_content(markup)
    for size in ("A4", "Letter"):
        printed = await paper.pdf(format=size, prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) == count, size
    await paper.set_viewport_size({"width": 794, "height": 1123})
    await paper.add_style_tag(content="body { padding: 12mm } article + article { display: none }")
    await picture(paper, "sheet")
    await paper.close()
