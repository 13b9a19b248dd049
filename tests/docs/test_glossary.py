"""Whoever meets one of the eight words in a guide finds it explained, where they first meet it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GLOSSARY = ROOT / "docs" / "glossary.md"
WORDS = re.findall(r"^## (.+)$", GLOSSARY.read_text(), re.M)
GUIDES = [ROOT / "README.md", ROOT / "docs" / "operators.md", ROOT / "docs" / "deploy.md"]
NOT_PROSE = re.compile(r"```.*?```|^ *#.*?$|`[^`\n]*`|<img[^>]*>|!\[[^]]*\]|\w+\.md", re.M | re.S)


def prose(guide: Path) -> str:
    """Without code, headings, pictures and file names; links to the glossary as `[word](#word)`."""
    text = guide.read_text().replace(f"{GLOSSARY.relative_to(guide.parent)}#", "#")
    return " ".join(NOT_PROSE.sub("", text).split())


def test_it_has_eight_words() -> None:
    assert len(WORDS) == 8


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.stem)
@pytest.mark.parametrize("word", WORDS)
def test_a_word_is_linked_where_it_first_occurs(guide: Path, word: str) -> None:
    text = prose(guide)
    first = re.search(rf"\[?\b{word}s?\b\S*", text, re.I)
    if first:
        link = rf"\[{word}s?\]\(#{word.lower().replace(' ', '-')}\)"
        assert re.match(link, first[0], re.I), text[first.start() - 60 : first.end() + 20]
