"""Good input, spoiled: the same for the same seed, so that a failure can be had again."""

import copy
import gc
import json
import sys
import tracemalloc
from collections.abc import Callable, Iterable, Iterator, Sequence
from random import Random
from types import FrameType
from typing import Any

ODD_TEXTS = [
    "",
    " ",
    "\x00",
    "\x00\x00abc",
    "\n",
    "\r\n\t",
    "\x7f",
    "\x85",
    "\ud800",
    "a\udfffb",
    "\ufeff",
    "\u202eevil",
    "１２",  # noqa: RUF001
    "é" * 50,
    "😀",
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    "../../etc/passwd",
    "%00",
    "%",
    "{{7*7}}",
    "x" * 3000,
    "null",
    "NaN",
    "1e400",
    "0x10",
    "-0",
    "9" * 400,
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "2026-02-30T00:00:00Z",
    "2026-11-22T11:08:14.037Z",
    "ok",
    "error",
    '["ok"]',
    '["error"]',
    "npub1" + "q" * 58,
    "f" * 64,
    "0" * 64,
]
ODD_VALUES: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    1,
    2**31,
    2**53 + 1,
    2**63,
    -(2**64),
    10**300,
    0.0,
    -0.0,
    1.5,
    1e308,
    float("inf"),
    float("-inf"),
    float("nan"),
    [],
    {},
    [[]],
    [None],
    {"": None},
    {"error": "x"},
    {"success": True},
]
ODD_JSON = [
    "",
    " ",
    "nul",
    "NaN",
    "[" * 200_000,
    '{"a":' * 100_000,
    "[" * 50_000 + "]" * 50_000,
    "9" * 5000,
    "-" + "9" * 5000,
    "1e999999",
    '"\\ud800"',
    '"\\u0000"',
    '{"a":1,"a":2}',
    "\ufeff{}",
    "[1,]",
    "'x'",
    "\x00",
]
_ALPHABET = "aZ09 -_=+/\\:;,.@#?&%\"'[]{}()<>|~\x00\n\té\u202e\ud800😀０"  # noqa: RUF001


def spoiled_text(random: Random, texts: Sequence[str]) -> str:
    """One of the texts with one to four changes."""
    text = random.choice(texts)
    for _ in range(random.randint(1, 4)):
        text = random.choice(_TEXT_CHANGES)(random, text, texts)
    return text[:20_000]


def _cut(random: Random, text: str, _texts: Sequence[str]) -> str:
    start, end = _slice(random, text)
    return text[:start] + text[end:]


def _twice(random: Random, text: str, _texts: Sequence[str]) -> str:
    start, end = _slice(random, text)
    return text[:end] + text[start:end] * random.choice([1, 1, 1, 50]) + text[end:]


def _put(random: Random, text: str, _texts: Sequence[str]) -> str:
    at = random.randint(0, len(text))
    return text[:at] + random.choice(ODD_TEXTS) + text[at:]


def _other(random: Random, text: str, _texts: Sequence[str]) -> str:
    if not text:
        return random.choice(_ALPHABET)
    at = random.randrange(len(text))
    return text[:at] + random.choice(_ALPHABET) + text[at + 1 :]


def _splice(random: Random, text: str, texts: Sequence[str]) -> str:
    other = random.choice(texts)
    return text[: random.randint(0, len(text))] + other[random.randint(0, len(other)) :]


def _recase(random: Random, text: str, _texts: Sequence[str]) -> str:
    start, end = _slice(random, text)
    return text[:start] + text[start:end].swapcase() + text[end:]


def _percent(random: Random, text: str, _texts: Sequence[str]) -> str:
    start, end = _slice(random, text[:40])
    coded = "".join(f"%{byte:02x}" for byte in text[start:end].encode("utf-8", "surrogatepass"))
    return text[:start] + coded + text[end:]


_TEXT_CHANGES = [_cut, _twice, _put, _other, _other, _splice, _recase, _percent]


def _slice(random: Random, text: str) -> tuple[int, int]:
    start = random.randint(0, len(text))
    return start, random.randint(start, min(len(text), start + random.choice([1, 4, 64, 10_000])))


def spoiled_value(random: Random, value: Any) -> Any:
    """JSON data with one to three changes at any depth."""
    value = copy.deepcopy(value)
    for _ in range(random.randint(1, 3)):
        place = random.choice(list(_places(value)))
        value = _changed(random, value, place)
    return value


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from _places(value[key], (*path, key))
    elif isinstance(value, list):
        for index in range(min(len(value), 20)):
            yield from _places(value[index], (*path, index))


def _changed(random: Random, value: Any, place: tuple[Any, ...]) -> Any:
    if place:
        head, *rest = place
        if rest or random.random() < 0.6:
            value[head] = _changed(random, value[head], tuple(rest))
        elif isinstance(value, dict) and random.random() < 0.5:
            value[random.choice(ODD_TEXTS)] = value.pop(head)
        elif isinstance(value, list) and random.random() < 0.5:
            value.append(copy.deepcopy(value[head]))
        else:
            del value[head]
        return value
    if isinstance(value, str) and random.random() < 0.5:
        return spoiled_text(random, [value])
    kind = random.random()
    if kind < 0.1:
        return [value]
    if kind < 0.2:
        return {"id": value}
    if kind < 0.3:
        return json.dumps(value)
    return copy.deepcopy(random.choice([*ODD_VALUES, *ODD_TEXTS]))


def spoiled_json(random: Random, values: Sequence[Any]) -> str:
    """The text of JSON data that was spoiled; now and then the text itself is."""
    kind = random.random()
    if kind < 0.02:
        return random.choice(ODD_JSON)
    text = json.dumps(spoiled_value(random, random.choice(values)))
    return spoiled_text(random, [text]) if kind < 0.2 else text


def calls_made(work: Callable[[], Any]) -> int:
    """How many functions are entered, Python's and C's: the same on every machine."""
    calls = 0

    def count(_frame: FrameType, event: str, _arg: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return calls


def kept_by(work: Callable[[], Any]) -> int:
    """Bytes that a second round of the same work holds more than the first, once it is over."""
    tracemalloc.start()
    try:
        held = []
        for _ in range(3):  # the first fills caches
            work()
            gc.collect()
            held.append(tracemalloc.get_traced_memory()[0])
        return held[2] - held[1]
    finally:
        tracemalloc.stop()


def randoms(name: str, number: int) -> Iterable[Random]:
    return (Random(f"{name}-{each}") for each in range(number))  # noqa: S311
