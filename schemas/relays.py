"""Relays that are to be tried, and how each try ended."""

from typing import Literal

from pydantic import Field

from .base import ApiModel
from .fields import MOST_RELAYS, RelayAsTyped
from .machines import Caution


class RelaysToCheck(ApiModel):
    """Relays to try from the server."""

    relays: list[RelayAsTyped] = Field(..., min_items=1, max_items=MOST_RELAYS)
    allow_private_relays: bool = False

    class Config:
        schema_extra = {"example": {"relays": ["wss://relay.example.com"]}}


RelayProblem = Literal["malformed", "several", "not_encrypted", "private", "unknown_name", "silent"]


class RelayCheck(ApiModel):
    """Whether one relay can be reached from the server, and what to mind about it."""

    url: str = Field(..., description="As it was asked for.")
    reachable: bool
    code: RelayProblem | None = Field(None, description="Why not; stable, for programs.")
    problem: str | None = Field(None, description="The same in words.")
    cautions: list[Caution] = Field(
        [],
        description="What can make a machine fail there, as far as the relay says it or shows it.",
    )

    class Config:
        schema_extra = {
            "example": {
                "url": "wss://relay.example.com",
                "reachable": False,
                "code": "silent",
                "problem": "It does not answer.",
                "cautions": [],
            }
        }
