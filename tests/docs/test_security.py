"""SECURITY.md names tests; each is there, and each link leads somewhere."""

import re

from support.defined_tests import ROOT, defined_tests

PAGE = (ROOT / "SECURITY.md").read_text()


def test_every_test_it_names_is_there() -> None:
    named = re.findall(r"`(test_\w+)`", PAGE)
    assert named
    assert [name for name in named if name not in defined_tests()] == []


def test_every_holding_says_all_four() -> None:
    sections = PAGE.split("\n### ")[1:]
    assert len(sections) >= 8
    for section in sections:
        for says in ("**Gets:**", "**Does not get:**", "**Shown by:**", "**What to do:**"):
            assert says in section, section.splitlines()[0]


def test_the_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)", PAGE):
        assert (ROOT / target).exists(), target
