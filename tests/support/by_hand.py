"""A job that somebody does at the page with pointer and keyboard. The page itself counts both."""

import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Locator

from support.page import OperatorPage

GUIDE = Path(__file__).parents[2] / "docs" / "operators.md"
LINE = re.compile(r"^\| ([^|]+) \| (\d+) \| (\d+) \| \d+ s \|$", re.M)
COUNTING = """
window.byHand = {clicks: 0, typed: 0}
addEventListener('pointerdown', event => { byHand.clicks += event.isTrusted }, true)
addEventListener('keydown', event => {
  byHand.typed += event.isTrusted && event.key.length === 1 && !event.ctrlKey
}, true)
"""


@dataclass(frozen=True)
class Effort:
    clicks: int
    typed: int
    """Letters, digits and signs; what is pasted is none of them."""


FIGURES = {
    job: Effort(int(clicks), int(typed)) for job, clicks, typed in LINE.findall(GUIDE.read_text())
}
"""The most that each job may take, by its name in the guide."""


@dataclass(frozen=True)
class Hands:
    """Of somebody at the page, in whichever language it is shown."""

    page: OperatorPage
    efforts: dict[str, Effort] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @asynccontextmanager
    async def do(self, job: str) -> AsyncIterator[None]:
        """Notes what the job has taken."""
        before, began = await self._counted(), time.monotonic()
        yield
        after, self.seconds[job] = await self._counted(), time.monotonic() - began
        self.efforts[job] = Effort(after.clicks - before.clicks, after.typed - before.typed)

    async def _counted(self) -> Effort:
        return Effort(**await self.page.page.evaluate("byHand"))

    async def click(self, key: str, within: Locator | None = None, **values: str | int) -> None:
        """The button with these words; of several the last, as an X stands at the top."""
        await self.page.button(await self.page.words(key, **values), within).last.click()

    async def type(self, text: str) -> None:
        """Into the field that has the focus."""
        await self.page.page.keyboard.type(text)

    async def paste(self, text: str) -> None:
        await self.page.page.evaluate("text => navigator.clipboard.writeText(text)", text)
        await self.page.page.keyboard.press("Control+V")
