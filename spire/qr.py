"""The seed in a picture of a QR code."""

from pathlib import Path

import zxingcpp
from PIL import Image

from ..seed import PREFIX
from .errors import BadSeed


def read_seed(picture: Path) -> str:
    """The text of the seed that the picture shows; not yet checked. BadSeed if it shows none."""
    try:
        with Image.open(picture) as image:
            # A transparent background would be read as black, like the code on it.
            page = Image.new("RGBA", image.size, "white")
            page.alpha_composite(image.convert("RGBA"))
            codes = zxingcpp.read_barcodes(page.convert("L"))
    except (OSError, ValueError, Image.DecompressionBombError):
        raise BadSeed(f"{picture} is no picture that can be read.") from None
    seeds = {code.text for code in codes if code.text.startswith(PREFIX)}
    if len(seeds) != 1:
        found = "more than one seed" if seeds else "no seed"
        raise BadSeed(f"{picture} shows {found}: show one QR code, sharp and whole.")
    return seeds.pop()
