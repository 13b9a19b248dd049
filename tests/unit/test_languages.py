"""A language of the page is one file of static/i18n, and each has all that English has."""

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "static" / "i18n"
OTHERS = sorted(file.stem for file in FOLDER.glob("*.js") if file.stem != "en")
TEXT = re.compile(r"'((?:\\.|[^'\\])*)'")


def names(language: str) -> list[str]:
    """Of all texts, in order: what stands before a colon, outside of texts."""
    return re.findall(r"(\w+):", TEXT.sub("''", (FOLDER / f"{language}.js").read_text()))


def texts(language: str) -> list[str]:
    """All of them, in order, without the language's own name."""
    return TEXT.findall((FOLDER / f"{language}.js").read_text())[1:]


def form(text: str) -> tuple[set[str], int]:
    """What is filled into it, and in how many forms it comes."""
    return set(re.findall(r"\{\w+\}", text)), len(text.split("|"))


@pytest.mark.parametrize("language", OTHERS)
def test_it_has_every_text_and_no_other(language: str) -> None:
    assert names(language) == names("en")


@pytest.mark.parametrize("language", OTHERS)
def test_its_texts_take_what_the_english_ones_take(language: str) -> None:
    for english, other in zip(texts("en"), texts(language), strict=True):
        assert form(other) == form(english), english


@pytest.mark.parametrize("language", ["en", *OTHERS])
def test_lnbits_finds_it_by_its_name(language: str) -> None:
    beginning = f"window.i18n.global.mergeLocaleMessage('{language}', {{\n"
    assert (FOLDER / f"{language}.js").read_text().startswith(beginning)
