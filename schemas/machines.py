"""What the API takes and what it answers. Examples are those of the OpenAPI page."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import Field, validator

from ..models import MachineState, PairingState
from .base import ApiModel
from .fields import (
    MOST_RELAYS,
    MOST_TAGS,
    Currency,
    Id,
    Name,
    Place,
    Pubkey,
    RelayUrl,
    Tag,
    whole_number,
)

NPUB = "npub1hk04j6d342kngldaes6w3c856g0kfmqfz6000egljhhattvpzvzse9yldr"
PUBKEY = "bd9f5969b1aaad347dbdcc34e8e0f4d21f64ec09169ef7e51f95efd5ad811305"
FINGERPRINT = "hk04 j6d3 42kn glda"
RELAY = "wss://relay.example.com"
NOON = "2026-11-23T12:00:00+00:00"

# What the API takes


class CreateMachine(ApiModel):
    """A new machine. Its key comes from the bunker when it is paired, never from here.

    Name and location are one line each. Control characters and marks that override a direction are
    refused; everything else is kept as typed and shown as text, whatever it looks like.
    """

    name: Name = Field(..., description="What you call the machine.")
    location: Place = Place("")
    tags: list[Tag] = Field([], max_items=MOST_TAGS, unique_items=True)
    fiat_code: Currency = Currency("EUR")
    wallet_id: Id | None = Field(
        None, description="One of your wallets that serves no other machine. Left out, one is made."
    )

    class Config:
        schema_extra = {"example": {"name": "Station North", "location": "Hall 2"}}


class UpdateMachine(ApiModel):
    """What changes on a machine; what is left out stays."""

    name: Name | None = None
    location: Place | None = None
    tags: list[Tag] | None = Field(
        None, max_items=MOST_TAGS, unique_items=True, description="All that it has from now on."
    )
    fiat_code: Currency | None = None
    wallet_id: Id | None = None
    is_active: bool | None = Field(
        None, description="false silences the roster at once and asks nothing of the bunker."
    )
    silent_minutes: int | None = Field(
        None, ge=0, le=525600, description="Tell me when it was not seen for so long; 0: do not."
    )

    version: int | None = Field(
        None,
        ge=0,
        le=2_000_000_000,
        description="That of the machine as you read it: refused when somebody has changed it "
        "since. Left out: the last one wins.",
    )

    _whole = validator("silent_minutes", "version", pre=True, allow_reuse=True)(whole_number)

    class Config:
        schema_extra = {"example": {"location": "Hall 3", "is_active": True, "version": 2}}


class PairMachineData(ApiModel):
    """How to pair a machine."""

    relays: list[RelayUrl] = Field(
        ...,
        min_items=1,
        max_items=MOST_RELAYS,
        description="Relays the machine can reach, best first; `wss://` may be left out.",
    )
    bunker_relay: RelayUrl | None = Field(
        None,
        description="The one relay over which machine and bunker meet. Left out: the first of "
        "`relays` that is up.",
    )
    scan_minutes: int = Field(
        60, ge=1, le=10080, description="How long the pairing code may be scanned."
    )
    session_hours: int | None = Field(
        None, ge=1, le=87600, description="When the machine's session ends; left out: never."
    )
    require_confirmation: bool = Field(
        False,
        description="Route only after the operator compared the client's fingerprint. A pairing "
        "code for a connected machine is then for a new key. Without it whoever redeems first is "
        "routed.",
    )
    allow_private_relays: bool = Field(
        False, description="Accept loopback, private-range and ws:// relays, where allowed here."
    )

    revoke_now: bool = Field(
        False,
        description="Cut off whoever is connected before the new pairing code, for a new key, is "
        "issued.",
    )
    rotate: bool = Field(
        False,
        description="Mint a new key; the roster moves to it once the new pairing code is redeemed.",
    )
    keep_identity: bool = Field(
        False,
        description="Keep the key after a cut, or of a connected machine though confirmation is "
        "asked for: nothing is routed then from the issue of the pairing code until the Yes. "
        "Refused where somebody used the key without being confirmed.",
    )

    legacy_nip04: bool = Field(
        False,
        description="This machine speaks only NIP-04. Needed where the bunker ends when a machine "
        "speaks NIP-44 to it; without effect elsewhere.",
    )

    _whole = validator("scan_minutes", "session_hours", pre=True, allow_reuse=True)(whole_number)

    class Config:
        schema_extra = {"example": {"relays": ["wss://relay.example.com"], "scan_minutes": 60}}


class ClientToJudge(ApiModel):
    """The whole key of the client whose fingerprint the operator compared with the machine's."""

    client_pubkey: Pubkey

    class Config:
        schema_extra = {"example": {"client_pubkey": PUBKEY}}


# What the API answers


class MachineAnswer(ApiModel):
    """A machine as its operator sees it."""

    id: str
    name: str
    location: str
    tags: list[str]
    fiat_code: str
    wallet_id: str | None
    wallet_ok: bool = Field(
        ..., description="false: deleted, or not yours any more; the roster is silent."
    )
    wallet_name: str | None = Field(..., description="null unless `wallet_ok`.")
    balance_sat: int | None = Field(
        None, description="What LNbits says is in the wallet; null unless `wallet_ok`."
    )
    balance_at: datetime | None = Field(None, description="When that was; a minute ago at most.")
    is_active: bool
    machine_npub: str | None = Field(..., description="The spire's pubkey in hex.")
    spire_npub: str | None
    spire_fingerprint: str | None = Field(..., description="Of the spire's key.")
    state: MachineState
    reason: str | None
    since: datetime
    connected_since: datetime | None = Field(
        ..., description="Null unless a machine is connected and, where asked for, confirmed."
    )
    owed: int = Field(..., description="How many revocations the bunker still owes for it.")
    paired_at: datetime | None = Field(..., description="When a pairing code was last issued.")
    cut_at: datetime | None
    last_seen_at: datetime | None
    flag: str | None = Field(..., description="Somebody else seems to use the machine's key.")
    flagged_at: datetime | None
    silent_minutes: int | None
    version: int = Field(..., description="How often you have changed it.")
    created_at: datetime
    updated_at: datetime

    class Config:
        schema_extra: ClassVar[dict[str, Any]] = {
            "example": {
                "id": "esi4f9JnFPECgHZXqpx28y",
                "name": "Station North",
                "location": "Hall 2",
                "tags": ["north"],
                "fiat_code": "EUR",
                "wallet_id": "fc36f2b333c94f99a3066ff38d2245cb",
                "wallet_ok": True,
                "wallet_name": "Station North",
                "balance_sat": 21000,
                "balance_at": NOON,
                "is_active": True,
                "machine_npub": PUBKEY,
                "spire_npub": NPUB,
                "spire_fingerprint": FINGERPRINT,
                "state": "paired",
                "reason": None,
                "since": NOON,
                "connected_since": NOON,
                "owed": 0,
                "paired_at": NOON,
                "cut_at": None,
                "last_seen_at": None,
                "flag": None,
                "flagged_at": None,
                "silent_minutes": None,
                "version": 0,
                "created_at": NOON,
                "updated_at": NOON,
            }
        }


CautionCode = Literal[
    "relay_down",
    "older_seed_lives",
    "bunker_not_heard",
    "session_ending",
    "login_demanded",
    "payment_demanded",
    "members_only",
    "refuses_events",
    "small_events",
    "few_subscriptions",
    "clock_differs",
]


class Caution(ApiModel):
    """Something to mind that does not stand in the way."""

    code: CautionCode
    words: str = Field(..., description="A sentence that says what to do.")
    relay: str | None = Field(None, description="Which relay it is about, if it is about one.")

    class Config:
        schema_extra = {
            "example": {
                "code": "relay_down",
                "words": f"{RELAY} cannot be reached and is not in the pairing code.",
                "relay": RELAY,
            }
        }


class PairResult(ApiModel):
    """The pairing code, shown this once. Whoever scans it first is the machine: a credential."""

    pairing_id: str
    seed_url: str
    bunker_url: str
    spire_npub: str
    spire_pubkey: str
    spire_fingerprint: str = Field(..., description="Of the spire's key, for people to compare.")
    relays: list[str]
    scan_before: datetime
    session_expires_at: datetime | None
    warnings: list[Caution]

    def __repr__(self) -> str:
        return f"PairResult(spire_npub={self.spire_npub!r})"

    __str__ = __repr__

    class Config:
        schema_extra = {
            "example": {
                "pairing_id": "adb0d9acee6b4dc6930e9cb61ceb06db",
                "seed_url": "spire-seed:v1:eyJzcGlyZV9ucHViIjoi…",
                "bunker_url": "bunker://<pubkey>?relay=wss%3A%2F%2Frelay.example.com&secret=…",
                "spire_npub": "npub1…",
                "spire_pubkey": PUBKEY,
                "spire_fingerprint": FINGERPRINT,
                "relays": ["wss://relay.example.com"],
                "scan_before": "2026-11-23T11:00:00Z",
                "session_expires_at": None,
                "warnings": [],
            }
        }


class PairingAnswer(ApiModel):
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
    fingerprint: str | None = Field(..., description="Of the client key, as the machine shows it.")
    confirm_required: bool
    confirmed_at: datetime | None
    connected: bool = Field(
        ..., description="A client uses it and, where asked for, you confirmed which."
    )
    confirming: bool = Field(..., description="A client waits for you to confirm or reject it.")
    ended_at: datetime | None
    end_reason: str | None


class PairingStatus(ApiModel):
    """Where a machine's pairing stands."""

    state: MachineState
    reason: str | None
    since: datetime
    bunker: Literal["ok", "unreachable"]
    as_of: datetime | None = Field(..., description="When the bunker last told; None: not now.")
    pairing: PairingAnswer | None
    warnings: list[Caution]

    class Config:
        schema_extra: ClassVar[dict[str, Any]] = {
            "example": {
                "state": "awaiting_scan",
                "reason": None,
                "since": NOON,
                "bunker": "ok",
                "as_of": NOON,
                "pairing": {
                    "id": "adb0d9acee6b4dc6930e9cb61ceb06db",
                    "state": "issued",
                    "key_name": "spire-esi4f9JnFPECgHZXqpx28y",
                    "spire_pubkey": PUBKEY,
                    "relays": [RELAY],
                    "bunker_relay": RELAY,
                    "issued_at": NOON,
                    "scan_before": "2026-11-23T13:00:00+00:00",
                    "session_expires_at": None,
                    "redeemed_at": None,
                    "client_pubkey": None,
                    "fingerprint": None,
                    "confirm_required": False,
                    "confirmed_at": None,
                    "connected": False,
                    "confirming": False,
                    "ended_at": None,
                    "end_reason": None,
                },
                "warnings": [],
            }
        }


class RevokeResult(ApiModel):
    """What a revoke did. `cut` is true from the first moment, whatever the bunker does."""

    cut: bool = True
    bunker: Literal["done", "pending"]
    revoked_count: int = 0
    burned_count: int = 0
    outstanding: int = Field(0, description="How many revocations the bunker still owes.")

    class Config:
        schema_extra = {
            "example": {
                "cut": True,
                "bunker": "done",
                "revoked_count": 1,
                "burned_count": 0,
                "outstanding": 0,
            }
        }


class CancelResult(ApiModel):
    """What ending one pairing code or one client did; here it is ended whatever the bunker does."""

    bunker: Literal["done", "pending"]
    revoked_count: int = 0
    burned_count: int = 0

    class Config:
        schema_extra = {"example": {"bunker": "done", "revoked_count": 0, "burned_count": 1}}
