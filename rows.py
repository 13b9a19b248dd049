"""Rows of the database as models, unchecked: they were checked when they were stored.

LNbits' own conversion makes each model twice and looks at every field's type for every row, which
took a third of the time of a list.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from enum import Enum
from functools import cache
from typing import Any, TypeVar, get_origin

from lnbits.db import DB_TYPE, SQLITE
from pydantic import BaseModel
from pydantic.fields import ModelField

M = TypeVar("M", bound=BaseModel)
Read = Callable[[Any], Any]


def model_of(row: Mapping[str, Any], model: type[M]) -> M:
    """What is NULL has its default; columns that the model does not have are left out."""
    readers = _readers(model)
    return model.construct(
        **{
            name: readers[name](value)
            for name, value in row.items()
            if value is not None and name in readers
        }
    )


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
