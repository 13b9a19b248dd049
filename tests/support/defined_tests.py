"""Where each test of this repository is, by its name alone."""

import ast
from collections import defaultdict
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def defined_tests() -> dict[str, list[str]]:
    """The files of each, relative to the root."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found[node.name].append(str(path.relative_to(ROOT)))
    return found
