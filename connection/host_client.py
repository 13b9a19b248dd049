"""Parts that an LNbits build may bring itself: a client of the bunker, and a register of rosters.

Stock LNbits has neither. They are looked for among the modules that LNbits has imported under
`lnbits.core`, and nothing is imported for it. One is used only if all our calls fit its signatures.
"""

import inspect
import sys
from collections.abc import Callable
from typing import Any

from ..bunker.client import NsecBunkerAdminClient
from ..bunker.interface import BunkerAdmin

_CONSTRUCTION = ("bunker_pubkey", "relays", "admin_secret", "deadline", "on_request")


def admin_client() -> Callable[..., BunkerAdmin]:
    """The host's client if all our calls fit it, otherwise ours."""
    for found in _named("NsecBunkerAdminClient"):
        if _is_admin(found):
            return found  # type: ignore[no-any-return]
    return NsecBunkerAdminClient


def register_of_rosters() -> Callable[[Any], object] | None:
    """The host's `register_roster_resolver`, if there is one that takes one function."""
    for found in _named("register_roster_resolver"):
        if callable(found) and not inspect.iscoroutinefunction(found) and _binds(found, 1):
            return found  # type: ignore[no-any-return]
    return None


def _named(name: str) -> list[Any]:
    modules = [
        module for path, module in sorted(sys.modules.items()) if path.startswith("lnbits.core.")
    ]
    return [vars(module)[name] for module in modules if name in vars(module)]


def _is_admin(candidate: Any) -> bool:
    wanted = {name: value for name, value in vars(BunkerAdmin).items() if name[0] != "_"}
    return (
        inspect.isclass(candidate)
        and _binds(candidate, 0, _CONSTRUCTION)
        and all(_takes_all(getattr(candidate, name, None), ours) for name, ours in wanted.items())
    )


def _takes_all(theirs: Any, ours: Callable[..., Any]) -> bool:
    """Whether it is awaitable and takes every argument of ours, by place and by name."""
    names = tuple(inspect.signature(ours).parameters)[1:]
    return (
        inspect.iscoroutinefunction(theirs)
        and _binds(theirs, 1 + len(names))
        and _binds(theirs, 1, names)
    )


def _binds(function: Callable[..., Any], places: int, names: tuple[str, ...] = ()) -> bool:
    try:
        inspect.signature(function).bind(*[None] * places, **dict.fromkeys(names))
    except (TypeError, ValueError):
        return False
    return True
