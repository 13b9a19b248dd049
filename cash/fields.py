"""Reads the JSON of a request strictly, field by field. What is wrong raises `Refused`."""

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeGuard

from ..schemas.text import acts_on_neighbours
from .answers import Limits, Refusal, Refused, Silence, Why, wrong_amount
from .requests import LONGEST_DESCRIPTION, MOST_SATS, MOST_SECONDS, Fiat

_ID = re.compile(r"[0-9a-f]{32}")
_FIAT_AMOUNT = re.compile(r"(0|[1-9][0-9]{0,11})(\.[0-9]{1,3})?")
_FIAT_CODE = re.compile(r"[A-Z]{3}")
_INVOICE = re.compile(r"[0-9A-Za-z]{20,4000}")
_LONGEST_NUMBER = 32

Pairs = list[tuple[str, Any]]


def read_json(text: str, pairs: Callable[[Pairs], dict[str, Any]] = dict) -> object:
    """What a text says; `Silence.NOT_JSON` when it is no JSON.

    Python's NaN and Infinity are let through, since each field refuses them in words.
    """
    try:
        return json.loads(text, object_pairs_hook=pairs, parse_int=_number)
    except (ValueError, RecursionError):
        return Silence.NOT_JSON


def read_object(text: str) -> dict[str, Any] | Silence:
    """The object that a text is, in which no name stands twice."""
    read = read_json(text, _each_once)
    if not isinstance(read, dict | Silence):
        raise refused("A request is a JSON object.")
    return read


def refused(words: str, why: Why = Why.INVALID) -> Refused:
    """What a reader raises."""
    return Refused(Refusal(why, words))


def an_id(asked: Mapping[str, Any], name: str) -> str:
    """An order's or an attempt's."""
    value = asked.get(name)
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise refused(f"`{name}` is 128 random bits as 32 lowercase hex digits.")
    return value


def an_amount(asked: Mapping[str, Any], name: str, limits: Limits) -> int:
    """A whole number of sats, 1 or more. The limits are told and not applied: an order that is
    there keeps its amount when they change."""
    value = asked.get(name)
    if not is_whole(value, 1, MOST_SATS) or any("msat" in other.lower() for other in asked):
        raise Refused(wrong_amount(limits))
    return value


def an_invoice(asked: Mapping[str, Any], name: str) -> str:
    """Letters and digits, as bech32 has them; read as an invoice later."""
    value = asked.get(name)
    if not isinstance(value, str) or not _INVOICE.fullmatch(value):
        raise refused(f"`{name}` is a Lightning invoice.")
    return value


def a_count(asked: Mapping[str, Any], name: str, most: int) -> int:
    """A whole number from 0."""
    value = asked.get(name)
    if not is_whole(value, 0, most):
        raise refused(f"`{name}` is a whole number from 0 to {most}, written in digits alone.")
    return value


def a_lifetime(asked: Mapping[str, Any], name: str) -> int | None:
    """Seconds."""
    value = asked.get(name)
    if value is not None and not is_whole(value, 1, MOST_SECONDS):
        raise refused(f"`{name}` is a whole number of seconds, 1 or more.")
    return value


def a_description(asked: Mapping[str, Any], name: str) -> str | None:
    """A short text that does not act on what it is shown among."""
    value = asked.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > LONGEST_DESCRIPTION:
        raise refused(f"`{name}` is a text of {LONGEST_DESCRIPTION} characters or fewer.")
    if any(acts_on_neighbours(letter) for letter in value):
        raise refused(f"`{name}` is one line, without control characters.")
    return value


def a_fiat(asked: Mapping[str, Any], name: str) -> Fiat | None:
    """What was ordered in notes."""
    value = asked.get(name)
    if value is None:
        return None
    given = value if isinstance(value, dict) else {}
    amount, code = given.get("amount"), given.get("code")
    if not isinstance(amount, str) or not _FIAT_AMOUNT.fullmatch(amount) or not float(amount):
        raise refused(f'`{name}.amount` is a decimal number over 0 as text: "20" or "20.50".')
    if not isinstance(code, str) or not _FIAT_CODE.fullmatch(code):
        raise refused(f'`{name}.code` is three capitals: "EUR".')
    return Fiat(amount, code)


def is_whole(value: object, least: int, most: int) -> TypeGuard[int]:
    """Written in digits alone: neither true, which is an int in Python, nor 1.0 nor 1e3."""
    return type(value) is int and least <= value <= most


def _number(digits: str) -> int | float:
    """Python refuses to read very long numbers, and no field takes one."""
    return int(digits) if len(digits) <= _LONGEST_NUMBER else math.inf


def _each_once(pairs: Pairs) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise refused("A name stands twice in one object.")
    return fields
