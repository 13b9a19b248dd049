"""docs/seed-url.md says what the code does."""

import doctest
import re
from pathlib import Path

from spirekeeper.seed import MOST_BYTES, Seed

PAGE = Path(__file__).parents[3] / "docs" / "seed-url.md"


def test_the_worked_example_runs() -> None:
    result = doctest.testfile(str(PAGE), module_relative=False)
    assert result.attempted
    assert not result.failed


def test_the_seed_shown_is_good() -> None:
    [shown] = re.findall(r"^spire-seed:v1:\S+$", PAGE.read_text(), re.M)
    assert Seed.decode(shown).encode() == shown


def test_the_limit_is_the_codes() -> None:
    assert set(re.findall(r"\b8\d{3}\b", PAGE.read_text())) == {str(MOST_BYTES)}
