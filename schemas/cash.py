"""What the API takes and answers about cash. Amounts are whole sats."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import Field, validator

from ..orders import CashState, Direction
from .base import ApiModel
from .fields import Note, whole_number
from .machines import NOON, NPUB

ToDo = Literal["switch_on", "stopped", "activate", "flagged", "wallet", "pair", "ask"]

Reach = Literal["reachable", "no_https", "private", "onion", "silent", "elsewhere", "certificate"]

MOST_SATS = 100_000_000
"""A whole bitcoin: far more than any machine holds in notes."""


class CashData(ApiModel):
    """What changes; what is left out stays."""

    out_on: bool | None = Field(None, description="Cash-out: a customer's sats for notes.")
    smallest: int | None = Field(None, ge=1, le=MOST_SATS)
    largest: int | None = Field(None, ge=1, le=MOST_SATS)
    fee_ppm: int | None = Field(
        None,
        ge=0,
        le=150_000,
        description="Of what the customer pays, in millionths. 0 for a machine that prices itself.",
    )
    fee_fixed: int | None = Field(None, ge=0, le=MOST_SATS, description="Sats, beside it.")
    in_on: bool | None = Field(
        None, description="Cash-in: a customer's notes for sats. The caps have to be set."
    )
    in_fee_ppm: int | None = Field(
        None, ge=0, le=150_000, description="Of what the notes are worth, in millionths."
    )
    in_fee_fixed: int | None = Field(None, ge=0, le=MOST_SATS, description="Sats, beside it.")
    cap_order: int | None = Field(
        None,
        ge=1,
        le=MOST_SATS,
        description="Sats that may leave the wallet for one customer: what the customer gets, and "
        "what paying it may cost.",
    )
    cap_hour: int | None = Field(None, ge=1, le=MOST_SATS, description="In any hour.")
    cap_day: int | None = Field(None, ge=1, le=MOST_SATS, description="In any 24 hours.")
    cap_open: int | None = Field(
        None, ge=1, le=MOST_SATS, description="Kept at a time for customers not paid yet."
    )
    version: int | None = Field(
        None,
        ge=0,
        le=2_000_000_000,
        description="That of what you read: refused when somebody has changed it since.",
    )

    _whole = validator(
        *("smallest", "largest", "fee_ppm", "fee_fixed", "in_fee_ppm", "in_fee_fixed"),
        *("cap_order", "cap_hour", "cap_day", "cap_open", "version"),
        pre=True,
        allow_reuse=True,
    )(whole_number)

    class Config:
        schema_extra = {"example": {"out_on": True, "smallest": 5000, "largest": 300000}}


class SoldAnswer(ApiModel):
    """What customers have paid, of the orders that were asked for since the time that was named,
    without what was given back."""

    orders: int
    sats: int
    fee_sats: int = Field(..., description="Your part of that.")

    class Config:
        schema_extra = {"example": {"orders": 7, "sats": 175000, "fee_sats": 3500}}


class RoomAnswer(ApiModel):
    """Sats that may still leave the wallet for notes, with what paying them costs: what its caps
    leave, after all that was paid and all that is kept for customers, and what the wallet has."""

    now: int = Field(..., description="For one customer: the least of these, and `cap_order`.")
    hour: int
    day: int
    open: int = Field(..., description="Of what may be kept for customers at a time.")
    wallet: int
    enough: bool = Field(..., description="For the smallest amount: else no note is taken now.")

    class Config:
        schema_extra: ClassVar[dict[str, Any]] = {
            "example": {
                "now": 200000,
                "hour": 380600,
                "day": 1280600,
                "open": 480600,
                "wallet": 900000,
                "enough": True,
            }
        }


class CashAnswer(ApiModel):
    """What a machine may do with cash."""

    out_on: bool
    smallest: int
    largest: int
    fee_ppm: int
    fee_fixed: int
    in_on: bool
    in_fee_ppm: int
    in_fee_fixed: int
    cap_order: int | None = Field(..., description="null: not set, so cash-in cannot be on.")
    cap_hour: int | None
    cap_day: int | None
    cap_open: int | None
    stopped_at: datetime | None
    to_do: ToDo | None = Field(
        ...,
        description="What keeps it from selling: `flagged`: somebody else seems to use its key, so "
        "revoke it, and pair it with a new one; `pair`: pair it again, so that it learns who "
        "answers it; `ask`: it has not asked since you confirmed it, so fill no cassette yet. "
        "null: nothing.",
    )
    ready_at: datetime | None
    room: RoomAnswer | None = Field(..., description="null: it takes no notes.")
    sold: SoldAnswer | None = Field(..., description="null without `since`.")
    ignored: dict[str, int] = Field(
        ..., description="Why requests to your machines' service key were answered with nothing."
    )
    version: int
    updated_at: datetime

    class Config:
        schema_extra = {
            "example": {
                "out_on": True,
                "smallest": 5000,
                "largest": 300000,
                "fee_ppm": 20000,
                "fee_fixed": 0,
                "in_on": True,
                "in_fee_ppm": 30000,
                "in_fee_fixed": 0,
                "cap_order": 200000,
                "cap_hour": 500000,
                "cap_day": 2000000,
                "cap_open": 500000,
                "stopped_at": None,
                "to_do": None,
                "ready_at": NOON,
                "room": RoomAnswer.Config.schema_extra["example"],
                "sold": SoldAnswer.Config.schema_extra["example"],
                "ignored": {"unconfirmed": 2},
                "version": 1,
                "updated_at": NOON,
            }
        }


class StopCashData(ApiModel):
    """Whether cash stands still for all of your machines."""

    stopped: bool

    class Config:
        schema_extra = {"example": {"stopped": True}}


class CashStopped(ApiModel):
    """How many machines that was news for."""

    stopped: bool
    machines: int

    class Config:
        schema_extra = {"example": {"stopped": True, "machines": 3}}


class CashSwitchesAnswer(ApiModel):
    """Where cash is on."""

    on: int = Field(..., description="At so many of your machines.")
    stopped: int = Field(..., description="Of those so many stand still, by `PUT /cash/stop`.")

    class Config:
        schema_extra = {"example": {"on": 3, "stopped": 0}}


class RotateServiceKeyData(ApiModel):
    """That it is known what follows."""

    expect: int = Field(
        ..., ge=0, le=1_000_000, description="How many machines have to be paired again."
    )

    _whole = validator("expect", pre=True, allow_reuse=True)(whole_number)

    class Config:
        schema_extra = {"example": {"expect": 3}}


class ServiceKeyAnswer(ApiModel):
    """The key that your machines believe."""

    service_npub: str | None
    machines: int = Field(..., description="How many would have to be paired again for another.")
    made_at: datetime | None

    class Config:
        schema_extra = {"example": {"service_npub": NPUB, "machines": 3, "made_at": NOON}}


class OrderAnswer(ApiModel):
    """One order of a machine."""

    id: str
    stuck: bool = Field(
        ...,
        description="A person has to look at it: paid and not dispensed for a minute, not reported "
        "for five, paid late, or short; or a payment for notes that is unknown for a minute, has "
        "failed and was not tried again, or that nobody has fetched.",
    )
    settleable: bool = Field(
        ...,
        description="`POST /cash/{id}/settle` ends it; a payment that is unknown only after a day.",
    )
    machine_id: str
    machine_name: str
    direction: Direction
    state: CashState
    sats: int
    fee_sats: int
    fiat_amount: str
    fiat_code: str
    short_code: str
    wallet_id: str
    payment_hash: str | None
    dispensed_sats: int | None
    settled_how: str
    settled_by: str
    settled_ref: str
    asked_at: datetime
    expires_at: datetime | None
    paid_at: datetime | None
    dispensing_at: datetime | None
    ended_at: datetime | None
    held_until: datetime | None = Field(..., description="Of a cash-in: how long sats are kept.")
    said_at: datetime | None = Field(
        ..., description="Of a cash-in: when the machine said what the notes in it are worth."
    )
    broken: bool = Field(
        ...,
        description="LNbits has taken the sats from the wallet, and not given them to its customer "
        "of the same LNbits: give them, and settle the order.",
    )

    class Config:
        schema_extra = {
            "example": {
                "id": "spirekeeper-4d2c6b1e0f6a4a0f9a3c7d1e2b5f8a90",
                "stuck": False,
                "settleable": False,
                "machine_id": "esi4f9JnFPECgHZXqpx28y",
                "machine_name": "Station North",
                "direction": "cash_out",
                "state": "dispensed",
                "sats": 25000,
                "fee_sats": 500,
                "fiat_amount": "20",
                "fiat_code": "EUR",
                "short_code": "7KQ4M",
                "wallet_id": "fc36f2b333c94f99a3066ff38d2245cb",
                "payment_hash": "9f" * 32,
                "dispensed_sats": 25000,
                "settled_how": "",
                "settled_by": "",
                "settled_ref": "",
                "asked_at": NOON,
                "expires_at": NOON,
                "paid_at": NOON,
                "dispensing_at": NOON,
                "ended_at": NOON,
                "held_until": None,
                "said_at": None,
                "broken": False,
            }
        }


class OrdersAnswer(ApiModel):
    """A page of orders, newest first."""

    data: list[OrderAnswer]
    next: str | None = Field(..., description="`after` of the next page; null: there is none.")

    class Config:
        schema_extra: ClassVar[dict[str, Any]] = {"example": {"data": [], "next": None}}


class SettleData(ApiModel):
    """How the customer was made whole."""

    how: Literal["refunded", "notes_given", "other"]
    reference: Note = Field(Note(""), description="The refund's payment hash, or what was done.")

    class Config:
        schema_extra = {"example": {"how": "refunded", "reference": "9f" * 32}}


class LinkAnswer(ApiModel):
    """A withdraw link (LNURL, LUD-03). Whoever has it fetches the sats, once."""

    lnurl: str = Field(..., description="bech32; `LIGHTNING:LNURL1…` in capitals makes a small QR.")
    amount_sats: int = Field(..., description="What the customer gets.")
    expires_at: datetime

    class Config:
        schema_extra: ClassVar[dict[str, Any]] = {
            "example": {"lnurl": "lnurl1dp68gurn8ghj7um9", "amount_sats": 19400, "expires_at": NOON}
        }


class AddressAnswer(ApiModel):
    """Where customers' phones ask for their sats, and what this server found there."""

    address: str = Field(..., description="LNbits' base URL.")
    reach: Reach = Field(
        ...,
        description="`reachable`: this server reaches itself there, which is no proof for a phone; "
        "`no_https`: wallets ask nothing else; `private`: an address of this computer or its own "
        "network, at least as seen from here; `onion`: for wallets that speak Tor, and not tried; "
        "`silent`: nothing answers this server there; `elsewhere`: something else does, as where a "
        "proxy loses the path; `certificate`: its https is not good.",
    )
    links: bool = Field(
        ..., description="Whether machines are given links that lead there (`link` of a hold)."
    )
    tried_at: datetime

    class Config:
        schema_extra: ClassVar[dict[str, Any]] = {
            "example": {
                "address": "https://lnbits.example.org",
                "reach": "reachable",
                "links": True,
                "tried_at": NOON,
            }
        }
