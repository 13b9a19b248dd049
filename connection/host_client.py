"""Parts that an LNbits build may bring itself: a client of the bunker, a register of rosters, and
one of what is answered over a Nostr transport of its own.

Stock LNbits has none of them. They are looked for among the modules that LNbits has imported under
`lnbits.core`, and nothing is imported for it. Of a client only the calls are used that ours bind
to, by the names that are publicly known of it.
"""

import inspect
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lnbits.settings import settings as lnbits_settings

from ..bunker.address import AddressError, BunkerAddress


@dataclass(frozen=True)
class _Call:
    """How one of the client's calls is made: what its parameters are called, as far as they go by
    place, and those that are named."""

    places: tuple[str, ...]
    named: tuple[str, ...] = ()


_CORE = "lnbits.core."
_KEY = "key|name"
_CALLS = {
    "create_new_key": _Call((_KEY,), ("passphrase",)),
    "create_new_token": _Call((_KEY, "client", "policy"), ("duration_hours",)),
    "add_policy_rule": _Call(("policy",), ("method", "kind")),
    "revoke_key_user": _Call((_KEY,)),
}
"""What changes something. What is read decides who may sign as a machine, so it is read by our own
client alone: another may leave out those who were revoked."""


@dataclass(frozen=True)
class HostClient:
    """The host's class, and which of its calls we use."""

    kind: Any
    calls: frozenset[str]


def host_client() -> HostClient | None:
    """The host's `NsecBunkerAdminClient`, where it is made by `from_settings()` and has a call that
    we can use."""
    for found in _named("NsecBunkerAdminClient"):
        if inspect.isclass(found) and _binds(getattr(found, "from_settings", None), 0):
            calls = {name for name, call in _CALLS.items() if _takes(found, name, call)}
            if calls:
                return HostClient(found, frozenset(calls))
    return None


def is_for(bunker_pubkey: str) -> bool:
    """Whether the host's settings name this bunker, and no other."""
    url = getattr(lnbits_settings, "lnbits_nsec_bunker_url", None)
    try:
        return BunkerAddress.parse(str(url)).pubkey == bunker_pubkey
    except AddressError:
        return False


def register_of_rosters() -> Callable[[Any], object] | None:
    """The host's `register_roster_resolver`, if there is one that takes one function."""
    for found in _named("register_roster_resolver"):
        if not inspect.iscoroutinefunction(found) and _binds(found, 1):
            return found  # type: ignore[no-any-return]
    return None


def register_of_calls() -> tuple[Callable[[str, Any, Any], object], Any] | None:
    """The host's `register_rpc`, if there is one that takes a name, a handler and who may call; and
    the `AUTH_WALLET` beside it: whoever has a wallet."""
    for module in _modules():
        register, level = (vars(module).get(name) for name in ("register_rpc", "AUTH_WALLET"))
        if level is not None and not inspect.iscoroutinefunction(register) and _binds(register, 3):
            return register, level
    return None


def _named(name: str) -> list[Any]:
    return [vars(module)[name] for module in _modules() if name in vars(module)]


def _modules() -> list[Any]:
    return [module for path, module in sorted(sys.modules.items()) if path.startswith(_CORE)]


def _takes(kind: Any, name: str, call: _Call) -> bool:
    """Whether it is awaitable, and its parameters are what we take them for."""
    theirs = getattr(kind, name, None)
    if not inspect.iscoroutinefunction(theirs) or not _binds(
        theirs, 1 + len(call.places), call.named
    ):
        return False
    called = list(inspect.signature(theirs).parameters)[1:]
    return len(called) >= len(call.places) and all(
        re.search(words, own) for words, own in zip(call.places, called, strict=False)
    )


def _binds(function: Any, places: int, names: tuple[str, ...] = ()) -> bool:
    try:
        inspect.signature(function).bind(*[None] * places, **dict.fromkeys(names))
    except (TypeError, ValueError):
        return False
    return True
