"""The data of spirekeeper: rows of the database, what the API takes and what it answers.

Rows are stored through LNbits' insert and update, which keep text and times as they are. `pubkey`
is lowercase hex, `npub` is bech32, `*_at` is an aware datetime (UTC).
"""

from datetime import datetime
from enum import Enum
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, Field, validator
from pydantic.generics import GenericModel

Row = TypeVar("Row")


class PairingState(str, Enum):
    """Where one seed stands; `lifecycle.py` has the allowed moves."""

    INTENT = "intent"
    ISSUED = "issued"
    REDEEMED = "redeemed"
    CONFIRMED = "confirmed"
    REPLACED = "replaced"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"
    REVOKED = "revoked"
    FAILED = "failed"


class MachineState(str, Enum):
    """Where a machine stands, from its pairings, its cut and what the bunker last said."""

    REVOKED = "revoked"
    LOCKED = "locked"
    CONFIRMING = "confirming"
    REPLACING = "replacing"
    PAIRED = "paired"
    AWAITING_SCAN = "awaiting_scan"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    UNPAIRED = "unpaired"


class OwedKind(str, Enum):
    """What the bunker still has to do."""

    REVOKE_KEY = "revoke_key"
    """Revoke every user of the key and burn its unredeemed tokens."""
    BURN_TOKEN = "burn_token"
    """End one token, and whoever redeemed it."""


# Rows


class Machine(BaseModel):
    """One spire of one operator (`dca_machines`)."""

    id: str
    operator_user_id: str
    wallet_id: str | None = None
    name: str
    location: str = ""
    fiat_code: str = "EUR"
    is_active: bool = True
    machine_npub: str | None = None
    """The spire's pubkey, in hex in spite of the name. None until paired."""
    bunker_spire_key_name: str | None = None
    paired_at: datetime | None = None
    """When a seed was last issued. Whether the machine connected is its pairing's redeemed_at."""
    cut_at: datetime | None = None
    state: MachineState = MachineState.UNPAIRED
    busy_by: str | None = None
    busy_until: datetime | None = None
    last_seen_at: datetime | None = None
    created_at: datetime
    updated_at: datetime


class MachineEdit(BaseModel):
    """The columns of a machine that its operator edits."""

    id: str
    wallet_id: str | None
    name: str
    location: str
    fiat_code: str
    is_active: bool
    updated_at: datetime


class Pairing(BaseModel):
    """One seed ever issued, without its secret (`pairings`)."""

    id: str
    machine_id: str
    state: PairingState = PairingState.INTENT
    key_name: str
    spire_pubkey: str | None = None
    bunker_pubkey: str
    passphrase_id: str
    client_name: str
    """What the bunker calls the token; unique to this pairing."""
    token_id: str | None = None
    bunker_relay: str
    relays: list[str]
    bunker_listens: bool | None = None
    """Whether the bunker was heard on `bunker_relay`; None until that was tried."""
    created_at: datetime
    issued_at: datetime | None = None
    scan_before: datetime
    session_expires_at: datetime | None = None
    redeemed_at: datetime | None = None
    client_pubkey: str | None = None
    confirm_required: bool = False
    confirmed_at: datetime | None = None
    ended_at: datetime | None = None
    end_reason: str | None = None


class OwedRevocation(BaseModel):
    """What the bunker still owes, whether or not the machine's row lives (`owed_revocations`)."""

    id: str
    kind: OwedKind
    machine_id: str
    operator_user_id: str
    bunker_pubkey: str
    key_name: str
    client_name: str | None = None
    passphrase_id: str | None = None
    """Unlocks the key when the bunker has locked it; None once the bunker has refused it."""
    relays: list[str]
    """Where the key listens: a burn goes over them."""
    burner_pubkey: str | None = None
    """The throw-away key of the last burn, stored before it is used."""
    tries: int = 0
    next_at: datetime
    created_at: datetime


class JournalEntry(BaseModel):
    """One line of the append-only journal. Never a secret (`journal`)."""

    id: str
    at: datetime
    actor: str
    """A user id, or `spirekeeper` for what runs in the background."""
    operator_user_id: str | None = None
    machine_id: str | None = None
    event: str
    outcome: str
    detail: str = ""


class BunkerSettingsRow(BaseModel):
    """The admin connection as stored; `sealed` holds its secrets (`bunker_settings`)."""

    id: str = "bunker"
    bunker_pubkey: str
    relays: list[str]
    admin_pubkey: str
    sealed: str
    allow_private_relays: bool = False
    updated_at: datetime


# What the API takes


def _one_line(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank")
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in text):
        raise ValueError("must not hold control characters")
    return text.strip()


class CreateMachine(BaseModel):
    """A new machine. Its key comes from the bunker when it is paired, never from here."""

    name: str = Field(..., max_length=100, description="What you call the machine.")
    location: str = Field("", max_length=200)
    fiat_code: str = Field("EUR", regex="^[A-Z]{3}$")
    wallet_id: str | None = Field(
        None,
        max_length=64,
        description="One of your wallets that serves no other machine. Left out, one is made.",
    )

    _name = validator("name", allow_reuse=True)(_one_line)
    _location = validator("location", allow_reuse=True)(lambda text: text and _one_line(text))

    class Config:
        schema_extra = {"example": {"name": "Station North", "location": "Hall 2"}}


class UpdateMachine(BaseModel):
    """What changes on a machine; what is left out stays."""

    name: str | None = Field(None, max_length=100)
    location: str | None = Field(None, max_length=200)
    fiat_code: str | None = Field(None, regex="^[A-Z]{3}$")
    wallet_id: str | None = Field(None, max_length=64)
    is_active: bool | None = Field(
        None, description="false silences the roster at once and asks nothing of the bunker."
    )

    _name = validator("name", allow_reuse=True)(lambda text: text and _one_line(text))
    _location = validator("location", allow_reuse=True)(lambda text: text and _one_line(text))

    class Config:
        schema_extra = {"example": {"location": "Hall 3", "is_active": True}}


class PairMachineData(BaseModel):
    """How to pair a machine."""

    relays: list[str] = Field(
        ..., min_items=1, max_items=5, description="Relays the machine can reach, best first."
    )
    bunker_relay: str | None = Field(
        None,
        max_length=512,
        description="The one relay over which machine and bunker meet. Left out: the first of "
        "`relays` that is up.",
    )
    scan_minutes: int = Field(60, ge=1, le=10080, description="How long the seed may be scanned.")
    session_hours: int | None = Field(
        None, ge=1, le=87600, description="When the machine's session ends; left out: never."
    )
    require_confirmation: bool = Field(
        False, description="Route only after the operator compared the client's fingerprint."
    )
    allow_private_relays: bool = Field(
        False, description="Accept loopback, private-range and ws:// relays, where allowed here."
    )

    @validator("relays", each_item=True)
    @classmethod
    def _relay_length(cls, relay: str) -> str:
        if len(relay) > 512:
            raise ValueError("a relay URL has at most 512 characters")
        return relay

    class Config:
        schema_extra = {"example": {"relays": ["wss://relay.example.com"], "scan_minutes": 60}}


class BunkerConnectionData(BaseModel):
    """The admin connection to nsecbunkerd. Secrets go in and never come back out."""

    bunker_url: str = Field(
        ...,
        max_length=2048,
        description="`bunker://<hex or npub>?relay=wss://…`, or the line nsecbunkerd prints.",
    )
    admin_nsec: str | None = Field(
        None, max_length=128, description="Left out: the one known is kept, or one is made."
    )
    key_passphrase: str | None = Field(
        None,
        min_length=8,
        max_length=256,
        description="Encrypts the machines' keys in the bunker. Left out: kept, or made.",
    )
    allow_private_relays: bool = Field(
        False, description="Let operators pair over loopback, private-range and ws:// relays."
    )
    force: bool = Field(
        False, description="Go ahead although machines are paired through another bunker."
    )

    class Config:
        schema_extra = {"example": {"bunker_url": "bunker://npub1…?relay=wss://relay.example.com"}}


class RelaysToCheck(BaseModel):
    """Relays to try from the server."""

    relays: list[str] = Field(..., min_items=1, max_items=5)
    allow_private_relays: bool = False

    class Config:
        schema_extra = {"example": {"relays": ["wss://relay.example.com"]}}


# What the API answers


class ErrorAnswer(BaseModel):
    """Every error of spirekeeper."""

    detail: str = Field(..., description="One sentence that says what to do next.")
    code: str = Field(..., description="Stable, for programs.")


class Page(GenericModel, Generic[Row]):
    """One page of a list and how many rows there are in all."""

    data: list[Row]
    total: int


class MachineAnswer(BaseModel):
    """A machine as its operator sees it."""

    id: str
    name: str
    location: str
    fiat_code: str
    wallet_id: str | None
    is_active: bool
    machine_npub: str | None = Field(..., description="The spire's pubkey in hex.")
    spire_npub: str | None
    state: MachineState
    reason: str | None
    since: datetime
    paired_at: datetime | None = Field(..., description="When a seed was last issued.")
    cut_at: datetime | None
    last_seen_at: datetime | None
    created_at: datetime
    updated_at: datetime


class PairResult(BaseModel):
    """The seed, shown this once. It is a credential: whoever scans it first is the machine."""

    seed_url: str
    bunker_url: str
    spire_npub: str
    spire_pubkey: str
    relays: list[str]
    scan_before: datetime
    session_expires_at: datetime | None
    warnings: list[str]

    def __repr__(self) -> str:
        return f"PairResult(spire_npub={self.spire_npub!r})"

    __str__ = __repr__

    class Config:
        schema_extra = {
            "example": {
                "seed_url": "spire-seed:v1:eyJzcGlyZV9ucHViIjoi…",
                "bunker_url": "bunker://<pubkey>?relay=wss%3A%2F%2Frelay.example.com&secret=…",
                "spire_npub": "npub1…",
                "spire_pubkey": "bd9f5969b1aaad347dbdcc34e8e0f4d21f64ec09169ef7e51f95efd5ad811305",
                "relays": ["wss://relay.example.com"],
                "scan_before": "2026-11-23T11:00:00Z",
                "session_expires_at": None,
                "warnings": [],
            }
        }


class PairingAnswer(BaseModel):
    """One pairing, without its secret."""

    id: str
    state: PairingState
    key_name: str
    spire_pubkey: str | None
    relays: list[str]
    bunker_relay: str
    issued_at: datetime | None
    scan_before: datetime
    session_expires_at: datetime | None
    redeemed_at: datetime | None
    client_pubkey: str | None
    fingerprint: str | None = Field(..., description="Of the client key; the machine shows it too.")
    confirm_required: bool
    confirmed_at: datetime | None
    ended_at: datetime | None
    end_reason: str | None


class PairingStatus(BaseModel):
    """Where a machine's pairing stands."""

    state: MachineState
    reason: str | None
    since: datetime
    bunker: Literal["ok", "unreachable"]
    as_of: datetime | None = Field(..., description="When the bunker last told; None: not now.")
    pairing: PairingAnswer | None
    warnings: list[str]


class RevokeResult(BaseModel):
    """What a revoke did. `cut` is true from the first moment, whatever the bunker does."""

    cut: bool = True
    bunker: Literal["done", "pending"]
    revoked_count: int = 0
    burned_count: int = 0
    outstanding: int = Field(0, description="How many revocations the bunker still owes.")


class RosterEntry(BaseModel):
    """The machine and the wallet behind a spire's key."""

    machine_id: str
    operator_user_id: str
    wallet_id: str
    spire_pubkey: str
    spire_npub: str


class HazardAnswer(BaseModel):
    """Something this bunker does that can cost a machine."""

    code: str
    words: str


class BunkerStatus(BaseModel):
    """Whether and how the bunker answers."""

    configured: bool
    source: Literal["database", "environment"] | None = None
    reachable: bool = False
    round_trip_ms: float | None = None
    lineage: str | None = None
    keys: int | None = None
    hazards: list[HazardAnswer] = []
    problem: str | None = Field(None, description="What is wrong and what to do, in a sentence.")
    bunker_npub: str | None = Field(None, description="For the superuser only.")
    relays: list[str] | None = Field(None, description="For the superuser only.")
    admin_npub: str | None = Field(
        None, description="Belongs in the bunker's ADMIN_NPUBS. For the superuser only."
    )


class BunkerStored(BaseModel):
    """The admin connection as it is now stored."""

    bunker_npub: str
    relays: list[str]
    admin_npub: str = Field(..., description="Belongs in the bunker's ADMIN_NPUBS.")
    allow_private_relays: bool
    generated_passphrase: str | None = Field(
        None, description="Shown this once: keep it in your safe."
    )

    def __repr__(self) -> str:
        return f"BunkerStored(bunker_npub={self.bunker_npub!r})"

    __str__ = __repr__


class RelayCheck(BaseModel):
    """Whether one relay can be reached from the server."""

    url: str
    reachable: bool
    problem: str | None = None
