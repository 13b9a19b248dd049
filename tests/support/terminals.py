"""What a camera sees of a terminal: characters drawn in the colours that they are printed in."""

import re

from PIL import Image, ImageDraw

CELL = (8, 16)
COLORS = {"16": "black", "231": "white"}
"""Of xterm's 256, those that are used."""
FILLED = {" ": None, "█": (0, 16), "▀": (0, 8), "▄": (8, 16)}


def screenshot(text: str, ink: str = "white", paper: str = "black") -> Image.Image:
    """A terminal that shows blocks in colours; whatever else stands there is left blank."""
    lines = text.splitlines()
    width = max(len(re.sub(r"\x1b\[[\d;]*m", "", line)) for line in lines)
    shot = Image.new("RGB", ((width + 4) * CELL[0], (len(lines) + 4) * CELL[1]), paper)
    draw = ImageDraw.Draw(shot)
    for row, line in enumerate(lines, start=2):
        _draw(draw, row, line, {"38": ink, "48": paper})
    return shot


def _draw(draw: ImageDraw.ImageDraw, row: int, line: str, usual: dict[str, str]) -> None:
    now, column = usual, 2
    for piece in re.findall(r"\x1b\[[\d;]*m|.", line):
        if piece.startswith("\x1b"):
            colors = re.findall(r"\b([34]8);5;(\d+)", piece)
            now = {**usual, **{plane: COLORS[color] for plane, color in colors}}
            continue
        x, y = column * CELL[0], row * CELL[1]
        draw.rectangle((x, y, x + CELL[0] - 1, y + CELL[1] - 1), fill=now["48"])
        if filled := FILLED.get(piece):
            draw.rectangle((x, y + filled[0], x + CELL[0] - 1, y + filled[1] - 1), fill=now["38"])
        column += 1
