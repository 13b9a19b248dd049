"""Each block of the guide says what `make test-deploy` does with it (`tests/deploy`)."""

import re
from pathlib import Path

import pytest
from deploy.guide import GuideError, read

GUIDE = Path(__file__).resolve().parents[2] / "docs/host.md"


def test_each_block_is_run_or_says_why_not() -> None:
    blocks = read(GUIDE)
    assert {block.verb for block in blocks} == {"run", "fetch", "file", "instead", "here"}
    assert all(block.more for block in blocks if block.verb in ("file", "instead", "here"))
    text = GUIDE.read_text()
    assert all(f"`{block.more}`" in text for block in blocks if block.verb == "file")


def test_pip_and_image_are_of_one_version() -> None:
    text = GUIDE.read_text()
    [pip], [image] = (re.findall(each, text) for each in (r"'lnbits==(\S+)'", r"image: \S+:(\S+)"))
    assert pip == image


def test_what_is_done_instead_is_known() -> None:
    """Each such block has the words of one thing that the walk does."""
    from deploy.walk import INSTEAD

    for block in read(GUIDE):
        if block.verb == "instead":
            assert len([words for words in INSTEAD if words in block.text]) == 1, block.text


def test_a_block_that_says_nothing_is_refused(tmp_path: Path) -> None:
    guide = tmp_path / "guide.md"
    guide.write_text("## One\n\n<!-- run -->\n\nWords in between.\n\n```sh\ntrue\n```\n")
    with pytest.raises(GuideError, match="One"):
        read(guide)
