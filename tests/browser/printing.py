"""The browser's print dialog, held open while a test looks at the sheets."""

from playwright.async_api import Locator, expect
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
