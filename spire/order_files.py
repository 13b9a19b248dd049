"""Orders on the disk, each in a file of its own that is synced before the next thing is done."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path
from secrets import token_hex
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from .errors import SpireError
from .state import locked_folder, write_whole


class Filed(Protocol):
    """A dataclass of whatever is sold."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def id(self) -> str: ...
    @property
    def made_at(self) -> str: ...


O = TypeVar("O", bound=Filed)  # noqa: E741


class OrderFiles(Generic[O]):
    """Those in one folder; `read` makes an order of what is in a file."""

    def __init__(self, folder: Path, read: Callable[[Mapping[str, Any]], O]) -> None:
        self._folder = folder
        self._read = read

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One `spire` at a time serves a customer."""
        with locked_folder(self._folder):
            yield

    def all(self) -> list[O]:
        """The oldest first."""
        orders = [self._order(path) for path in self._folder.glob("*.json")]
        return sorted(orders, key=lambda order: (order.made_at, order.id))

    def write(self, order: O) -> O:
        """The same order, which is on the disk now."""
        path = self._folder / f"{order.id}.json"
        write_whole(path, json.dumps(asdict(order), indent=2) + "\n")
        return order

    def output(self, order: O, name: str) -> Path:
        """What a program prints for an order."""
        return self._folder / f"{order.id}.{name}"

    def _order(self, path: Path) -> O:
        try:
            return self._read(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            raise SpireError(
                f"{path} cannot be read, so what became of an order is not known. Ask the "
                "operator, and move it away."
            ) from None


def random_id() -> str:
    """128 bits, as an order and an attempt are called."""
    return token_hex(16)


def now_text() -> str:
    """RFC 3339 in UTC."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")
