"""The text format that Prometheus reads. LNbits installs no packages for an extension."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

MEDIA_TYPE = "text/plain; version=0.0.4"
_ESCAPED = {ord("\\"): "\\\\", ord('"'): '\\"', ord("\n"): "\\n"}


@dataclass(frozen=True)
class Metric:
    """One thing that is measured: a number, or one by each value of `label`."""

    name: str
    words: str
    value: float | None = None
    """None: not known, or there are several."""
    kind: Literal["gauge", "counter"] = "gauge"
    label: str = ""
    values: Mapping[str, float | None] = field(default_factory=dict)

    @property
    def lines(self) -> list[str]:
        """What is not known has no line."""
        by_label = {
            f'{self.name}{{{self.label}="{each.translate(_ESCAPED)}"}}': value
            for each, value in self.values.items()
        }
        samples = {self.name: self.value, **by_label}
        return [f"{name} {value:.15g}" for name, value in samples.items() if value is not None]


def written(metrics: Iterable[Metric]) -> str:
    """All of them, with what each is."""
    lines: list[str] = []
    for metric in metrics:
        lines += [f"# HELP {metric.name} {metric.words}", f"# TYPE {metric.name} {metric.kind}"]
        lines += metric.lines
    return "\n".join(lines) + "\n"
