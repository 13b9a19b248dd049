"""Makes models of rows, each field by its kind."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from functools import cache
from typing import Any, TypeVar, get_origin

from pydantic import BaseModel
from pydantic.fields import ModelField

M = TypeVar("M", bound=BaseModel)


def model_of(row: Mapping[str, Any], model: type[M]) -> M:
    """As LNbits makes it of a row; but it works out the kind of each field anew for each row, which
    took a fifth of a page of machines. And a list that cannot be read is an error: LNbits would
    take it for an empty one, and a seed without relays is watched nowhere."""
    read = _readers(model)
    return model(
        **{
            name: read[name](value)
            for name, value in row.items()
            if value is not None and name in read
        }
    )


@cache
def _readers(model: type[BaseModel]) -> dict[str, Callable[[Any], Any]]:
    return {name: _reader(field) for name, field in model.__fields__.items()}


def _reader(field: ModelField) -> Callable[[Any], Any]:
    """What makes a column's value of this field."""
    if get_origin(field.outer_type_) is list:
        return _list_of
    kind = field.type_ if isinstance(field.type_, type) else object
    if issubclass(kind, dict | BaseModel):
        raise TypeError(f"{field.name}: no column of ours holds one")
    if issubclass(kind, datetime):
        return _moment_of
    return bool if issubclass(kind, bool) else _as_it_is


def _list_of(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _moment_of(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value.replace(tzinfo=timezone.utc)
    return datetime.fromtimestamp(value, timezone.utc)


def _as_it_is(value: Any) -> Any:
    return value
