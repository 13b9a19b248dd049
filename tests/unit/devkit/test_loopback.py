"""The development bunker dials nothing beyond loopback, but for `make test-relay`, and for
`make test-deploy`, whose network ends there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_only_a_relay_that_was_named_by_hand_may_be_elsewhere() -> None:
    assert {path.relative_to(ROOT) for path in ROOT.rglob("*.py") if _allows_it(path)} == {
        Path("tests/real/test_relay.py"),
        Path("tests/deploy/as_nsecbunkerd.py"),
    }


def _allows_it(path: Path) -> bool:
    ours = not {".venv", ".build", "node_modules"} & set(path.parts)
    return ours and re.search("anywhere" + r"=(?!self)", path.read_text()) is not None
