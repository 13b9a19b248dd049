"""What a benchmark found: figures with their targets, for people and as JSON."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Figure:
    """One number; with a `target` it can be missed."""

    name: str
    value: float
    unit: str = ""
    target: float | None = None
    sense: Literal["at most", "at least"] = "at most"

    @property
    def met(self) -> bool:
        if self.target is None:
            return True
        return self.value <= self.target if self.sense == "at most" else self.value >= self.target

    def line(self) -> str:
        aim = "" if self.target is None else f"{self.sense} {_short(self.target)}"
        verdict = "" if self.target is None else ("met" if self.met else "MISSED")
        return (
            f"  {self.name:<66}{_short(self.value):>10} {self.unit:<9}{aim:<16}{verdict}".rstrip()
        )


@dataclass
class Section:
    """The figures of one question."""

    title: str
    figures: list[Figure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unmeasured: str | None = None
    """Why there are no figures. What was not measured was not met."""

    def add(
        self,
        name: str,
        value: float,
        unit: str = "",
        *,
        at_most: float | None = None,
        at_least: float | None = None,
    ) -> None:
        if at_least is not None:
            self.figures.append(Figure(name, value, unit, at_least, "at least"))
        else:
            self.figures.append(Figure(name, value, unit, at_most))

    def note(self, text: str) -> None:
        self.notes.append(text)

    @property
    def met(self) -> bool:
        return self.unmeasured is None and all(figure.met for figure in self.figures)

    def text(self) -> str:
        lines = [self.title, *(figure.line() for figure in self.figures)]
        if self.unmeasured is not None:
            lines.append(f"  NOT MEASURED, and so not met: {self.unmeasured}")
        return "\n".join([*lines, *(f"  {note}" for note in self.notes)])

    def as_json(self) -> dict[str, object]:
        figures = [{**vars(figure), "met": figure.met} for figure in self.figures]
        return {
            "title": self.title,
            "figures": figures,
            "notes": self.notes,
            "unmeasured": self.unmeasured,
        }


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.2f}"
