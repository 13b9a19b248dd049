"""Each guard can be taken out, and the test that then fails is there, once."""

import pytest
from guards.edits import Guard, NotFound, always, drop, instead, never, skip, without
from guards.run import GUARDS, taken_out
from support.defined_tests import defined_tests


@pytest.mark.parametrize("what", GUARDS)
def test_it_can_be_taken_out_and_its_test_is_there(what: str) -> None:
    guard, test = GUARDS[what]
    changed = taken_out(guard)
    if isinstance(guard, Guard):
        compile(changed, guard.module, "exec")
    assert len(defined_tests()[test.partition("[")[0]]) == 1


CODE = """
class Roster:
    def entry(self, machine):
        if machine is None or (machine.cut and machine.cut_at):
            return None
        tell(machine)
        return [each for each in machine.keys if each.good]
"""


def test_what_is_taken_out_is_found_by_what_it_names() -> None:
    def line(edit, number):  # type: ignore[no-untyped-def]
        return without(CODE, "Roster.entry", edit).splitlines()[number].strip()

    assert line(never("cut_at"), 3) == "if False:"
    assert line(drop("cut_at"), 3) == "if machine is None or (machine.cut and machine.cut):"
    assert line(skip("tell"), 5) == "pass"
    assert line(always("good"), 6) == "return [each for each in machine.keys if True]"


@pytest.mark.parametrize("edit", [never("gone"), instead("machine", "None"), skip("entry")])
def test_what_is_not_there_once_is_an_error(edit) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(NotFound):
        without(CODE, "Roster.entry", edit)
    with pytest.raises(NotFound):
        without(CODE, "Roster.exit", edit)
