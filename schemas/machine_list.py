"""What the API answers to whoever asks for a list of machines, or of wallets for them."""

from typing import Any, ClassVar

from pydantic import Field

from ..models import StateCount
from .base import ApiModel
from .machines import MachineAnswer


class FirstSteps(ApiModel):
    """How far you have come with a first machine, beside bunker and relay (`GET /bunker`)."""

    added: bool = Field(..., description="You have a machine.")
    heard: bool = Field(..., description="One of your machines was seen, as `last_seen_at` tells.")


class MachinesAnswer(ApiModel):
    """One page of your machines."""

    data: list[MachineAnswer]
    total: int = Field(..., description="How many are asked for, on all pages.")
    counts: list[StateCount] = Field(
        ..., description="How many `search` finds in each state, whatever `state` asks for."
    )
    first_steps: FirstSteps

    class Config:
        schema_extra: ClassVar[dict[str, Any]] = {
            "example": {
                "data": [MachineAnswer.Config.schema_extra["example"]],
                "total": 1,
                "counts": [{"state": "paired", "is_active": True, "total": 1}],
                "first_steps": {"added": True, "heard": True},
            }
        }


class WalletAnswer(ApiModel):
    """One of your wallets."""

    id: str
    name: str
    machine_id: str | None = Field(..., description="The machine it serves; null: it is free.")

    class Config:
        schema_extra = {
            "example": {
                "id": "fc36f2b333c94f99a3066ff38d2245cb",
                "name": "Station North",
                "machine_id": None,
            }
        }
