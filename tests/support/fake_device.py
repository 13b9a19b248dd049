"""What the commands of a machine's motor and slot have in common in tests: they count runs."""

from pathlib import Path


class FakeDevice:
    """`command` is the program; `ran` is what it was told to do, each time, and `ran_for` the
    machine's ids of the orders."""

    def __init__(self, folder: Path, name: str, script: str) -> None:
        folder.mkdir()
        self._folder = folder
        self._program = folder / name
        self.command = str(self._program)
        self._program.write_text(script)
        self._program.chmod(0o755)
        self.is_fit(True)
        self.says("")

    def is_fit(self, yes: bool) -> None:
        """Whether it can do what it is asked."""
        (self._folder / "check").write_text("0" if yes else "1")

    def says(self, text: str) -> None:
        (self._folder / "says").write_text(text)

    def is_gone(self) -> None:
        """As if it were not installed."""
        self._program.unlink()

    @property
    def ran(self) -> list[str]:
        return self._lines("ran")

    @property
    def ran_for(self) -> list[str]:
        return self._lines("ran_for")

    def _lines(self, name: str) -> list[str]:
        file = self._folder / name
        return file.read_text().splitlines() if file.exists() else []
