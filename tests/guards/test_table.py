"""Each guard that can be taken out stands where it is looked for, and its test is there."""

import re
from pathlib import Path

import pytest
from support.guards import GUARDS, ROOT, Guard

TESTS = Path(__file__).parent.parent


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.what)
def test_it_stands_where_it_is_looked_for(guard: Guard) -> None:
    code = (ROOT / guard.file).read_text()
    assert code.count(guard.code) == 1
    if guard.file.endswith(".py"):
        compile(code.replace(guard.code, guard.without), guard.file, "exec")
    file, _, test = guard.test.partition("[")[0].partition("::")
    assert re.search(rf"def {test}\(" if test else "def test_", (TESTS / file).read_text())
