"""An acceptor's command that has no slot, and counts how often it was told to take notes."""

import json
from pathlib import Path

from support.fake_device import FakeDevice

_SCRIPT = """#!/bin/sh
here=${0%/*}
case $1 in
check) exit "$(cat "$here/check")" ;;
accept)
    # Its order is in the name of the file that it prints to.
    out=$(readlink "/proc/$$/fd/1")
    out=${out##*/}
    echo "${out%.notes}" >> "$here/ran_for"
    echo "$2" >> "$here/ran"
    cat "$here/says"
    # Until it is told to take no more, where it waits for that.
    [ ! -e "$here/waits" ] || cat > /dev/null ;;
esac
"""


class FakeAcceptor(FakeDevice):
    """The acceptor."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "acceptor", _SCRIPT)

    def takes(self, *sats: int) -> None:
        """Notes worth so much, one after the other."""
        so_far = [{"notes": each + 1, "sats": sum(sats[: each + 1])} for each in range(len(sats))]
        self.says("".join(f"{json.dumps(line)}\n" for line in so_far or [{"notes": 0, "sats": 0}]))

    def waits(self) -> None:
        """It takes notes until its standard input ends."""
        (self._folder / "waits").touch()
