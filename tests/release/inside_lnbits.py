"""Runs uvicorn; at SIGUSR1 it writes what of the extension is loaded and running, as JSON into the
file that $INSIDE names.

The tree that is tested is installed in place in this environment: it is put out of the way, so that
whatever a release lacks is missing.
"""

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import uvicorn

OURS = re.compile(r"(lnbits\.extensions\.)?spirekeeper(\.|$)")


def tell(*_: object) -> None:
    """`modules`: by name, the file of each. `tasks`: the name of each that runs ours, and which of
    its modules are not the loaded ones of their name but older."""
    loaded = {name: module for name, module in sys.modules.items() if OURS.match(name)}
    tasks = []
    for task in asyncio.all_tasks():
        found = [names for names in _names_of(task) if OURS.match(names["__name__"])]
        old = [names for names in found if names is not _names_in(loaded, names["__name__"])]
        if found:
            names_of_old = sorted({str(names["__name__"]) for names in old})
            tasks.append({"name": task.get_name(), "older": names_of_old})
    told = {"modules": {name: module.__file__ for name, module in loaded.items()}, "tasks": tasks}
    file = Path(os.environ["INSIDE"])
    unfinished = file.with_suffix(".part")
    unfinished.write_text(json.dumps(told))
    unfinished.rename(file)


def _names_of(task: "asyncio.Task[Any]") -> Iterator[dict[str, Any]]:
    """The globals of what it runs: each coroutine that it waits for, one inside the other, and the
    functions that those call again and again."""
    awaited: Any = task.get_coro()
    while awaited is not None:
        frame = getattr(awaited, "cr_frame", None)
        if frame is not None:
            yield frame.f_globals
            functions = [each for each in frame.f_locals.values() if isinstance(each, FunctionType)]
            yield from (each.__globals__ for each in functions)
        awaited = getattr(awaited, "cr_await", None)


def _names_in(loaded: dict[str, ModuleType], name: str) -> dict[str, Any] | None:
    return vars(loaded[name]) if name in loaded else None


sys.meta_path[:] = [finder for finder in sys.meta_path if "__editable__" not in repr(finder)]
signal.signal(signal.SIGUSR1, tell)
uvicorn.main()
