"""What the API takes and answers about the bunker itself, with the OpenAPI page's examples."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import Field, validator

from ..models import MachineState, Mint
from ..reasons import Reason
from .base import ApiModel
from .fields import (
    MOST_RELAYS,
    BunkerUrl,
    Nsec,
    Passphrase,
    PassphraseEnd,
    RelayUrl,
    version_read,
    whole_number,
)
from .machines import NOON, NPUB, RELAY

FindingCode = Literal[
    "key_missing",
    "key_locked",
    "wrong_key",
    "key_unreadable",
    "policy_drifted",
    "wrong_policy",
    "revoked_outside",
    "client_missing",
    "unknown_user",
    "user_left",
    "unknown_token",
    "token_left",
    "access_left",
    "orphan_key",
]


class BunkerConnectionData(ApiModel):
    """The admin connection to nsecbunkerd. Secrets go in and never come back out."""

    bunker_url: BunkerUrl = Field(
        ...,
        description="`bunker://<hex or npub>?relay=wss://…`, or the line nsecbunkerd prints.",
    )
    admin_nsec: Nsec | None = Field(
        None, description="Left out: the one known is kept, or one is made."
    )
    key_passphrase: Passphrase | None = Field(
        None,
        description="Encrypts the machines' keys in the bunker. Left out: kept, or made.",
    )
    allow_private_relays: bool = Field(
        False, description="Let operators pair over loopback, private-range and ws:// relays."
    )
    mint: Mint = Field(
        "bunker",
        description="Who makes the machines' keys. `bunker`: nobody else ever holds them, but "
        "upstream publishes a profile for each and ends where it cannot. `local`: this server "
        "makes them and hands them over; nothing is published, and each passes once through its "
        "memory.",
    )
    machine_relays: list[RelayUrl] = Field(
        [],
        max_items=MOST_RELAYS,
        description="Relays for machines: who has paired nothing yet begins with these.",
    )
    bunker_relays_for_machines: bool = Field(
        False, description="The bunker's own relays are for machines, in place of `machine_relays`."
    )
    force: bool = Field(
        False, description="Go ahead although machines are paired through another bunker."
    )
    version: int | None = version_read()

    _whole = validator("version", pre=True, allow_reuse=True)(whole_number)

    class Config:
        schema_extra = {"example": {"bunker_url": "bunker://npub1…?relay=wss://relay.example.com"}}


class PassphraseKept(ApiModel):
    """Shows that the passphrase that was made is kept."""

    last_four: PassphraseEnd = Field(..., description="The last four letters of it.")

    class Config:
        schema_extra = {"example": {"last_four": "x7Qe"}}


class LimitsData(ApiModel):
    """How many keys the bunker may be asked for, which can delete none. Left out: as the
    environment says."""

    max_keys: int | None = Field(
        None, ge=0, le=1_000_000, description="For all operators together."
    )
    keys_an_operator: int | None = Field(None, ge=0, le=1_000_000, description="For one operator.")
    forced_keys_an_hour: int | None = Field(
        None, ge=0, le=1_000_000, description="For one machine, beside those that were asked for."
    )
    version: int | None = version_read()

    _whole = validator("*", pre=True, allow_reuse=True)(whole_number)

    class Config:
        schema_extra = {"example": {"max_keys": 2000}}


class LimitsAnswer(ApiModel):
    """The limits in force, and how many keys the bunker was ever asked for."""

    max_keys: int
    keys_an_operator: int
    forced_keys_an_hour: int
    keys_so_far: int
    version: int = Field(..., description="How often they were changed.")

    class Config:
        schema_extra = {
            "example": {
                "max_keys": 2000,
                "keys_an_operator": 150,
                "forced_keys_an_hour": 6,
                "keys_so_far": 120,
                "version": 2,
            }
        }


class HazardAnswer(ApiModel):
    """Something this bunker does that can cost a machine."""

    code: str
    words: str


class WrongSetting(ApiModel):
    """A variable of LNbits' environment that makes no sense."""

    variable: str
    words: str = Field(..., description="Why, and never what it holds.")
    reason: Reason = Field(..., description="Stable, for programs.")
    values: dict[str, int | str] = Field(
        {}, description="The numbers and names in `words`, to say it in another language."
    )

    class Config:
        schema_extra: ClassVar[dict[str, Any]] = {
            "example": {
                "variable": "SPIREKEEPER_MAX_MACHINES",
                "words": "value is not a valid integer",
                "reason": "not_a_number",
                "values": {},
            }
        }


class PairRelays(ApiModel):
    """The relays that a pairing begins with, as a pair request takes them."""

    relays: list[str] = []
    allow_private_relays: bool = False


class BunkerStatus(ApiModel):
    """Whether and how the bunker answers."""

    configured: bool
    source: Literal["database", "environment"] | None = None
    private_relays_allowed: bool = Field(
        False, description="Machines may be paired over relays in your own network."
    )
    pair_relays: PairRelays = Field(
        PairRelays(),
        description="What a pairing of yours begins with: the relays that you used last, or else "
        "those for machines.",
    )
    reachable: bool = False
    settling: bool = Field(
        False,
        description="It came up just now: for a few seconds it is asked to make or unlock no key.",
    )
    round_trip_ms: float | None = None
    lineage: str | None = None
    keys: int | None = Field(
        None, description="For the superuser all that the bunker has, else those in use by you."
    )
    locked_keys: int | None = Field(
        None, description="Machines' keys that the bunker has locked; counted as `keys` are."
    )
    hazards: list[HazardAnswer] = []
    mint: Mint | None = Field(None, description="Who makes the machines' keys.")
    problem: str | None = Field(None, description="What is wrong and what to do, in a sentence.")
    problem_code: str | None = Field(None, description="Stable, for programs.")
    problem_reason: Reason | None = Field(None, description="More than `problem_code` says.")
    problem_values: dict[str, int | str] = Field(
        {}, description="The names in `problem`, to say it in another language."
    )
    bunker_npub: str | None = Field(None, description="For the superuser only.")
    relays: list[str] | None = Field(None, description="For the superuser only.")
    admin_npub: str | None = Field(
        None, description="Belongs in the bunker's ADMIN_NPUBS. For the superuser only."
    )
    machine_relays: list[str] | None = Field(
        None, description="Relays for machines, as the superuser names them. For them only."
    )
    bunker_relays_for_machines: bool | None = Field(
        None, description="The bunker's own relays are for machines. For the superuser only."
    )
    passphrase_unkept_since: datetime | None = Field(
        None,
        description="When a passphrase was made of which nobody has confirmed that it is kept. For "
        "the superuser only.",
    )
    version: int | None = Field(
        None, description="How often the settings were changed. For the superuser only."
    )
    wrong_settings: list[WrongSetting] = Field(
        [],
        description="Which `SPIREKEEPER_*` variables of LNbits' environment make no sense. For the "
        "superuser only.",
    )

    class Config:
        schema_extra = {
            "example": {
                "configured": True,
                "source": "database",
                "private_relays_allowed": False,
                "pair_relays": {"relays": [RELAY], "allow_private_relays": False},
                "reachable": True,
                "settling": False,
                "round_trip_ms": 21.4,
                "lineage": "kind-0 nsecbunkerd 0.10.5 (newer NDK)",
                "keys": 12,
                "locked_keys": 0,
                "hazards": [],
                "mint": "bunker",
                "problem": None,
                "problem_code": None,
                "problem_reason": None,
                "problem_values": {},
                "bunker_npub": NPUB,
                "relays": [RELAY],
                "admin_npub": NPUB,
                "machine_relays": [RELAY],
                "bunker_relays_for_machines": False,
                "passphrase_unkept_since": None,
                "version": 2,
                "wrong_settings": [],
            }
        }


class AbandonedMachine(ApiModel):
    """A machine whose operator's account is deleted or deactivated. Nothing routes to it."""

    id: str
    operator_user_id: str
    name: str
    location: str
    state: MachineState
    cut_at: datetime | None
    gone_since: datetime | None = Field(
        ..., description="When the account was first found gone; null until the background looked."
    )
    cut_after: datetime | None = Field(
        ..., description="When it will be cut off, unless the account comes back before."
    )
    owed: int = Field(..., description="How many revocations the bunker still owes.")

    class Config:
        schema_extra = {
            "example": {
                "id": "esi4f9JnFPECgHZXqpx28y",
                "operator_user_id": "79b3e61112f84616a4135d871dad96b7",
                "name": "Station North",
                "location": "Hall 2",
                "state": "paired",
                "cut_at": None,
                "gone_since": NOON,
                "cut_after": NOON,
                "owed": 0,
            }
        }


class Finding(ApiModel):
    """One thing in which the bunker and what is written here do not agree."""

    code: FindingCode = Field(..., description="Stable, for programs.")
    machine_id: str | None = None
    key_name: str | None = None
    client_pubkey: str | None = Field(None, description="Whose use of the key it is about.")
    words: str = Field(..., description="What is wrong, and what to do about it.")
    repaired: bool = Field(..., description="It has been mended, or is being mended.")


class ReconcileReport(ApiModel):
    """What a comparison with the bunker has found."""

    as_of: datetime
    keys: int = Field(..., description="How many keys of machines the bunker has.")
    findings: list[Finding]

    class Config:
        schema_extra: ClassVar[dict[str, Any]] = {
            "example": {
                "as_of": NOON,
                "keys": 12,
                "findings": [
                    {
                        "code": "key_locked",
                        "machine_id": "esi4f9JnFPECgHZXqpx28y",
                        "key_name": "spire-esi4f9JnFPECgHZXqpx28y",
                        "client_pubkey": None,
                        "words": "The key was locked, and has been unlocked.",
                        "repaired": True,
                    }
                ],
            }
        }


class BunkerStored(ApiModel):
    """The admin connection as it is now stored."""

    bunker_npub: str
    relays: list[str]
    admin_npub: str = Field(..., description="Belongs in the bunker's ADMIN_NPUBS.")
    allow_private_relays: bool
    mint: Mint
    version: int = Field(..., description="How often the settings were changed.")
    generated_passphrase: str | None = Field(
        None, description="Shown this once: keep it in your safe."
    )

    class Config:
        schema_extra = {
            "example": {
                "bunker_npub": NPUB,
                "relays": [RELAY],
                "admin_npub": NPUB,
                "allow_private_relays": False,
                "mint": "bunker",
                "version": 2,
                "generated_passphrase": None,
            }
        }

    def __repr__(self) -> str:
        return f"BunkerStored(bunker_npub={self.bunker_npub!r})"

    __str__ = __repr__
