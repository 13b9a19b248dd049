"""What the API answers to who only wants to know whether it is there."""

from typing import Any, ClassVar

from .base import ApiModel


class Health(ApiModel):
    """Up, or not."""

    up: bool

    class Config:
        schema_extra: ClassVar[dict[str, Any]] = {"example": {"up": True}}
