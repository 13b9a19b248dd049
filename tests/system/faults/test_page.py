"""docs/faults.md is what the table of faults prints."""

from system.faults.fault_page import PAGE, page


def test_the_page_is_the_table() -> None:
    assert PAGE.read_text() == page(), "PYTHONPATH=tests python -m system.faults.fault_page"
