"""When a benchmark ends well."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

REPORT = Path(__file__).parents[2] / "benchmarks" / "report.py"


@pytest.fixture
def report(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = spec_from_file_location("report", REPORT)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "report", module)  # dataclasses look there
    spec.loader.exec_module(module)
    return module


def test_a_figure_on_either_side_of_its_target(report: ModuleType) -> None:
    section = report.Section("both")
    section.add("low enough", 3, at_most=3)
    section.add("high enough", 0.8, at_least=0.8)
    assert section.met
    section.add("too high", 3.1, at_most=3)
    assert not section.met
    assert "MISSED" in section.text()


def test_what_was_not_measured_was_not_met(report: ModuleType) -> None:
    section = report.Section("nothing", unmeasured="no browser")
    assert not section.met
    assert "NOT MEASURED, and so not met: no browser" in section.text()
    assert section.as_json()["unmeasured"] == "no browser"
