"""What one request has had done: every SQL statement in order, and every call to the bunker."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

_work: ContextVar[list[str] | None] = ContextVar("work", default=None)
"""Tasks inherit it, so what runs in the background for nobody here is not in it."""


@contextmanager
def recorded(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Grows while the block runs."""
    from spirekeeper.bunker.client import NsecBunkerAdminClient

    call = NsecBunkerAdminClient._call

    async def seen(self: Any, request: Any, *args: Any, **more: Any) -> Any:
        _note(f"bunker: {request}")
        return await call(self, request, *args, **more)

    def statement(_connection: Any, _cursor: Any, sql: str, values: Any, *_: Any) -> None:
        _note(f"{sql} {values}")

    work: list[str] = []
    token = _work.set(work)
    with monkeypatch.context() as patch:
        patch.setattr(NsecBunkerAdminClient, "_call", seen)
        event.listen(Engine, "before_cursor_execute", statement)
        try:
            yield work
        finally:
            event.remove(Engine, "before_cursor_execute", statement)
            _work.reset(token)


def _note(what: str) -> None:
    work = _work.get()
    if work is not None:
        work.append(what)
