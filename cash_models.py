"""What machines may do with cash, as their operator set it, and the key that answers them.

Pure; the orders themselves are in `orders.py`.
"""

from datetime import datetime

from pydantic import BaseModel, Field

from .orders import NoRoom, fee_in_of, fee_of


class CashSettings(BaseModel):
    """What a machine may do with cash, as its operator set it (`cash_settings`)."""

    machine_id: str
    operator_user_id: str
    out_on: bool = False
    smallest: int = 1_000
    """Sats that a customer may pay at least, and at most."""
    largest: int = 500_000
    fee_ppm: int = 0
    fee_fixed: int = 0
    in_on: bool = False
    in_fee_ppm: int = 0
    in_fee_fixed: int = 0
    cap_order: int | None = None
    """Sats that may leave the wallet for one cash-in: the customer's and what paying them costs."""
    cap_hour: int | None = None
    """The same for those of an hour, and of a day, with all that is reserved now."""
    cap_day: int | None = None
    cap_open: int | None = None
    """The same for those that are reserved now."""
    refused_why: str = ""
    """Why the machine took no notes last (`NoRoom`); empty: it did since."""
    refused_at: datetime | None = None
    stopped_at: datetime | None = None
    version: int = 0
    updated_at: datetime

    def fee(self, sats: int) -> int:
        """Of what a customer pays, rounded up to the operator."""
        return fee_of(sats, self.fee_ppm, self.fee_fixed)

    def fee_in(self, sats: int) -> int:
        """Of what a customer's notes are worth."""
        return fee_in_of(sats, self.in_fee_ppm, self.in_fee_fixed)


class CashRefused(BaseModel):
    """A machine that took no notes, since it had no room for them."""

    machine_id: str
    operator_user_id: str
    name: str
    refused_why: NoRoom
    refused_at: datetime


class CashRoom(BaseModel):
    """Sats that may still leave a machine's wallet for notes, with what paying them costs."""

    now: int
    """For one customer."""
    hour: int
    day: int
    open: int
    """Of what may be kept for customers at a time."""
    wallet: int
    """As far as the wallet has them."""


class CashSold(BaseModel):
    """What customers have paid."""

    orders: int
    sats: int
    fee_sats: int
    """The operator's part of that."""


class CashSwitches(BaseModel):
    """At how many of an operator's machines cash is on, and how many of those stand still."""

    on: int
    stopped: int


class ServiceKey(BaseModel):
    """A key that answers an operator's machines (`service_keys`); `sealed` is its secret."""

    pubkey: str
    operator_user_id: str
    sealed: str = Field(..., repr=False)
    made_at: datetime
    replaced_at: datetime | None = None


class CashPairing(BaseModel):
    """What of a machine's pairing decides whether it may ask for money."""

    id: str
    machine_id: str
    machine_name: str
    operator_user_id: str
    wallet_id: str | None
    spire_pubkey: str
    service_pubkey: str | None
    confirmed_at: datetime | None
    ready_at: datetime | None
