"""What the API takes and answers for many machines at once, and for what happened to them."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import Field, validator

from .base import ApiModel
from .fields import Id, whole_number
from .machines import NOON, MachineAnswer, PairMachineData, PairResult

MOST_AT_ONCE = 500

_MACHINE = "esi4f9JnFPECgHZXqpx28y"

# What the API takes


class PairMachinesData(PairMachineData):
    """How to pair many machines, all with the same options."""

    machine_ids: list[Id] = Field(
        ..., min_items=1, max_items=MOST_AT_ONCE, description="Your machines, each once."
    )

    @validator("machine_ids")
    @classmethod
    def _each_once(cls, machine_ids: list[str]) -> list[str]:
        if len(set(machine_ids)) < len(machine_ids):
            raise ValueError("must not name a machine twice")
        return machine_ids

    class Config:
        schema_extra: ClassVar[dict[str, Any]] = {
            "example": {
                "machine_ids": [_MACHINE, "Xh6TVQpmFZbZBmpDZjvx4a"],
                "relays": ["wss://relay.example.com"],
                "scan_minutes": 1440,
            }
        }


class RevokeAllData(ApiModel):
    """The emergency stop."""

    expect: int = Field(
        ...,
        ge=0,
        le=1_000_000,
        description="How many machines it will cut: yours that have a key or a seed. Nothing is "
        "cut when there are fewer, or when more than that are connected; a seed that was made "
        "meanwhile ends too.",
    )

    _whole = validator("expect", pre=True, allow_reuse=True)(whole_number)

    class Config:
        schema_extra = {"example": {"expect": 12}}


# What the API answers


class MachinePaired(PairResult):
    """One line of the bulk: a machine's seed, shown this once."""

    machine_id: str
    ok: Literal[True] = True


class MachineNotPaired(ApiModel):
    """One line of the bulk: why a machine has no new seed."""

    machine_id: str
    ok: Literal[False] = False
    status: int = Field(..., description="What a pair of this machine alone would have answered.")
    code: str
    detail: str


class MachineCut(ApiModel):
    """What the emergency stop did to one machine. It is cut here whatever the bunker does."""

    machine_id: str
    name: str
    cut: Literal[True] = True
    bunker: Literal["done", "pending"]
    revoked_count: int
    burned_count: int
    outstanding: int = Field(..., description="How many revocations the bunker still owes.")


class StoppedMachine(ApiModel):
    """A machine that an emergency stop has cut, and that was not paired since."""

    id: str
    name: str
    location: str
    cut_at: datetime


class StopAnswer(ApiModel):
    """What an emergency stop would cut now, and what one has cut."""

    machines: int = Field(..., description="How many of yours have a key or a seed.")
    connected: int = Field(..., description="How many of those are connected.")
    stopped: list[StoppedMachine] = Field(
        ..., description="Cut by an emergency stop and not paired since: to pair in one go."
    )

    class Config:
        schema_extra: ClassVar[dict[str, Any]] = {
            "example": {
                "machines": 12,
                "connected": 10,
                "stopped": [
                    {
                        "id": _MACHINE,
                        "name": "Station North",
                        "location": "Hall 2",
                        "cut_at": NOON,
                    }
                ],
            }
        }


class RevokeAllResult(ApiModel):
    """What the emergency stop did. What the bunker still owes is retried until it is done."""

    cut: int = Field(..., description="How many machines were cut, all at once.")
    done: int = Field(..., description="How many of them the bunker has cut too.")
    pending: int
    machines: list[MachineCut]

    class Config:
        schema_extra: ClassVar[dict[str, Any]] = {
            "example": {
                "cut": 1,
                "done": 1,
                "pending": 0,
                "machines": [
                    {
                        "machine_id": _MACHINE,
                        "name": "Station North",
                        "cut": True,
                        "bunker": "done",
                        "revoked_count": 1,
                        "burned_count": 0,
                        "outstanding": 0,
                    }
                ],
            }
        }


class JournalLine(ApiModel):
    """One thing that happened."""

    at: datetime
    actor: str = Field(
        ..., description="Your user id, `superuser`, or `spirekeeper` for background work."
    )
    machine_id: str | None
    event: str
    outcome: str
    detail: str = Field(..., description="For people; may change.")

    class Config:
        schema_extra: ClassVar[dict[str, Any]] = {
            "example": {
                "at": NOON,
                "actor": "79b3e61112f84616a4135d871dad96b7",
                "machine_id": _MACHINE,
                "event": "revoke",
                "outcome": "cut",
                "detail": "",
            }
        }


class MachinesAdded(ApiModel):
    """The machines that an import made, in the order of its rows."""

    machines: list[MachineAnswer]

    class Config:
        schema_extra: ClassVar[dict[str, Any]] = {
            "example": {"machines": [MachineAnswer.Config.schema_extra["example"]]}
        }
