"""What holds for every script of the page."""

from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "static"


@pytest.mark.parametrize("script", sorted(STATIC.rglob("*.js")), ids=lambda path: path.stem)
def test_its_texts_outlive_the_part_that_asked_for_them(script: Path) -> None:
    """`$t` is taken from a part that leaves the page; shared.js has one that stays."""
    assert ".$t" not in script.read_text()


def test_every_part_has_its_markup() -> None:
    """Under the name that it is used by, for LNbits has but one list of names."""
    scripts = sorted(STATIC.glob("parts/*.js"))
    assert [file.stem for file in sorted(STATIC.glob("parts/*.vue"))] == [
        file.stem for file in scripts
    ]
    for script in scripts:
        name = f"spirekeeper-{script.stem}"
        assert f"window.app.component('{name}', {{\n  template: '#{name}',\n" in script.read_text()
        assert script.with_suffix(".vue").read_text().startswith(f'<template id="{name}">\n')
