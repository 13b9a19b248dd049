"""What holds for every script of the page."""

from pathlib import Path

import pytest

STATIC = Path(__file__).parents[1] / "static"


@pytest.mark.parametrize("script", sorted(STATIC.rglob("*.js")), ids=lambda path: path.stem)
def test_its_texts_outlive_the_part_that_asked_for_them(script: Path) -> None:
    """`$t` is taken from a part that leaves the page; shared.js has one that stays."""
    assert ".$t" not in script.read_text()
