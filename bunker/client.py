"""NsecBunkerAdminClient: nsecbunkerd's admin interface, with one method for each call."""

import asyncio
import json
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, TypeVar

from nostr_sdk import Keys

from ..nostr.keys import parse_secret_key
from . import decode
from .address import BunkerAddress
from .answers import BunkerKey, KeyUser, Policy, PolicyRule, Token
from .cached_read import CachedRead
from .dialects import Dialect, Observed, decide
from .errors import (
    BunkerNonsense,
    BunkerRefused,
    BunkerTimeout,
    NotAnAdmin,
    NsecBunkerError,
    WrongPassphrase,
    refused,
)
from .nip46 import Encryption, Refusal, Reply, Request
from .other_admins import OtherAdmins
from .probe import PING, observe
from .rpc import RelayRpc
from .settling import Settling

T = TypeVar("T")


class NsecBunkerAdminClient:
    """One bunker, as its admin.

    It connects at the first call and stays connected. It asks once per connection how the bunker
    speaks and which keys and policies it has. It asks again after a call without an answer, because
    the bunker may have come back with its keys locked; and it asks for keys and policies again
    after somebody else has talked to the bunker (`bunker/other_admins.py`). A call that only reads
    is sent again within the deadline: once because real daemons stall, and when a lost relay is
    back. A call that changes something is never sent twice.

    Every method raises NsecBunkerError or a child of it (errors.py).
    """

    def __init__(
        self,
        *,
        bunker_pubkey: str,
        relays: Sequence[str],
        admin_secret: str,
        deadline: float = 10.0,
        settle_seconds: float = 0.0,
        on_request: Callable[[Request], None] | None = None,
    ) -> None:
        """`admin_secret`: hex or nsec. `deadline`: seconds for any one call. `settle_seconds`: how
        long `settle` has a bunker left alone that has just come up.

        `on_request` is told what the bunker asks its admins while we are connected. Not answered.
        """
        self.address = BunkerAddress(pubkey=bunker_pubkey, relays=tuple(relays))
        self.round_trip: float | None = None
        """Seconds that the last ping() took."""
        self.seconds_ahead: float | None = None
        """How far the bunker's clock is ahead of ours, by its last answer, which may have been
        under way for as long as the deadline."""
        self.keys_size: int | None = None
        """Bytes of the answer that held the list of keys when it was last read, as encrypted."""
        self._deadline = deadline
        self._others = OtherAdmins()
        self._rpc = RelayRpc(
            _admin_keys(admin_secret),
            bunker_pubkey,
            relays,
            on_request=on_request,
            others=self._others,
        )
        self._silences = 0
        self._settling = Settling(settle_seconds)
        self._unlocked: dict[str, None] = {}
        """The keys that the bunker had unlocked, the newest last. A restart locks them all."""
        self._observed = CachedRead(self._observe, self._era)
        self._keys = CachedRead(self._get_keys, self._era_of_ours)
        self._policies = CachedRead(self._get_policies, self._era_of_ours)

    async def __aenter__(self) -> "NsecBunkerAdminClient":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def connected(self) -> tuple[str, ...]:
        """The bunker's relays that we are connected to now."""
        return self._rpc.connected

    async def connect(self) -> None:
        """Connects, and returns once a relay is up. BunkerUnreachable when none is."""
        await self._rpc.connect()

    async def close(self) -> None:
        """End every connection. Final: a closed client answers BunkerUnreachable."""
        await self._rpc.close()
        for learned in (self._observed, self._keys, self._policies):
            await learned.close()

    # What is learned once per connection

    async def dialect(self) -> Dialect:
        """How this bunker differs."""
        observed = await self._once(self._observed)
        try:
            policies = await self.policies()
        except BunkerRefused:
            return decide(observed)
        rule_ids = any(policy.rule_ids for policy in policies)
        return decide(replace(observed, has_rule_ids=rule_ids))

    async def keys(self) -> Mapping[str, BunkerKey]:
        """The bunker's keys by name. A key that we make later appears in it.

        It is not copied for each caller, since a bunker can have thousands.
        """
        known = await self._known(self._keys)
        return MappingProxyType(known)

    async def refresh_keys(self) -> Mapping[str, BunkerKey]:
        """The bunker's keys by name, read anew."""
        self._keys.drop()
        return await self.keys()

    async def policies(self) -> tuple[Policy, ...]:
        """The bunker's policies."""
        return await self._known(self._policies)

    async def refresh_policies(self) -> tuple[Policy, ...]:
        """The bunker's policies, read anew."""
        self._policies.drop()
        return await self.policies()

    # Whether it has settled

    async def settled(self) -> bool:
        """Whether keys may be made and unlocked now (`bunker/settling.py`)."""
        return await self._settles_in() <= 0

    async def settle(self) -> None:
        """Returns when keys may be made and unlocked. To be awaited before either."""
        await self._notice_restart()
        clock = asyncio.get_running_loop().time
        end = clock() + self._settling.seconds + self._deadline
        while (left := await self._settles_in()) > 0:
            if clock() + left > end:
                raise NsecBunkerError(
                    "it goes away again and again; look at its log", reason="keeps_ending"
                )
            await asyncio.sleep(left)

    async def _settles_in(self) -> float:
        if not self._settling.seconds:
            return 0.0
        spoken = await self._once(self._observed)
        if self._settling.away:
            await self.ping()
        return self._settling.left if decide(spoken).starts_keys_late else 0.0

    async def _notice_restart(self) -> None:
        """Looks at one key that was unlocked, which shows no tokens when it is locked."""
        if not self._settling.seconds or not self._settling.may_have_restarted:
            return
        await self.keys()
        if self._unlocked and not await self.get_key_tokens(next(reversed(self._unlocked))):
            await self.refresh_keys()

    # The calls

    async def ping(self) -> float:
        """How long one round trip takes, in seconds. A refusal of ping is an answer too."""
        await self._once(self._observed)
        start = time.perf_counter()
        try:
            await self._ask(PING, decode.word)
        except NotAnAdmin:
            raise
        except BunkerRefused:
            pass
        self.round_trip = time.perf_counter() - start
        return self.round_trip

    async def create_new_key(self, name: str, passphrase: str, nsec: str | None = None) -> str:
        """Has the bunker make a key, or keep the one handed to it. Its pubkey.

        Never for a name that exists: upstream overwrites that key. Not before the bunker has
        settled. The key listens about 150 ms after the answer.
        """
        handed = [nsec] if nsec else []
        request = Request("create_new_key", [name, passphrase, *handed], changes=True)
        pubkey = await self._ask(request, decode.created_key)
        self._note_key(name, pubkey)
        return pubkey

    async def unlock_key(self, name: str, passphrase: str) -> None:
        """Unlock a locked key; check its pubkey afterwards.

        Raises WrongPassphrase. Never for a key that is unlocked (it would answer everything twice)
        or before the bunker has settled, and never with a guess: one wrong passphrase in 256 breaks
        the daemon.
        """
        request = Request("unlock_key", [name, passphrase], changes=True)
        unlocked = await self._ask(request, decode.unlocked)
        self._keys.drop()
        if not unlocked:
            raise WrongPassphrase(
                "The bunker did not unlock the key: the passphrase is not the key's. Give the one "
                "it was made with; do not guess.",
                reason="wrong_passphrase",
            )

    async def create_new_policy(self, name: str, rules: Iterable[PolicyRule]) -> None:
        """Make a policy; the answer has no id, so find it by name. Names may repeat."""
        policy = {"name": name, "rules": [_new_rule(rule) for rule in rules]}
        request = Request("create_new_policy", [json.dumps(policy)], changes=True)
        await self._change_policies(request)

    async def add_policy_rule(self, policy_id: str, rule: PolicyRule) -> None:
        """Live-policy lineage: allow one thing more, at once, for connected clients too."""
        body = {"policyId": _number(policy_id), "rule": _live_rule(rule)}
        await self._change_policies(Request("add_policy_rule", [json.dumps(body)], changes=True))

    async def remove_policy_rule(self, rule_id: str) -> None:
        """Live-policy lineage: allow one thing less, at once, for connected clients too."""
        body = {"ruleId": _number(rule_id)}
        await self._change_policies(Request("remove_policy_rule", [json.dumps(body)], changes=True))

    async def create_new_token(
        self, key_name: str, client_name: str, policy_id: str, hours: int | None = None
    ) -> None:
        """Makes a token. The answer does not hold it: read it back by `client_name`.

        `hours`: whole, 1 or more; None for no end. The dialect says what they end.
        """
        if hours is not None and hours < 1:
            raise ValueError("a token lasts at least one hour")
        lasting = [] if hours is None else [hours]
        params = [key_name, client_name, _number(policy_id), *lasting]
        await self._ask(Request("create_new_token", params, changes=True), decode.done)

    async def get_key_tokens(self, key_name: str) -> list[Token]:
        """The tokens of a key; none while it is locked."""
        return await self._ask(Request("get_key_tokens", [key_name]), decode.tokens)

    async def get_key_users(self, key_name: str) -> list[KeyUser]:
        """The clients that redeemed a token of a key, revoked ones too; also while it is locked."""
        return await self._ask(Request("get_key_users", [key_name]), decode.key_users)

    async def revoke_user(self, user_id: str) -> None:
        """Cuts a client off for ever: a token that it redeems later does not help it. May be
        repeated."""
        await self._ask(Request("revoke_user", [user_id], changes=True), decode.done)

    async def revoke_key(self, key_name: str, users: Collection[KeyUser]) -> None:
        """Cuts off all of a key's users, which are these."""
        await asyncio.gather(*(self.revoke_user(user.id) for user in users))

    # Asking

    def _note_key(self, name: str, pubkey: str) -> None:
        """The bunker has a new key."""
        self._keys.update(lambda keys: keys.update({name: BunkerKey(name, pubkey)}))
        self._unlocked[name] = None

    def _era(self) -> object:
        return self._rpc.generation, self._silences

    def _era_of_ours(self) -> object:
        """Changes with each connection, and when somebody else may have changed what the bunker
        has."""
        return self._era(), self._others.mark(self._rpc.connected)

    async def _once(self, read: CachedRead[T]) -> T:
        # Connected first: connecting begins an era.
        await self._rpc.connect(self._deadline)
        return await read.get()

    async def _known(self, read: CachedRead[T]) -> T:
        # Which relays show what others say is seen by our own first words.
        await self._once(self._observed)
        return await read.get()

    async def _observe(self) -> Observed:
        try:
            observed = await observe(self._rpc, self._deadline)
        except (BunkerTimeout, NotAnAdmin):
            self._settling.gone()
            raise
        self._settling.heard(self._rpc.generation)
        return observed

    async def _get_keys(self) -> dict[str, BunkerKey]:
        keys = await self._ask(Request("get_keys"), decode.keys)
        unlocked = {name: None for name, key in keys.items() if not key.locked}
        if self._unlocked.keys() & (keys.keys() - unlocked.keys()):
            self._settling.restarted()
        self._unlocked = unlocked
        return keys

    async def _get_policies(self) -> tuple[Policy, ...]:
        return await self._ask(Request("get_policies"), decode.policies)

    async def _change_policies(self, request: Request) -> None:
        try:
            await self._ask(request, decode.done)
        finally:
            self._policies.drop()  # refused too: upstream leaves half a policy behind

    async def _ask(self, request: Request, decoder: Callable[[str], T]) -> T:
        # No line here names a secret: some loggers write the values of a line into a traceback.
        clock = asyncio.get_running_loop().time
        start = clock()
        spoken = await self._once(self._observed)
        left = max(self._deadline + start - clock(), self._deadline / 2)
        reply = await self._call(request, spoken, spoken.encryption, left)
        modern = spoken.encryption is Encryption.NIP44
        if reply.refusal is Refusal.SAID_NO and modern and not request.changes:
            reply = await self._call(request, spoken, Encryption.NIP04, left)
        if reply.refusal is Refusal.NOT_AN_ADMIN:
            self._settling.gone()  # who its admins are it reads when it starts
        if reply.refusal is not None:
            raise refused(request.method, reply.refusal)
        value = decode.attempt(decoder, reply)
        if isinstance(value, decode.Misshapen):
            raise BunkerNonsense(
                f"The bunker's answer to {request.method} cannot be read: {value}. "
                "Is it an nsecbunkerd?",
                reason="unreadable",
                method=request.method,
            )
        return value

    async def _call(
        self, request: Request, spoken: Observed, encryption: Encryption, deadline: float
    ) -> Reply:
        # Read again in NIP-04, which every lineage takes: a list over 64 KiB, such as the users of
        # a key after some 40 pairings, does not fit into NIP-44 and fails there.
        again = () if request.changes else ((self._deadline / 3, Encryption.NIP04),)
        try:
            reply = await self._rpc.call(
                request,
                encryption=encryption,
                kind=spoken.request_kind,
                deadline=deadline,
                again=again,
            )
        except BunkerTimeout:
            self._silences += 1
            self._settling.gone()
            raise
        self._settling.heard(self._rpc.generation)
        self.seconds_ahead = reply.made_at - time.time()
        if request.method == "get_keys":
            self.keys_size = reply.size
        return reply


def _admin_keys(secret: str) -> Keys:
    try:
        return Keys.parse(parse_secret_key(secret))
    except ValueError:
        pass  # raised below, so that nothing that has seen the key comes with it
    raise NsecBunkerError("The admin key is neither an nsec nor 64 hex digits.")


def _number(value: str) -> int | str:
    return int(value) if value.isdecimal() else value


def _new_rule(rule: PolicyRule) -> dict[str, Any]:
    """A rule as create_new_policy takes it. Without a kind upstream fails and keeps a broken
    policy, so none is ""."""
    return {"method": rule.method, "kind": "" if rule.kind is None else rule.kind}


def _live_rule(rule: PolicyRule) -> dict[str, Any]:
    kind = {} if rule.kind is None else {"kind": rule.kind}
    return {"method": rule.method, **kind}
