"""The plan of the house, as docs/architecture.md draws it: what stands at the root, which way
imports run, and how long a file may be."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DRAWN = ROOT / "docs" / "architecture.md"

VIEWS = {
    "views",
    "views_api",
    "views_bunker",
    "views_cash",
    "views_fleet",
    "views_health",
    "views_lnurl",
    "views_webhook",
    "routing",
    "csrf",
}
ORDER = [
    {"__init__"},
    {"extension"},
    VIEWS | {"tasks"},
    {"fleet"},
    {"upkeep"},
    {"cash"},
    {"pairing", "roster"},
    {"steps"},
    {"connection"},
    {"bunker"},
    {"nostr"},
    {"loop"},
]
"""Each may import what stands further down, and itself."""
APART = [{"fleet", "upkeep", "cash"}]
"""Rooms that do not know each other."""
PLAIN = {"errors", "reasons", "clock", "changes", "failures"}
DATA = {"crud", "store", "lifecycle", "orders", "cash_models", "models", "schemas", "keys", "seed"}
ASIDE = {
    "crud": {"store", "lifecycle", "models", "keys", "loop", "nostr.relay_urls", *PLAIN},
    "store": {
        "crud",
        "lifecycle",
        "orders",
        "cash_models",
        "models",
        "loop",
        "nostr.keys",
        "nostr.relay_urls",
        *PLAIN,
    },
    "lifecycle": {"models"},
    "orders": set(),
    "cash_models": {"orders"},
    "models": set(),
    "migrations": set(),
    "schemas": {
        "models",
        "lifecycle",
        "orders",
        "cash_models",
        "nostr.relay_urls",
        "nostr.keys",
        *PLAIN,
    },
    "keys": {"errors", "nostr"},
    "seed": {"nostr.keys", "nostr.relay_urls"},
    "errors": {"reasons"},
    "reasons": {"bunker.errors"},
    **{plain: set() for plain in ("clock", "changes", "failures")},
    "spire": {"seed", "loop", "nostr.refusals"},
    "devkit": {"spire", "seed", "clock"},
    "backup": set(),
}
"""What is beside that order, and the little that it may import."""
KNOWS_NO_LNBITS = {"bunker", "nostr", "loop", "seed", "spire", "backup"}
HOST = {"lnbits", "fastapi", "pydantic", "sqlalchemy", "loguru", "starlette", "httpx"}
WIRE_OF_CASH = {"requests", "answers", "fields", "clink", "rpc21000", "envelope", "wire"}
"""Files of `cash/` that read and write contents, and do nothing else."""
LONGEST = 400
MAY_BE_LONGER = {"migrations.py"}

PRODUCT = sorted(
    path.relative_to(ROOT)
    for path in ROOT.rglob("*.py")
    if path.relative_to(ROOT).parts[0] not in {"tests", "benchmarks", "build", "dist"}
    and not path.relative_to(ROOT).parts[0].startswith(".")
)

PAGES = sorted(path.relative_to(ROOT) for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
WRITTEN = [*PRODUCT, *PAGES]
ELSEWHERE = [
    path.relative_to(ROOT)
    for room in ("tests", "benchmarks")
    for path in (ROOT / room).rglob("*.py")
]
THERE = {name for path in [*PRODUCT, *ELSEWHERE] for name in (str(path), path.name)}


def test_nothing_stands_at_the_root_but_what_the_plan_names() -> None:
    planned = set().union(*ORDER, ASIDE)
    assert {path.parts[0].removesuffix(".py") for path in PRODUCT} <= planned


@pytest.mark.parametrize("path", PRODUCT, ids=str)
def test_imports_run_one_way(path: Path) -> None:
    room = _room(_name(path))
    against = [name for name in _imported(path) if not _may_import(room, name)]
    assert not against, f"{path} imports {against}"


@pytest.mark.parametrize("path", PRODUCT, ids=str)
def test_what_knows_no_lnbits_imports_nothing_of_it(path: Path) -> None:
    if _room(_name(path)) in KNOWS_NO_LNBITS:
        assert not HOST & {name.partition(".")[0] for name in _foreign(path)}


@pytest.mark.parametrize("name", sorted(WIRE_OF_CASH))
def test_the_wire_of_cash_does_no_io_and_has_no_clock(name: str) -> None:
    path = Path("cash") / f"{name}.py"
    ours = {f"cash.{other}" for other in WIRE_OF_CASH}
    assert _imported(path) <= ours | {"nostr.events", "schemas.text", "orders"}
    assert not {"asyncio", "os", "socket", "time", "random", *HOST} & set(_foreign(path))
    assert not re.search(r"\.(now|utcnow|today)\(", (ROOT / path).read_text())


def test_pairing_reads_as_one_story() -> None:
    assert len(_imported(Path("pairing.py"))) <= 14


@pytest.mark.parametrize("path", PRODUCT, ids=str)
def test_a_file_fits_a_reader(path: Path) -> None:
    lines = (ROOT / path).read_text().count("\n")
    assert lines <= LONGEST or str(path) in MAY_BE_LONGER


def test_every_file_that_the_drawing_names_is_there() -> None:
    named = re.findall(r"`([a-z_0-9/]+\.py)`", DRAWN.read_text())
    assert named
    assert not [name for name in named if not (ROOT / name).is_file()]


@pytest.mark.parametrize("path", WRITTEN, ids=str)
def test_a_file_that_is_named_anywhere_is_there(path: Path) -> None:
    """By its path or, where that says enough, by its name alone."""
    named = re.findall(r"`([a-z_0-9/]+\.py)`", (ROOT / path).read_text())
    assert not [name for name in named if name not in THERE]


def test_the_drawing_names_every_function_of_the_way() -> None:
    """The way of a pair request: lines like "1. `api_pair_machine` (`views_api.py`)"."""
    steps = re.findall(r"^\d+\. `(\w+)`.*?\(`([a-z_/0-9]+\.py)`\)", DRAWN.read_text(), re.M)
    assert len(steps) >= 10
    for function, file in steps:
        assert re.search(rf"^(async )?def {function}\b", (ROOT / file).read_text(), re.M), function


def _may_import(room: str, name: str) -> bool:
    other = _room(name)
    if room == other:
        return True
    if room in ASIDE:
        return bool({other, name} & ASIDE[room])
    if any({room, other} <= strangers for strangers in APART):
        return False
    mine = _level(room)
    if other in PLAIN | DATA:
        return mine <= _level("connection")
    return other not in ASIDE and mine <= _level(other)


def _level(room: str) -> int:
    return next(level for level, rooms in enumerate(ORDER) if room in rooms)


def _name(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def _room(name: str) -> str:
    return name.partition(".")[0]


def _imported(path: Path) -> set[str]:
    """Our modules that it imports, wherever in the file."""
    found = set()
    package = list(path.with_suffix("").parts[:-1])
    for node in _imports(path):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            base += node.module.split(".") if node.module else []
            for alias in node.names:
                inside = ".".join([*base, alias.name])
                is_module = (ROOT / (inside.replace(".", "/") + ".py")).is_file()
                found.add(inside if is_module else ".".join(base))
    return found


def _foreign(path: Path) -> Iterator[str]:
    for node in _imports(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif not node.level:
            yield node.module or ""


def _imports(path: Path) -> Iterator[ast.Import | ast.ImportFrom]:
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
