"""docs/operators.md calls things as the page does, and shows pictures that are there."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "operators.md"
TEXT = GUIDE.read_text()
APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"
WORDS = (ROOT / "static" / "i18n" / "en.js").read_text().replace(APOSTROPHE, "'")
NAME = json.loads((ROOT / "config.json").read_text())["name"]
MOST_BYTES = 200_000


def marked(text: str, mark: str) -> set[str]:
    return {" ".join(each.split()) for each in text.split(mark)[1::2]}


BOLD = marked(TEXT, "**") - {NAME}
ITALIC = marked("".join(TEXT.split("**")[::2]), "*")


def said(fragment: str) -> bool:
    """Whether the page has it, with something in the place of numbers and dots."""
    parts = re.split(r"\d+|…", fragment.strip(" .,"))
    return re.search(".*".join(map(re.escape, parts)), WORDS, re.I) is not None


@pytest.mark.parametrize("fragment", sorted(BOLD | ITALIC))
def test_its_words_are_those_of_the_page(fragment: str) -> None:
    assert said(fragment)


@pytest.mark.parametrize("page", [GUIDE, ROOT / "README.md"], ids=lambda page: page.name)
def test_its_pictures_are_there_and_small(page: Path) -> None:
    text = page.read_text()
    pictures = re.findall(r'<img src="([^"]+)"|!\[[^]]*\]\(([^)]+)\)', text)
    assert pictures
    for one, other in pictures:
        assert (page.parent / (one or other)).stat().st_size < MOST_BYTES


def test_no_picture_is_there_for_nothing() -> None:
    shown = TEXT + (ROOT / "README.md").read_text() + (ROOT / "config.json").read_text()
    for picture in (ROOT / "docs" / "images").iterdir():
        assert picture.name in shown
