"""What the API takes and answers for many machines at once, and for what happened to them."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import Field, StrictInt, StrictStr, validator

from .base import ApiModel
from .fields import Id, whole_number
from .machines import NOON, MachineAnswer, PairMachineData, PairResult
from .refusals import ErrorAnswer

MOST_AT_ONCE = 500

FileProblemCode = Literal[
    "too_large",
    "workbook",
    "not_text",
    "no_machines",
    "too_many_lines",
    "no_name_column",
    "unknown_column",
    "column_twice",
    "quotes",
    "no_heading",
    "blank",
    "too_long",
    "control_characters",
    "piled_accents",
    "no_such_wallet",
    "wallet_in_use",
    "wallet_twice",
    "which_wallet",
    "same_name",
    "name_taken",
]

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
    """One line of the bulk: a machine's pairing code, shown this once."""

    machine_id: str
    ok: Literal[True] = True


class MachineNotPaired(ErrorAnswer):
    """One line of the bulk: why a machine has no new pairing code."""

    machine_id: str
    ok: Literal[False] = False
    status: int = Field(..., description="What a pair of this machine alone would have answered.")


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
    machine_name: str = Field(
        ..., description="What it was called then; empty for what is about no machine."
    )
    event: str
    outcome: str
    detail: str = Field(..., description="For people; may change.")
    detail_code: str = Field(
        ..., description="Stable, for programs; empty in lines of older versions."
    )
    detail_values: dict[str, int | str] = Field(
        ..., description="The numbers and names in `detail`, to say it in another language."
    )

    class Config:
        schema_extra: ClassVar[dict[str, Any]] = {
            "example": {
                "at": NOON,
                "actor": "79b3e61112f84616a4135d871dad96b7",
                "machine_id": _MACHINE,
                "machine_name": "Station North",
                "event": "revoke",
                "outcome": "cut",
                "detail": "emergency stop",
                "detail_code": "emergency_stop",
                "detail_values": {},
            }
        }


class MachinesAdded(ApiModel):
    """The machines that an import made, in the order of its rows."""

    machines: list[MachineAnswer]

    class Config:
        schema_extra: ClassVar[dict[str, Any]] = {
            "example": {"machines": [MachineAnswer.Config.schema_extra["example"]]}
        }


class FileProblemAnswer(ApiModel):
    """What is wrong with a line of a file, or has to be asked about."""

    code: FileProblemCode
    words: str = Field(..., description="A sentence that names line and column.")
    line: int | None = Field(..., description="Null: it is about the whole file.")
    column: str | None = Field(..., description="name, location, wallet; null: about none of them.")
    values: dict[str, StrictInt | StrictStr | list[str]] = Field(
        ..., description="What a sentence about it names, as `most`, `other` (a line) or `wallets`."
    )

    class Config:
        schema_extra: ClassVar[dict[str, Any]] = {
            "example": {
                "code": "name_taken",
                "words": "Line 2: name: you have a machine called \u201cStation North\u201d.",
                "line": 2,
                "column": "name",
                "values": {"name": "Station North"},
            }
        }


class FileRefusedAnswer(ErrorAnswer):
    """Why nothing of a file was added. Where it is about its lines, they are in `problems`."""

    problems: list[FileProblemAnswer] = []

    class Config:
        schema_extra: ClassVar[dict[str, Any]] = {
            "example": {
                "detail": "Line 2: name: must not be blank. Nothing was added.",
                "code": "invalid_input",
                "problems": [
                    {
                        "code": "blank",
                        "words": "Line 2: name: must not be blank.",
                        "line": 2,
                        "column": "name",
                        "values": {},
                    }
                ],
            }
        }


class FileRow(ApiModel):
    """A machine that an import would add."""

    line: int
    name: str
    location: str
    wallet_id: str | None = Field(
        ..., description="Null: one is made, or it has to be asked which is meant."
    )


class FileChecked(ApiModel):
    """What an import of this file would add, and what has to be asked about before."""

    rows: list[FileRow]
    questions: list[FileProblemAnswer] = Field(
        ...,
        description="`same_name` and `name_taken`: added only with `same_names=true`. "
        "`which_wallet`: not before the line has the id of one.",
    )
    room: int = Field(..., description="How many more machines you may have.")

    class Config:
        schema_extra: ClassVar[dict[str, Any]] = {
            "example": {
                "rows": [
                    {"line": 2, "name": "Station North", "location": "Hall 2", "wallet_id": None}
                ],
                "questions": [FileProblemAnswer.Config.schema_extra["example"]],
                "room": 998,
            }
        }
