"""Changing the environment in a test, and having spirekeeper read it again.

spirekeeper reads its settings once, when LNbits starts. A test that changes one means an LNbits
that was started with it.
"""

import sys
from typing import Any

import pytest

PREFIX = "SPIREKEEPER_"


class SettingsPatch(pytest.MonkeyPatch):
    """pytest's own, and what it does to our variables is read at once."""

    def setenv(self, name: str, value: str, prepend: str | None = None) -> None:
        super().setenv(name, value, prepend)
        _read_again(name)

    def delenv(self, name: str, raising: bool = True) -> None:
        super().delenv(name, raising)
        _read_again(name)

    def undo(self) -> None:
        super().undo()
        _read_again(PREFIX)


def _read_again(name: str) -> None:
    environment: Any = sys.modules.get("spirekeeper.connection.environment")
    if environment is not None and name.startswith(PREFIX):
        environment.read()
