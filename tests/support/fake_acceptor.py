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
    echo "${out%.notes} $(tail -n 1 "$here/says")" >> "$here/took"
    # One line after the other, where the customer takes so many seconds for a note.
    while [ -e "$here/pause" ] && read -r line; do
        echo "$line"
        sleep "$(cat "$here/pause")"
    done < "$here/says"
    [ -e "$here/pause" ] || cat "$here/says"
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

    def slowly(self, seconds: float | None) -> None:
        """A note takes so long; None: all are in at once."""
        pause = self._folder / "pause"
        if seconds is None:
            pause.unlink(missing_ok=True)
        else:
            pause.write_text(str(seconds))

    @property
    def took(self) -> list[tuple[str, int | None]]:
        """The machine's ids of the orders for which it took notes, once for each run, and the sats
        that they were worth in the end; None: it did not say."""
        return [(key, _sats(said)) for key, _, said in map(_parted, self._lines("took"))]

    def waits(self) -> None:
        """It takes notes until its standard input ends."""
        (self._folder / "waits").touch()


def _parted(line: str) -> tuple[str, str, str]:
    return line.partition(" ")


def _sats(said: str) -> int | None:
    try:
        return int(json.loads(said)["sats"])
    except ValueError:
        return None
