"""A dispenser's command that moves no notes, and counts how often it was told to."""

import json
from pathlib import Path

_SCRIPT = """#!/bin/sh
here=${0%/*}
case $1 in
check) exit "$(cat "$here/check")" ;;
dispense)
    # Its order is in the name of the file that it prints to.
    out=$(readlink "/proc/$$/fd/1")
    out=${out##*/}
    echo "${out%.motor}" >> "$here/ran_for"
    echo "$2 $3" >> "$here/ran"
    # Until the test opens the gate, where there is one.
    [ ! -p "$here/gate" ] || read -r opened < "$here/gate"
    cat "$here/says" ;;
esac
"""


class FakeMotor:
    """`command` is the dispenser; `ran` is what it was told to dispense, each time, and `ran_for`
    the machine's ids of the orders."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self.command = str(folder / "dispenser")
        (folder / "dispenser").write_text(_SCRIPT)
        (folder / "dispenser").chmod(0o755)
        self.has_notes(True)
        self.says("")

    def has_notes(self, yes: bool) -> None:
        (self._folder / "check").write_text("0" if yes else "1")

    def brings(self, notes: int, sats: int) -> None:
        self.says(f"moving\n{json.dumps({'notes': notes, 'sats': sats})}\n")

    def says(self, text: str) -> None:
        (self._folder / "says").write_text(text)

    def is_gone(self) -> None:
        """As if it were not installed."""
        (self._folder / "dispenser").unlink()

    @property
    def gate(self) -> Path:
        """Made with os.mkfifo, it holds the motor up until something is written to it."""
        return self._folder / "gate"

    @property
    def ran(self) -> list[str]:
        return self._lines("ran")

    @property
    def ran_for(self) -> list[str]:
        return self._lines("ran_for")

    def _lines(self, name: str) -> list[str]:
        file = self._folder / name
        return file.read_text().splitlines() if file.exists() else []
