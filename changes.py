"""Something of an operator's has changed: whoever shows or watches it hears of it.

Whoever writes what is shown or watched announces it, right after it is written, so that no caller
has to remember to. A listener returns at once, never fails, and makes one piece of work of many
announcements.
"""

from collections.abc import Callable

Listener = Callable[[str], None]
"""Takes the operator's id."""

_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """From now on it hears of every change, once of each."""
    if listener not in _listeners:
        _listeners.append(listener)


def stop_listening(listener: Listener) -> None:
    if listener in _listeners:
        _listeners.remove(listener)


def announce_changed(operator_user_id: str) -> None:
    """Machines of this operator's, or what happened to them, are not as they were."""
    for listener in _listeners:
        listener(operator_user_id)
