"""docs/first-aid.md quotes the log as the source writes it, and leaves out nothing of it."""

import ast
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "first-aid.md").read_text()
ALERTS = yaml.safe_load((ROOT / "docs" / "alerts.yml").read_text())
OURS = [
    file
    for file in ROOT.rglob("*.py")
    if file.relative_to(ROOT).parts[0] not in {"tests", "devkit", "benchmarks", "build", "dist"}
    and not file.relative_to(ROOT).parts[0].startswith(".")
]
LEVELS = {"info", "warning", "error"}
PART = "spirekeeper: {}: …"
"""As `failures.py` writes what failed."""


def first_column(heading: str) -> list[str]:
    """What a table quotes there."""
    table = PAGE.split(f"| {heading} |")[1].split("\n\n")[0]
    cells = re.findall(r"^\| (`+)(.+?)\1 \|", table, re.M)
    return [said for _, said in cells]


def text_of(node: ast.expr) -> str | None:
    """A literal text, with … for what differs."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.sub(r"%(\.\d+)?[sd]", "…", node.value)
    if isinstance(node, ast.JoinedStr):
        parts = [each.value if isinstance(each, ast.Constant) else "…" for each in node.values]
        return "".join(map(str, parts))
    return None


def texts(*files: Path) -> Iterator[str]:
    """All literal texts, and the lines of what may fail."""
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.expr) and (text := text_of(node)):
                yield text
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "log_failure":
                yield PART.format(text_of(node.args[0]))


def logged() -> set[str]:
    """What our own code logs, whatever fails."""
    calls = [
        node
        for file in OURS
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in LEVELS
        and getattr(node.func.value, "id", "") == "logger"
    ]
    return {text for call in calls if (text := text_of(call.args[0])) and text != "…"}


def test_each_line_is_one_that_the_source_writes() -> None:
    there = set(texts(*OURS))
    quoted = first_column("the log says")
    assert len(quoted) > 15
    assert [line for line in quoted if line not in there] == []


def test_lnbits_own_lines_are_those_of_lnbits() -> None:
    found = find_spec("lnbits")
    assert found is not None
    assert found.origin is not None
    there = set(texts(Path(found.origin).with_name("app.py")))
    own = PAGE.split("LNbits itself says of us:")[1].split("\n## ")[0]
    quoted = [said for _, said in re.findall(r"^\| (`+)(.+?)\1 \|", own, re.M)]
    assert len(quoted) == 2
    assert [line for line in quoted if line not in there] == []


def test_no_line_of_ours_is_left_out() -> None:
    assert len(logged()) > 8
    assert logged() <= set(first_column("the log says"))


def test_each_alert_has_its_line() -> None:
    [group] = ALERTS["groups"]
    named = re.findall(r"^\| `(\w+)` \|", PAGE.split("## What an alert says")[1], re.M)
    assert named == [rule["alert"] for rule in group["rules"]]


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#]+)", PAGE))
def test_a_link_leads_somewhere(target: str) -> None:
    assert (ROOT / "docs" / target).exists()
