"""The blocks of docs/host.md, each with what its comment says is to be done with it.

<!-- run -->              run as root, on loopback alone
<!-- run: not on another host -->   the same, but not where a second host is made ready
<!-- fetch -->            the same, with the way to the package registries open
<!-- file: PATH -->       the block is that file
<!-- instead: WHAT -->    not run; the test does WHAT in its place, and prints it
<!-- here: WHAT -->       no block: the test does WHAT at this place
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_HEADING = re.compile(r"^## (?P<title>.+)$")
_COMMENT = re.compile(r"^<!-- (?P<verb>run|fetch|file|instead|here)(?:: (?P<more>.+))? -->$")
_BLOCK = re.compile(r"^```(?:sh|ini|nginx|json|yaml)$")


class GuideError(Exception):
    """The guide has a block that nobody says what to do with."""


@dataclass(frozen=True)
class Block:
    """`verb` is one of the five above, `more` the PATH or WHAT beside it."""

    section: str
    verb: str
    more: str
    text: str


def read(guide: Path) -> list[Block]:
    """Every block, in order."""
    return list(_blocks(guide.read_text().splitlines()))


def _blocks(lines: list[str]) -> Iterator[Block]:
    section, comment = "", None
    at = iter(lines)
    for line in at:
        if heading := _HEADING.match(line):
            section = heading["title"]
        elif _BLOCK.match(line):
            if comment is None:
                raise GuideError(f"{section}: a block without a comment before it")
            text = "\n".join(iter(lambda: next(at), "```")) + "\n"
            yield Block(section, comment["verb"], comment["more"] or "", text)
            comment = None
        elif line:
            comment = _COMMENT.match(line)
            if comment and comment["verb"] == "here":
                yield Block(section, "here", comment["more"], "")
