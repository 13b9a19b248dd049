"""What an event tells before it is opened: whether it is for us, and whether it is fresh; and the
tags of its answer. Pure."""

from collections.abc import Sequence
from datetime import datetime

from ..nostr.events import Event
from .answers import ClockDelta, Refusal, Silence, Why
from .clink import KINDS as CLINK_KINDS
from .clink import VERSION
from .rpc21000 import RPC_KIND

KINDS = CLINK_KINDS | {RPC_KIND}
LARGEST_CONTENT = 16 * 1024
"""Bytes, as it is encrypted."""
OLDEST_MS = 300_000
EARLIEST_MS = 60_000


def to_ignore(event: Event, service_pubkey: str) -> Silence | None:
    """Why an event is no request to this key; None when it is one. Costs no cryptography."""
    if event.kind not in KINDS:
        return Silence.OTHER_KIND
    if _values(event, "p") != [service_pubkey]:
        return Silence.OTHER_RECIPIENT
    if len(event.content.encode(errors="surrogatepass")) > LARGEST_CONTENT:
        return Silence.TOO_LARGE
    if event.kind not in CLINK_KINDS:
        return None
    versions = _values(event, "clink_version")
    if not versions:
        return Silence.NO_VERSION
    return None if set(versions) == {VERSION} else Silence.OTHER_VERSION


def not_fresh(created_at: int, now: datetime) -> Refusal | None:
    """The refusal of an event that is too old or too far ahead; None when it is neither."""
    age = round(now.timestamp() * 1000) - created_at * 1000
    if age > OLDEST_MS:
        words = f"The request was made {age} ms ago by our clock; {OLDEST_MS} are the most."
        return _clock(words, ClockDelta(OLDEST_MS, age))
    if age < -EARLIEST_MS:
        words = f"The request is dated {-age} ms ahead of our clock; {EARLIEST_MS} are the most."
        return _clock(words, ClockDelta(EARLIEST_MS, -age))
    return None


def answer_tags(kind: int, machine_pubkey: str, request_id: str) -> list[list[str]]:
    """Those of an answer to a request of this kind."""
    tags = [["p", machine_pubkey], ["e", request_id]]
    return tags + ([["clink_version", VERSION]] if kind in CLINK_KINDS else [])


def _clock(words: str, delta: ClockDelta) -> Refusal:
    return Refusal(Why.CLOCK, f"{words} Set the machine's clock.", delta=delta)


def _values(event: Event, name: str) -> Sequence[str]:
    return [tag[1] if len(tag) > 1 else "" for tag in event.tags if tag and tag[0] == name]
