"""What goes wrong, the page says in each of its languages."""

import re
from pathlib import Path
from typing import get_args

import pytest
from spirekeeper.errors import PairingError, SpirekeeperError
from spirekeeper.reasons import Reason
from spirekeeper.schemas.relays import RelayProblem

ROOT = Path(__file__).parents[2]
LANGUAGES = sorted((ROOT / "static" / "i18n").glob("*.js"))
OF_A_STATUS = {"key_needed", "silent_to_strangers"}
"""What is wrong with a bunker that was tried without an admin key."""
LNBITS_OWN = {"no_answer", "http_401", "http_403", "http_429"}


def codes(kind: type[SpirekeeperError]) -> set[str]:
    return {kind.code}.union(*map(codes, kind.__subclasses__()))


def inside(text: str, *heads: str) -> str:
    """What stands in a block of a block."""
    for depth, head in enumerate(heads, 2):
        indent = "  " * depth
        [text] = re.findall(rf"^{indent}{head}: \{{\n(.*?)^{indent}\}}", text, re.M | re.S)
    return text


def names(text: str, *heads: str) -> set[str]:
    indent = "  " * (len(heads) + 2)
    return set(re.findall(rf"^{indent}(\w+):", inside(text, *heads), re.M))


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda path: path.stem)
def test_every_error_has_its_words(language: Path) -> None:
    text = language.read_text()
    known = codes(SpirekeeperError)
    assert len(known) > 30
    assert known | LNBITS_OWN <= names(text, "errors")
    assert set(get_args(Reason)) == names(text, "errors", "wrong")
    assert set(get_args(RelayProblem)) == names(text, "relays", "problems")
    of_the_bunker = codes(PairingError) - {"pairing_failed"}
    assert of_the_bunker | OF_A_STATUS == names(text, "bunker", "problems")


def test_every_status_without_a_key_has_words_to_look_for() -> None:
    written = (ROOT / "connection" / "bunker_status.py").read_text()
    told = re.search(r"^_WITHOUT_KEY = \{\n(.*?)^\}", written, re.M | re.S)
    assert told
    assert set(re.findall(r'": \(\n +"(\w+)",', told[1])) == OF_A_STATUS
