"""The data of spirekeeper: the rows of its database, and what is read out of them.

Rows are stored through LNbits' insert and update, which keep text and times as they are. `pubkey`
is lowercase hex, `npub` is bech32, `*_at` is an aware datetime (UTC).
"""

from datetime import datetime
from enum import Enum
from typing import Generic, Literal, NamedTuple, TypeVar

from pydantic import BaseModel, Field
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
    REVOKE_OTHERS = "revoke_others"
    """Revoke every user of the key but those of its open pairings."""


class AfterCut(str, Enum):
    """What has to follow the cut of a machine here, and has not been done yet."""

    OWE = "owe"
    """To write down what the bunker owes, and end the pairings."""
    REMOVE = "remove"
    """That, and then to remove the machine."""


# Rows


class Machine(BaseModel):
    """One spire of one operator (`dca_machines`)."""

    id: str
    operator_user_id: str
    wallet_id: str | None = None
    name: str
    location: str = ""
    tags: list[str] = []
    fiat_code: str = "EUR"
    is_active: bool = True
    machine_npub: str | None = None
    """The spire's pubkey, in hex in spite of the name. None until paired."""
    bunker_spire_key_name: str | None = None
    paired_at: datetime | None = None
    """When a seed was last issued. Whether the machine connected is its pairing's redeemed_at."""
    cut_at: datetime | None = None
    after_cut: AfterCut | None = None
    stopped_at: datetime | None = None
    """When an emergency stop last cut it; the same moment as `cut_at` until it is paired again."""
    state: MachineState = MachineState.UNPAIRED
    busy_by: str | None = None
    busy_until: datetime | None = None
    last_seen_at: datetime | None = None
    locked_at: datetime | None = None
    """Since when the bunker is known to have the key locked; None: it is not, as far as we know."""
    lock_reason: str | None = None
    flagged_at: datetime | None = None
    flag: str | None = None
    """Somebody else seems to use the key (`second_client`, `unknown_user`); for the operator."""
    silent_minutes: int | None = None
    """Tell the operator when the machine has not been seen for so long; None: do not."""
    version: int = 0
    """How often its operator has edited it."""
    created_at: datetime
    updated_at: datetime


class StoredMachine(Machine):
    """A machine's new row, with the forms in which its name, location and tags are searched and
    sorted. The npub by which it is found comes with its key."""

    name_sought: str
    location_sought: str
    tags_sought: str


class ListedMachine(Machine):
    """A machine, and how many revocations the bunker still owes for it."""

    owed: int


class MachineEdit(BaseModel):
    """The columns of a machine that its operator edits."""

    id: str
    wallet_id: str | None = Field(...)
    name: str
    name_sought: str
    location: str
    location_sought: str
    tags: list[str]
    tags_sought: str
    fiat_code: str
    is_active: bool
    silent_minutes: int | None = Field(...)
    updated_at: datetime


class PairingStanding(BaseModel):
    """What of a pairing decides where its machine stands."""

    machine_id: str
    state: PairingState = PairingState.INTENT
    created_at: datetime
    issued_at: datetime | None = None
    scan_before: datetime
    session_expires_at: datetime | None = None
    redeemed_at: datetime | None = None
    confirm_required: bool = False
    confirmed_at: datetime | None = None
    ended_at: datetime | None = None
    end_reason: str | None = None
    spire_pubkey: str | None = None
    key_clean: bool | None = None
    """What the bunker showed once the seed's token was dead: that nobody but clients that counted
    and our own burners came to the key meanwhile, or that somebody did. None: it has not shown it
    yet. Seeds that had ended before this was looked at count as clean."""


class Pairing(PairingStanding):
    """One seed ever issued, without its secret (`pairings`)."""

    id: str
    key_name: str
    bunker_pubkey: str
    passphrase_id: str
    client_name: str
    """What the bunker calls the token; unique to this pairing."""
    token_id: str | None = None
    bunker_relay: str
    relays: list[str]
    bunker_listens: bool | None = None
    """Whether the bunker was heard on `bunker_relay`; None until that was tried."""
    client_pubkey: str | None = None
    client_npub: str = ""
    """The same as people read it, by which the machine is found."""
    flagged_at: datetime | None = None
    """Since when somebody else was seen to use the key while this pairing was open."""
    operator_user_id: str = ""
    """Whose the machine is, or was: the pairing outlives it. Empty: not known."""
    service_pubkey: str | None = None
    """The key that the seed names for the machine's cash; None: it names none."""
    ready_at: datetime | None = None
    """When its machine first asked that key, confirmed."""


MintReason = Literal["first", "asked", "forced"]
"""Why a key was minted: the machine's first, asked for (also by a cut), or forced by the rule about
who may sign unconfirmed."""


class MintedKey(BaseModel):
    """A key that a bunker was asked to make, and can never delete (`minted_keys`).

    It is written before the bunker is asked, and outlives its machine. A key that failed to be made
    counts too: the bunker may have made it, and the next pair takes the same name.
    """

    bunker_pubkey: str
    key_name: str
    machine_id: str
    operator_user_id: str
    minted_at: datetime
    why: MintReason


class LimitsRow(BaseModel):
    """What the superuser has set in place of the environment's limits (`limits`); None: nothing."""

    id: str = "limits"
    max_keys: int | None = None
    keys_an_operator: int | None = None
    forced_keys_an_hour: int | None = None
    updated_at: datetime


class OwedRevocation(BaseModel):
    """What the bunker still owes, whether or not the machine's row lives (`owed_revocations`)."""

    id: str
    kind: OwedKind
    machine_id: str
    operator_user_id: str
    """Empty: not known."""
    bunker_pubkey: str
    key_name: str
    client_name: str | None = None
    client_pubkey: str | None = None
    """The client of the pairing whose token is to end, where it is known."""
    passphrase_id: str | None = None
    """The one that the key was made with."""
    relays: list[str]
    """Where the key listens: a burn goes over them."""
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
    machine_name: str = ""
    """What the machine was called then: the line outlives it."""
    event: str
    outcome: str
    detail: str = ""
    detail_code: str = ""
    detail_values: str = "{}"
    """What the detail is made of, as JSON (`store/details.py`); nothing in an older line."""


class MachinePlace(BaseModel):
    """Where a machine stands, and which wallet it serves."""

    id: str
    location: str
    wallet_id: str | None = None


Mint = Literal["bunker", "local"]


class BunkerSettingsRow(BaseModel):
    """The admin connection as stored; `sealed` holds its secrets (`bunker_settings`)."""

    id: str = "bunker"
    bunker_pubkey: str
    relays: list[str]
    admin_pubkey: str
    sealed: str
    allow_private_relays: bool = False
    mint: Mint = "bunker"
    machine_relays: list[str] = []
    """Those that the superuser names for machines."""
    bunker_relays_for_machines: bool = False
    """The bunker's own relays are for machines, whatever else is named."""
    updated_at: datetime


class LastRelays(BaseModel):
    """The relays that an operator paired over last (`last_relays`)."""

    operator_user_id: str
    relays: list[str]
    allow_private_relays: bool
    used_at: datetime


PASSPHRASE_UNKEPT = "passphrase_unkept"
"""A notice that is written down as it comes about: no other row tells of it."""


class NoticeRow(BaseModel):
    """A notice that stands, and whether it has been told (`notices`)."""

    machine_id: str
    """Empty for what is about no machine."""
    code: str
    mark: str
    since: datetime
    told_at: datetime | None = None
    """When its operator was told."""
    posted_at: datetime | None = None
    """When the webhook took it."""


class GoneOperator(BaseModel):
    """An operator who has machines and whose account is gone (`gone_operators`)."""

    operator_user_id: str
    since: datetime
    """When that was first found."""


# What is read out of them


class OverdueRevocation(BaseModel):
    """A machine for which the bunker has owed something for long. The machine may be deleted."""

    machine_id: str
    operator_user_id: str
    """Empty: not known."""
    name: str | None = None
    """Also of one that was deleted, as long as the journal knows it."""
    deleted: bool
    since: datetime


class WatchedPairing(NamedTuple):
    """What the watch has to know of an open pairing. A tuple, since there can be very many."""

    machine_id: str
    state: PairingState
    key_name: str
    spire_pubkey: str
    client_pubkey: str | None
    confirm_required: bool
    relays: frozenset[str]
    operator_user_id: str


class KeyInUse(BaseModel):
    """A key that an open pairing of a machine needs, and what is noted of that machine."""

    machine_id: str
    operator_user_id: str
    key_name: str
    spire_pubkey: str
    lock_reason: str | None


class Page(GenericModel, Generic[Row]):
    """One page of a list, and how many rows the list has."""

    data: list[Row]
    total: int


class StateCount(BaseModel):
    """How many machines are in one state, and active or not."""

    state: MachineState
    is_active: bool
    total: int


class RosterEntry(BaseModel):
    """The machine and the wallet behind a spire's key."""

    machine_id: str
    operator_user_id: str
    wallet_id: str
    spire_pubkey: str
    spire_npub: str

    class Config:
        schema_extra = {
            "example": {
                "machine_id": "esi4f9JnFPECgHZXqpx28y",
                "operator_user_id": "79b3e61112f84616a4135d871dad96b7",
                "wallet_id": "fc36f2b333c94f99a3066ff38d2245cb",
                "spire_pubkey": "bd9f5969b1aaad347dbdcc34e8e0f4d21f64ec09169ef7e51f95efd5ad811305",
                "spire_npub": "npub1hk04j6d342kngldaes6w3c856g0kfmqfz6000egljhhattvpzvzse9yldr",
            }
        }
