"""Rows of the database as models, unchecked: they were checked when they were stored.

LNbits' own conversion makes each model twice and looks at every field's type for every row, which
took a third of the time of a list.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from enum import Enum
from functools import cache
from typing import Any, TypeVar, get_origin

from lnbits.db import DB_TYPE, SQLITE
from pydantic import BaseModel
from pydantic.fields import ModelField

from . import gently

M = TypeVar("M", bound=BaseModel)
Read = Callable[[Any], Any]


async def models_of(rows: Sequence[Mapping[str, Any]], model: type[M]) -> list[M]:
    """What is NULL has its default; columns that the model does not have are left out."""
    if not rows:
        return []
    readers, defaults = _readers(model), _defaults(model)
    columns = [(name, readers.get(name)) for name in rows[0]]

    def one(row: Mapping[str, Any]) -> M:
        read = {
            name: reader(value)
            for (name, reader), value in zip(columns, row.values(), strict=True)
            if value is not None and reader is not None
        }
        return unchecked(model, {**defaults, **read})

    return await gently.each(one, rows)


def unchecked(model: type[M], values: dict[str, Any]) -> M:
    """As pydantic's `construct`, which goes through all fields again; `values` has them all."""
    made = model.__new__(model)
    object.__setattr__(made, "__dict__", values)
    object.__setattr__(made, "__fields_set__", set(values))
    return made


@cache
def _defaults(model: type[BaseModel]) -> dict[str, Any]:
    """None of ours can be changed in place."""
    return {
        name: field.get_default() for name, field in model.__fields__.items() if not field.required
    }


@cache
def _readers(model: type[BaseModel]) -> Mapping[str, Read]:
    return {name: _reader(field) for name, field in model.__fields__.items()}


def _reader(field: ModelField) -> Read:
    if get_origin(field.outer_type_) is list:
        return json.loads
    if not isinstance(field.type_, type):
        return _as_it_is
    if issubclass(field.type_, datetime):
        return _from_seconds if DB_TYPE == SQLITE else _in_utc
    return field.type_ if issubclass(field.type_, Enum | bool) else _as_it_is


def _as_it_is(value: Any) -> Any:
    return value


def _from_seconds(value: float) -> datetime:
    return datetime.fromtimestamp(value, timezone.utc)


def _in_utc(value: datetime) -> datetime:
    return value.replace(tzinfo=timezone.utc)
