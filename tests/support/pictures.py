"""Pictures of the page, for the documentation: small files."""

from collections.abc import Awaitable, Callable
from io import BytesIO
from pathlib import Path

from page import OperatorPage
from PIL import Image

Picture = Callable[[OperatorPage, str], Awaitable[None]]


async def take(page: OperatorPage, file: Path) -> None:
    shot = await page.page.screenshot(animations="disabled", caret="hide")
    with Image.open(BytesIO(shot)) as image:
        image.convert("RGB").quantize(256).save(file, optimize=True)
