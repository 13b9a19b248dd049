"""Something of an operator's has changed: whoever shows or watches it hears of it.

Whoever writes what is shown or watched announces it, right after it is written, so that no caller
has to remember to. A listener returns at once, never fails, and makes one piece of work of many
announcements. The other processes of this LNbits are told by `upkeep/other_processes.py`.
"""

from collections.abc import Callable

Listener = Callable[[str], None]
"""Takes the operator's id."""

_listeners: list[Listener] = []
_untold: set[str] = set()
"""The operators of whom the other processes have not been told yet."""


def listen(listener: Listener) -> None:
    """From now on it hears of every change, once of each."""
    if listener not in _listeners:
        _listeners.append(listener)


def stop_listening(listener: Listener) -> None:
    if listener in _listeners:
        _listeners.remove(listener)


def announce_changed(operator_user_id: str) -> None:
    """Machines of this operator's, or what happened to them, are not as they were."""
    _untold.add(operator_user_id)
    pass_on(operator_user_id)


def pass_on(operator_user_id: str) -> None:
    """The same, as another process has told."""
    for listener in _listeners:
        listener(operator_user_id)


def take_untold() -> set[str]:
    """Of whom the other processes are to be told now; each change is taken once."""
    taken = set(_untold)
    _untold.clear()
    return taken
