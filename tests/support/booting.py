"""The seed as a machine sees it: on a picture."""

from pathlib import Path

import zxingcpp
from PIL import Image
from playwright.async_api import Locator
from spirekeeper.seed import Seed


def seed_in(picture: Path) -> str:
    """The one QR code of a picture."""
    with Image.open(picture) as image:
        [code] = zxingcpp.read_barcodes(image.convert("L"))
    return str(code.text)


def secrets_of(seed_url: str) -> tuple[str, str]:
    """What nobody else may read: the token, and the seed, which holds it in another encoding."""
    return Seed.decode(seed_url).secret, seed_url.rpartition(":")[2]


async def photograph(code: Locator, picture: Path) -> str:
    """The seed that the picture of a QR on the page shows."""
    await code.screenshot(path=picture)
    return seed_in(picture)
