"""Pictures of the page, for the documentation: small files."""

from collections.abc import Awaitable, Callable
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.async_api import Locator, Page

Picture = Callable[[Page | Locator, str], Awaitable[None]]
WITHOUT_MESSAGES = ".q-notifications { visibility: hidden }"


async def take(of: Page | Locator, file: Path) -> None:
    shot = await of.screenshot(animations="disabled", caret="hide", style=WITHOUT_MESSAGES)
    with Image.open(BytesIO(shot)) as image:
        image.convert("RGB").quantize(256, kmeans=3).save(file, optimize=True)
