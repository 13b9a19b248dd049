"""What the API tells unasked: notices, and where an open page is told to ask again."""

from datetime import datetime

from pydantic import Field

from .base import ApiModel
from .machines import NOON


class LiveChannel(ApiModel):
    """Where your open page is told to ask again."""

    channel: str = Field(
        ...,
        description="For LNbits' /api/v1/ws/{channel}. What arrives there says nothing but that "
        "something of yours has changed.",
    )

    class Config:
        schema_extra = {"example": {"channel": "spirekeeper-…"}}


class NoticeAnswer(ApiModel):
    """Something the operator has to know."""

    code: str = Field(
        ...,
        description="silent, locked, second_client, session_ending, revoke_owed, relay_left_out, "
        "client_lost, paid_not_dispensed, dispense_unreported, paid_late, short, "
        "notes_unreported, cash_unknown, unclaimed, wallet_short, cap_reached, bunker_away, or "
        "no_operator, keys_outgrow_relay and passphrase_unkept for the superuser.",
    )
    machine_id: str | None
    name: str | None = Field(..., description="What the machine is called, or was.")
    deleted: bool = Field(..., description="The machine is gone; what it left is not.")
    order_id: str | None = Field(..., description="The cash order that it is about.")
    words: str = Field(..., description="One or two sentences that say what to do.")
    at: datetime = Field(..., description="Since when it is so.")

    class Config:
        schema_extra = {
            "example": {
                "code": "silent",
                "machine_id": "esi4f9JnFPECgHZXqpx28y",
                "name": "Station North",
                "deleted": False,
                "order_id": None,
                "words": "Station North has not been seen for 30 minutes or more.",
                "at": NOON,
            }
        }
