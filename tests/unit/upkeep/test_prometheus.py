"""The text format, as its description has it."""

from spirekeeper.upkeep.prometheus import Metric, written


def test_each_metric_says_what_it_is() -> None:
    text = written(
        [
            Metric("a_seconds", "How long.", 0.25),
            Metric("b_total", "How many.", kind="counter", label="of", values={"x": 3, "y": None}),
            Metric("c", "Not known.", None),
            Metric("d", "Odd names.", label="of", values={'a"b\\c\nd': 1_700_000_000}),
        ]
    )
    assert text.splitlines() == [
        "# HELP a_seconds How long.",
        "# TYPE a_seconds gauge",
        "a_seconds 0.25",
        "# HELP b_total How many.",
        "# TYPE b_total counter",
        'b_total{of="x"} 3',
        "# HELP c Not known.",
        "# TYPE c gauge",
        "# HELP d Odd names.",
        "# TYPE d gauge",
        'd{of="a\\"b\\\\c\\nd"} 1700000000',
    ]
    assert text.endswith("\n")
