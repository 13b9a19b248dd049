"""An acceptor's command that has no slot, and counts how often it was told to take notes."""

import json
from pathlib import Path

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


class FakeAcceptor:
    """`command` is the acceptor; `ran` is what it was told to accept, each time, and `ran_for` the
    machine's ids of the orders."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self.command = str(folder / "acceptor")
        (folder / "acceptor").write_text(_SCRIPT)
        (folder / "acceptor").chmod(0o755)
        self.works(True)
        self.says("")

    def works(self, yes: bool) -> None:
        (self._folder / "check").write_text("0" if yes else "1")

    def takes(self, *sats: int) -> None:
        """Notes worth so much, one after the other."""
        so_far = [{"notes": each + 1, "sats": sum(sats[: each + 1])} for each in range(len(sats))]
        self.says("".join(f"{json.dumps(line)}\n" for line in so_far or [{"notes": 0, "sats": 0}]))

    def says(self, text: str) -> None:
        (self._folder / "says").write_text(text)

    def waits(self) -> None:
        """It takes notes until its standard input ends."""
        (self._folder / "waits").touch()

    def is_gone(self) -> None:
        """As if it were not installed."""
        (self._folder / "acceptor").unlink()

    @property
    def ran(self) -> list[str]:
        return self._lines("ran")

    @property
    def ran_for(self) -> list[str]:
        return self._lines("ran_for")

    def _lines(self, name: str) -> list[str]:
        file = self._folder / name
        return file.read_text().splitlines() if file.exists() else []
