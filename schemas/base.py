"""Models of the API whose OpenAPI description says which fields may be null.

Pydantic 1 leaves that out, and a client generated from the description would refuse a null.
"""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

_BESIDE = {"title", "description", "default", "example"}
"""What is said of the field; the rest is said of its values."""


class ApiModel(BaseModel):
    """A model of the API that says which of its fields may be null."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        extra = cls.__config__.schema_extra
        setattr(cls.__config__, "schema_extra", staticmethod(_with_nulls(extra)))  # noqa: B010


def _with_nulls(extra: Any) -> Callable[[dict[str, Any], type[BaseModel]], None]:
    def describe(schema: dict[str, Any], model: type[BaseModel]) -> None:
        if callable(extra):
            extra(schema, model)
        else:
            schema.update(extra)
        for name, field in model.__fields__.items():
            place = schema["properties"].get(name)
            if field.allow_none and place is not None and "anyOf" not in place:
                values = {key: place.pop(key) for key in list(place) if key not in _BESIDE}
                place["anyOf"] = [values, {"type": "null"}]

    return describe
