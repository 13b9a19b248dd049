"""Faults of the wire, as data: what happens, and how each thing that an operator does then ends.

`docs/faults.md` is printed from this table (see `fault_page.py`), and `tests/system/faults` does
what it says. Nothing of LNbits is imported here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from system.faults import fault_makers as make
from system.faults.fault_house import PATIENCE
from system.faults.fault_makers import Make


class Op(Enum):
    """What an operator does, and the call to the bunker that the fault meets. `pings` and what
    follows it are asked on a new connection only."""

    PING = ("pair", "ping")
    KEYS = ("pair", "get_keys")
    POLICIES = ("pair", "get_policies")
    POLICY = ("pair", "create_new_policy")
    KEY = ("pair", "create_new_key")
    TOKEN = ("pair", "create_new_token")
    READ = ("pair", "get_key_tokens")
    LOOK = ("look", "get_key_tokens")
    CONFIRM = ("confirm", "get_key_users")
    REVOKE = ("revoke", "revoke_user")

    def __init__(self, words: str, method: str) -> None:
        self.words = words
        self.method = method

    @property
    def pairs(self) -> bool:
        return self.words == "pair"

    @property
    def anew(self) -> bool:
        """Asked on a new connection only."""
        return self in ANEW


ANEW = (Op.PING, Op.KEYS, Op.POLICIES, Op.POLICY)
PAIR = (Op.KEY, Op.TOKEN, Op.READ)
MAIN = (*PAIR, Op.LOOK, Op.CONFIRM, Op.REVOKE)


class Way(Enum):
    """How it ends while the fault lasts; the value is what the page calls it."""

    FINE = "works"
    SILENT = "no answer"
    REFUSED = "failed"
    UNREACHED = "no relay"
    NOT_BEGUN = "not begun"
    OWED = "stays owed"
    NOT_SEEN = "not seen yet"
    DOUBTED = "doubted"


@dataclass(frozen=True)
class End:
    """What the caller got, and what is stored then. `code`: of the error, or the `bunker` field."""

    status: int
    code: str
    machine: str
    pairing: str | None
    owed: tuple[str, ...] = ()

    def words(self) -> str:
        said = f"{self.status} `{self.code}`" if self.code else str(self.status)
        kept = f"pairing `{self.pairing}`" if self.pairing else "nothing new"
        owed = f"; owed: {', '.join(f'`{each}`' for each in self.owed)}" if self.owed else ""
        return f"{said}; machine `{self.machine}`, {kept}{owed}"


_BURN = ("burn_token",)

PAIR_ENDS = {
    Way.FINE: End(200, "", "awaiting_scan", "issued"),
    Way.SILENT: End(504, "bunker_silent", "unpaired", "failed", _BURN),
    Way.REFUSED: End(502, "bunker_failed", "unpaired", "failed", _BURN),
    Way.UNREACHED: End(503, "no_relay", "unpaired", "failed", _BURN),
    Way.NOT_BEGUN: End(503, "no_relay", "unpaired", None),
}
LOOK_ENDS = {
    Way.FINE: End(200, "ok", "paired", "redeemed"),
    Way.SILENT: End(200, "unreachable", "awaiting_scan", "issued"),
    Way.NOT_SEEN: End(200, "ok", "awaiting_scan", "issued"),
}
CONFIRM_ENDS = {
    Way.FINE: End(200, "", "paired", "confirmed"),
    Way.SILENT: End(504, "bunker_silent", "confirming", "redeemed"),
    Way.REFUSED: End(502, "bunker_failed", "confirming", "redeemed"),
    Way.UNREACHED: End(503, "no_relay", "confirming", "redeemed"),
    Way.DOUBTED: End(409, "unexpected_client", "confirming", "redeemed"),
}
REVOKE_ENDS = {
    Way.FINE: End(200, "done", "revoked", "revoked"),
    Way.OWED: End(200, "pending", "revoked", "revoked", ("revoke_key",)),
}


def ends_of(op: Op) -> Mapping[Way, End]:
    if op.pairs:
        return PAIR_ENDS
    return {Op.LOOK: LOOK_ENDS, Op.CONFIRM: CONFIRM_ENDS, Op.REVOKE: REVOKE_ENDS}[op]


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong, for as long as it takes or (`once`) in the middle."""

    name: str
    ways: Mapping[Op, Way]
    make: Make
    do: str
    """What the operator does about it."""
    slow: frozenset[Op] = frozenset()
    """A deadline passes, or there are many like it: left to the long tests."""
    patience: float = 1.5
    """Seconds that a call is waited for where the fault lets it wait."""
    relays: int = 1
    bunker_ahead: int = 0
    """Minutes."""
    server_ahead: int = 0


def _all(way: Way, ops: tuple[Op, ...] = MAIN) -> dict[Op, Way]:
    return dict.fromkeys(ops, way)


EVERY = frozenset(Op)
WELL = _all(Way.FINE)
LOST = {**_all(Way.SILENT), Op.REVOKE: Way.OWED}
"""Not done, not answered."""
UNANSWERED = {**LOST, Op.KEY: Way.FINE, Op.TOKEN: Way.FINE}
"""Done; what was done is looked up."""
FAILING = {**_all(Way.REFUSED), Op.LOOK: Way.SILENT, Op.REVOKE: Way.OWED}
UNREACHED = {**_all(Way.UNREACHED), Op.LOOK: Way.SILENT, Op.REVOKE: Way.OWED}
NOT_BEGUN = {**UNREACHED, **_all(Way.NOT_BEGUN, PAIR)}
CLOSED = {**_all(Way.FINE, (*ANEW, *MAIN)), Op.REVOKE: Way.OWED}
"""A read is repeated; what was done is looked up."""

RESTARTED = {op: way for op, way in CLOSED.items() if op in {*PAIR, Op.CONFIRM, Op.REVOKE}}
"""Its keys are locked then; the one that is paired is unlocked for it."""

NOTHING = "Nothing."
AGAIN = "Try again once the bunker answers."
TWO_BUNKERS = "See that one bunker runs with this key, not two: an old one, or a restored copy."
ANOTHER_RELAY = "Use another relay for the bunker: somebody meddles with this one."
UNLOCKED = "Nothing: its keys are unlocked in the background."
OWN_RELAY = "Use a relay of your own for the bunker."
WAIT = "Wait a minute. If it comes back, use a relay of your own."
SET_CLOCK = "Set the server's clock by NTP; if it is right, the relay's is not."
MEND_ONE = "Bring it back, or take it out of the bunker's address."

FAULTS = (
    Fault("no answer: the request is lost", LOST, make.lost, AGAIN, EVERY),
    Fault("no answer: it is done, and the answer lost", UNANSWERED, make.unanswered, AGAIN, EVERY),
    Fault("an answer after the deadline", UNANSWERED, make.late, AGAIN, EVERY),
    Fault("the same answer twice", WELL, make.twice, NOTHING),
    Fault("two different answers, the right one first", WELL, make.right_first, TWO_BUNKERS),
    Fault(
        "two different answers, the wrong one first",
        {
            Op.KEY: Way.REFUSED,
            Op.TOKEN: Way.REFUSED,
            Op.READ: Way.SILENT,
            Op.LOOK: Way.NOT_SEEN,
            Op.CONFIRM: Way.DOUBTED,
            Op.REVOKE: Way.OWED,
        },
        make.wrong_first,
        TWO_BUNKERS,
    ),
    Fault("an answer from another key", UNANSWERED, make.another_key, ANOTHER_RELAY, EVERY),
    Fault("an answer to another id", UNANSWERED, make.another_id, AGAIN, EVERY),
    Fault("an answer to somebody else", UNANSWERED, make.to_another, ANOTHER_RELAY, EVERY),
    Fault("an answer with a bad signature", UNANSWERED, make.bad_signature, ANOTHER_RELAY, EVERY),
    Fault("an answer that cannot be decrypted", UNANSWERED, make.undecryptable, AGAIN, EVERY),
    Fault("an answer that is not JSON", UNANSWERED, make.not_json, AGAIN, EVERY),
    Fault("an answer of 1 MB", UNANSWERED, make.megabyte, AGAIN, EVERY),
    Fault("an answer without the shape of one", FAILING, make.shapeless, AGAIN),
    Fault(
        "the relay closes instead of answering, and is back",
        CLOSED,
        make.closing,
        NOTHING,
        EVERY,
        patience=3.0,
    ),
    Fault("the relay takes nothing: blocked", UNREACHED, make.refused, OWN_RELAY),
    Fault("the relay takes no more: rate-limited", UNREACHED, make.rate_limited, WAIT, EVERY),
    Fault("the relay finds the server's clock wrong", UNREACHED, make.too_old, SET_CLOCK),
    Fault("the relay refuses what it passes on", WELL, make.refusing_delivered, NOTHING),
    Fault("the relay confirms nothing", WELL, make.unconfirmed, NOTHING),
    Fault("the relay says no word of stored events (no EOSE)", WELL, make.no_eose, NOTHING),
    Fault("the relay keeps only the last filter of a subscription", WELL, make.last, NOTHING),
    Fault("the relay drops all and says so in a NOTICE", LOST, make.noticed, OWN_RELAY, EVERY),
    Fault("the relay ends the subscription", NOT_BEGUN, make.subscriptions_ended, WAIT, EVERY),
    Fault("the relay demands a log-in (NIP-42)", WELL, make.login_to_read, NOTHING),
    Fault("the relay demands a log-in to write", WELL, make.login_to_write, NOTHING),
    Fault(
        "the relay demands a log-in, and does not let our admin key in",
        NOT_BEGUN,
        make.no_member,
        "Have the admin npub let in, or use another relay.",
        EVERY,
    ),
    Fault("the relay loses ephemeral events", LOST, make.losing, OWN_RELAY, EVERY),
    Fault("one relay of three is dead", WELL, make.one_dead, MEND_ONE, relays=3),
    Fault(
        "one relay of three hangs: it takes connections and says nothing",
        WELL,
        make.one_hanging,
        MEND_ONE,
        relays=3,
    ),
    Fault(
        "one relay of three lies: it takes all, passes nothing on, makes up answers",
        WELL,
        make.one_lying,
        "Take it out of the bunker's address.",
        relays=3,
    ),
    Fault(
        "the bunker restarts instead of answering",
        RESTARTED,
        make.restarting,
        UNLOCKED,
        EVERY,
        patience=3.0,
    ),
    *(
        Fault(
            f"the {whose} clock is ten minutes {where}",
            WELL,
            make.clocks_apart,
            "Set the clocks by NTP. Times on the page can be wrong by as much.",
            EVERY,
            patience=PATIENCE,
            bunker_ahead=bunker,
            server_ahead=server,
        )
        for whose, where, bunker, server in (
            ("bunker's", "fast", 10, 0),
            ("bunker's", "slow", -10, 0),
            ("server's", "fast", 0, 10),
            ("server's", "slow", 0, -10),
        )
    ),
    Fault("all relays are dead", NOT_BEGUN, make.all_dead, "Bring one back.", EVERY),
)
