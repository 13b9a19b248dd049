"""QR codes: the seed is read from a picture of one, client key and invoice are shown as one."""

from pathlib import Path
from typing import Any

import zxingcpp
from nostr_sdk import PublicKey
from PIL import Image

from ..seed import PREFIX
from .errors import BadSeed, SpireError
from .seed_text import seed_in

PIXELS_PER_MODULE = 8
# True black on true white, of xterm's 256 colours: a terminal may have any others.
_BLACK_ON_WHITE, _AS_BEFORE = "\x1b[38;5;16;48;5;231m", "\x1b[0m"
_BLOCKS = {(True, True): "█", (True, False): "▀", (False, True): "▄", (False, False): " "}


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
    seeds = {seed_in(code.text) for code in codes if PREFIX in code.text.lower()}
    if len(seeds) != 1:
        found = "more than one seed" if seeds else "no seed"
        raise BadSeed(f"{picture} shows {found}: show one QR code, sharp and whole.")
    return seeds.pop()


def key_code(client_pubkey: str) -> Image.Image:
    """The whole npub as a QR code with the margin that readers want, one pixel a module."""
    return code_of(PublicKey.parse(client_pubkey).to_bech32())


def code_of(text: str) -> Image.Image:
    """A text as a QR code, likewise."""
    code: Any = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode).to_image()
    return Image.fromarray(code)


def fits(encoding: str) -> bool:
    """Whether a terminal that is written to so can show a code."""
    try:
        "".join(_BLOCKS.values()).encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def in_characters(code: Image.Image) -> str:
    """The code for a terminal, two modules a character."""
    lines = []
    for upper in range(0, code.height, 2):
        pairs = ((_dark(code, x, upper), _dark(code, x, upper + 1)) for x in range(code.width))
        blocks = "".join(_BLOCKS[pair] for pair in pairs)
        lines.append(f"{_BLACK_ON_WHITE}{blocks}{_AS_BEFORE}")
    return "\n".join(lines)


def save(code: Image.Image, picture: Path) -> None:
    """The code as a PNG. SpireError when it cannot be written."""
    size = (code.width * PIXELS_PER_MODULE, code.height * PIXELS_PER_MODULE)
    try:
        code.resize(size, Image.Resampling.NEAREST).save(picture, format="PNG")
    except OSError as error:
        raise SpireError(
            f"{picture} cannot be written: {error.strerror}. Run the same command with another "
            "name; the connection is kept."
        ) from None


def _dark(code: Image.Image, x: int, y: int) -> bool:
    return y < code.height and code.getpixel((x, y)) == 0
