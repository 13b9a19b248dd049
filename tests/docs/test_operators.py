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


def test_the_help_of_each_dialog_leads_to_a_part_of_it() -> None:
    script = (ROOT / "static" / "parts" / "help.js").read_text()
    repository = json.loads((ROOT / "config.json").read_text())["repo"]
    assert f"'{repository}/blob/main/{GUIDE.relative_to(ROOT)}'" in script
    headings = re.findall(r"^## (.+)$", TEXT, re.M)
    anchors = {re.sub(r"[^\w -]", "", each).lower().replace(" ", "-") for each in headings}
    parts = dict(re.findall(r"^  (\w+): '([\w-]+)'", script, re.M))
    assert set(parts.values()) <= anchors
    markup = "".join(file.read_text() for file in (ROOT / "static" / "parts").glob("*.vue"))
    assert set(re.findall(r' (?:help|part)="(\w+)"', markup)) == set(parts)


PAGES = [GUIDE, ROOT / "README.md", ROOT / "docs" / "webhook.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_its_pictures_are_there_and_small(page: Path) -> None:
    text = page.read_text()
    pictures = re.findall(r'<img src="([^"]+)"|!\[[^]]*\]\(([^)]+)\)', text)
    assert pictures
    for one, other in pictures:
        assert (page.parent / (one or other)).stat().st_size < MOST_BYTES


def test_no_picture_is_there_for_nothing() -> None:
    shown = "".join(page.read_text() for page in [*PAGES, ROOT / "config.json"])
    for picture in (ROOT / "docs" / "images").iterdir():
        assert picture.name in shown
