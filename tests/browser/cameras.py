"""A camera that a Chromium of the tests has, and what is held in front of it."""

from dataclasses import dataclass
from pathlib import Path

import segno
from PIL import Image

SIZE = (640, 480)


@dataclass(frozen=True)
class FakeCamera:
    """Chromium opens the film anew each time a page asks for the camera."""

    film: Path

    @property
    def flags(self) -> list[str]:
        """Whether a page may use it is left to the permissions of its context."""
        film = f"--use-file-for-fake-video-capture={self.film}"
        return ["--use-fake-device-for-media-stream", film]

    def sees(self, *pictures: Image.Image) -> None:
        """From now on; beside each other, on a grey wall. A film of one JPEG is shown for ever.

        Chromium may look at the film at any time, and finds no camera where it is half written.
        """
        scene = Image.new("RGB", SIZE, "#777777")
        room = SIZE[0] // max(len(pictures), 1)
        for number, picture in enumerate(pictures):
            side = min(room, SIZE[1]) - 60
            whole = picture.convert("RGB").resize((side, side * picture.height // picture.width))
            scene.paste(whole, (number * room + (room - side) // 2, (SIZE[1] - whole.height) // 2))
        written = self.film.with_suffix(".written")
        scene.save(written, format="JPEG", quality=90)
        written.replace(self.film)


def code_of(text: str) -> Image.Image:
    """Anything as a QR code, as somebody else draws it."""
    code = segno.make(text, error="m")
    image = Image.new("L", code.symbol_size(), "white")
    for y, row in enumerate(code.matrix_iter()):
        for x, dark in enumerate(row):
            image.putpixel((x, y), 0 if dark else 255)
    return image.resize((image.width * 8, image.height * 8), Image.Resampling.NEAREST)
