"""A dispenser's command that moves no notes, and counts how often it was told to."""

import json
from pathlib import Path

from support.fake_device import FakeDevice

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


class FakeMotor(FakeDevice):
    """The dispenser; it has notes until it is not fit."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "dispenser", _SCRIPT)

    def brings(self, notes: int, sats: int) -> None:
        self.says(f"moving\n{json.dumps({'notes': notes, 'sats': sats})}\n")

    @property
    def gate(self) -> Path:
        """Made with os.mkfifo, it holds the motor up until something is written to it."""
        return self._folder / "gate"
