"""Where an LNbits build has a Nostr transport of its own, the calls of kind 21000 are registered
with it: what a machine asks of the host's key is answered as what it asks of its service key.

The host has opened and verified the event. Who asks is the key that it hands over as the sender's,
never a word of the body. What is addressed to a service key stays ours, and one event is answered
once, whichever way it came.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from secrets import token_hex
from typing import Any

from loguru import logger
from pydantic import BaseModel

from ..clock import Clock, utc_now
from ..connection.host_client import register_of_calls
from . import rpc21000
from .answers import Refusal, Silence, Why
from .cash_in import Payment
from .service import answer_to, take
from .who import asker_of

REGISTERED = {"get_order" if name == "get_payment" else name: name for name in rpc21000.NAMES}
"""By the name there, what we call it: a host has a `get_payment` of its own, for everybody."""

NOT_YOU = Refusal(Why.DENIED, "Cash is for a machine that its operator has confirmed, now.")
BEFORE = Refusal(Why.DENIED, "This event was answered before: ask with a new one.")
UNCLEAR = Refusal(Why.UNSUPPORTED, "The host does not say who asks, and what.")

_serving = False


class NotAnswered(Exception):
    """What the host is to put into `error`."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(rpc21000.error_text(refusal))


def start(clock: Clock = utc_now) -> None:
    """Registers the calls with the host, if it has a register; says so once in the log."""
    global _serving  # noqa: PLW0603 - one extension in the process
    _serving = True
    found = register_of_calls()
    if found is None:
        return
    register, level = found
    try:
        for name, call in REGISTERED.items():
            register(name, _handler(call, clock), level)
    except Exception as error:  # the host's code; our own service goes on without it
        logger.warning(f"The host did not take the calls about cash: {type(error).__name__}")
        return
    names = ", ".join(REGISTERED)
    logger.info(f"spirekeeper answers {names} over the host's transport too, each event once")


def stop() -> None:
    """Answers nothing from now on: the host has no call to take it back."""
    global _serving  # noqa: PLW0603
    _serving = False


def _handler(call: str, clock: Clock) -> Callable[..., Awaitable[dict[str, Any]]]:
    async def handle(*places: Any, **named: Any) -> dict[str, Any]:
        return await _answered(call, partial(_handed, places, named), clock)

    return handle


async def _answered(call: str, handed: Callable[..., Any], clock: Clock) -> dict[str, Any]:
    """The data of a yes. Raises NotAnswered."""
    sender, body = handed("sender_pubkey", "nostr_sender_pubkey"), handed("body")
    if not (_serving and isinstance(sender, str) and isinstance(body, dict)):
        raise NotAnswered(UNCLEAR)
    event_id = handed("event_id", "nostr_event_id")
    asker = await asker_of(sender, None, str(event_id or token_hex(32)), clock)
    if isinstance(asker, Silence):
        raise NotAnswered(NOT_YOU)
    wallet = handed("wallet")
    wallet = getattr(wallet, "wallet", wallet)  # as LNbits' own WalletTypeInfo has it
    if wallet is not None and getattr(wallet, "id", wallet) != asker.wallet_id:
        raise NotAnswered(NOT_YOU)
    now = clock()
    taken = await take(asker, now, now)
    if taken is not True:
        raise NotAnswered(taken or BEFORE)
    asked = rpc21000.parse_call(call, body, asker.limits)
    answer = asked if isinstance(asked, Refusal) else await answer_to(asker, asked, clock)
    if isinstance(answer, Refusal):
        raise NotAnswered(answer)
    if isinstance(answer, Payment):
        raise NotAnswered(UNCLEAR)  # kind 21002 is not registered
    return rpc21000.data(answer)


def _handed(places: Sequence[Any], named: Mapping[str, Any], *names: str) -> Any:
    """What the host hands over under one of these names, as an argument or as a part of one; None
    when it is not there, or is two things. How a host calls is not public, its words are."""
    found = [named[name] for name in names if name in named]
    if not found:
        for argument in (*places, *named.values()):
            found += [vars(argument)[name] for name in names if name in _parts(argument)]
    if not found and names == ("body",):
        found = [argument for argument in places if isinstance(argument, dict)]
    return found[0] if found and all(each == found[0] for each in found) else None


def _parts(argument: Any) -> set[str]:
    """What an object has been given; of a model what it declares, for the rest is the asker's."""
    parts = set(getattr(argument, "__dict__", ()))
    return parts & set(argument.__fields__) if isinstance(argument, BaseModel) else parts
