"""The guards that stand between a mistake and a loss, and for each the test that fails without it.

`make guards` takes them out one after the other, in a copy of this repository, and runs the test
named; `make guards GUARDS=roster` only those whose name begins so. It ends with 1 when a test
passes all the same. Half a minute each, so it is run by hand; `tests/guards` sees that each guard
can be taken out, and that its test is there.
"""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copy2
from tempfile import TemporaryDirectory

from guards import (
    cash_in,
    cash_kills,
    cash_wire,
    doors,
    machine_cash,
    pairings,
    relays_and_spire,
    roster_and_cuts,
    traps,
)
from guards.edits import Guard, Guards, NotFound, PageGuard, on_the_page, without
from support.defined_tests import ROOT, defined_tests

PATIENCE = 900.0
OF_THE_PAGE: Guards = {
    "camera: the whole key": (
        on_the_page(
            "static/parts/camera.js",
            "keys.has(this.pubkey)",
            "[...keys].some(key => key.startsWith(this.pubkey.slice(0, 10)))",
        ),
        "test_another_key_can_only_be_refused_however_alike_it_looks",
    ),
    "camera: no Yes after another key": (
        on_the_page("static/parts/pair.vue", """:disable="seen === 'other'\"""", ""),
        "test_another_key_can_only_be_refused_however_alike_it_looks",
    ),
}
GUARDS: Guards = {
    **roster_and_cuts.GUARDS,
    **pairings.GUARDS,
    **traps.GUARDS,
    **doors.GUARDS,
    **relays_and_spire.GUARDS,
    **cash_wire.GUARDS,
    **cash_in.GUARDS,
    **cash_kills.GUARDS,
    **machine_cash.GUARDS,
    **OF_THE_PAGE,
}


def file_of(guard: Guard | PageGuard) -> Path:
    """Relative to the root of the repository."""
    if isinstance(guard, PageGuard):
        return Path(guard.file)
    # Not by import: LNbits, once it runs in this process, has the package elsewhere.
    inside = Path(*guard.module.split(".")[1:])
    for file in (inside.with_suffix(".py"), inside / "__init__.py"):
        if (ROOT / file).is_file():
            return file
    raise NotFound(guard.module)


def taken_out(guard: Guard | PageGuard) -> str:
    """The text of its file without it."""
    source = (ROOT / file_of(guard)).read_text()
    if isinstance(guard, Guard):
        return without(source, guard.symbol, guard.edit)
    if source.count(guard.piece) != 1:
        raise NotFound(f"{guard.piece!r} stands there {source.count(guard.piece)} times")
    return source.replace(guard.piece, guard.other)


@contextmanager
def copied() -> Iterator[Path]:
    """The repository as it stands in the working tree, to be imported from there."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    with TemporaryDirectory(prefix="spirekeeper-guards-") as folder:
        copy = Path(folder, "spirekeeper")
        for name in filter(None, listed.stdout.split("\0")):
            if (ROOT / name).is_file():
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                copy2(ROOT / name, copy / name)
        yield copy


def passes(copy: Path, tests: Iterable[str]) -> bool:
    """What does not end in time does not pass."""
    where = defined_tests()
    named = [f"{where[test.partition('[')[0]][0]}::{test}" for test in tests]
    try:
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *named],
            cwd=copy,
            env={**os.environ, "PYTHONPATH": str(copy.parent)},
            check=False,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        return False
    if done.returncode not in (0, 1):
        raise SystemExit(f"the tests could not be run:\n{done.stdout}{done.stderr}")
    return done.returncode == 0


def caught(copy: Path, guard: Guard | PageGuard, test: str) -> bool:
    """Whether the test fails without the guard."""
    file = copy / file_of(guard)
    whole = file.read_text()
    file.write_text(taken_out(guard))
    try:
        return not passes(copy, [test])
    finally:
        file.write_text(whole)


def main(names: tuple[str, ...]) -> int:
    """1 when a test passes without its guard, or fails with it."""
    guards = {what: each for what, each in GUARDS.items() if not names or what.startswith(names)}
    good = True
    with copied() as copy:
        for what, (guard, test) in guards.items():
            seen = caught(copy, guard, test)
            good = good and seen
            word = "caught" if seen else "NOT CAUGHT"
            sys.stdout.write(f"{word}: {what} ({test})\n")
            sys.stdout.flush()
        if not passes(copy, {test: None for _, test in guards.values()}):
            sys.stdout.write("THE TESTS FAIL WITH THE GUARDS TOO\n")
            good = False
    return int(not good)


if __name__ == "__main__":
    sys.exit(main(tuple(sys.argv[1:])))
