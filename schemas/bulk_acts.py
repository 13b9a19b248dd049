"""What the API takes and answers when one thing is done with many machines."""

from enum import Enum
from typing import Any, ClassVar

from pydantic import Field, root_validator

from .base import ApiModel
from .fields import Id, Tag


class Act(str, Enum):
    """What is done with each of them."""

    SWITCH_OFF = "switch_off"
    SWITCH_ON = "switch_on"
    TAG = "tag"
    UNTAG = "untag"
    REVOKE = "revoke"
    DELETE = "delete"


TAGGING = frozenset({Act.TAG, Act.UNTAG})
CUTTING = frozenset({Act.REVOKE, Act.DELETE})


class ActData(ApiModel):
    """What is to be done, and with which machines."""

    act: Act
    machine_ids: list[Id] = Field(
        ..., min_items=1, max_items=500, unique_items=True, description="Your machines, each once."
    )
    tag: Tag | None = Field(None, description="The one that is put on (`tag`) or taken off.")

    @root_validator(skip_on_failure=True)
    @classmethod
    def _tag_where_it_is_about_one(cls, values: dict[str, Any]) -> dict[str, Any]:
        if (values["tag"] is not None) != (values["act"] in TAGGING):
            raise ValueError("name a tag with tag and untag, and with nothing else")
        return values

    class Config:
        schema_extra: ClassVar[dict[str, Any]] = {
            "example": {"act": "tag", "tag": "north", "machine_ids": ["esi4f9JnFPECgHZXqpx28y"]}
        }


class ActResult(ApiModel):
    """How many machines it was done with: not with those that are gone or not yours."""

    done: int
    pending: int = Field(..., description="How many of them the bunker has yet to cut off.")

    class Config:
        schema_extra = {"example": {"done": 1, "pending": 0}}
