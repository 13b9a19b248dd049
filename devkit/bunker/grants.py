"""Who may do what: tokens that are redeemed, and the question that every gated request asks."""

import asyncio
from collections.abc import Iterator
from sqlite3 import Row
from weakref import WeakValueDictionary

from ...clock import Clock
from . import words
from .lineage import Lineage
from .store import Rule, Store, stamp


class TokenError(Exception):
    """The token is unknown, spent, expired or revoked; the text is the daemon's."""


class Grants:
    def __init__(self, store: Store, lineage: Lineage, clock: Clock, *, redeem_gap: float) -> None:
        self._store = store
        self._live = lineage.value.live_policy
        self._clock = clock
        self._redeem_gap = redeem_gap
        self._turns: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def redeem(self, pubkey: str, secret: object) -> None:
        """Makes `pubkey` a user of the token's key, which need not be the key that was asked.

        Reads, and writes a moment later, with nothing that guards the two: as upstream, so that
        two clients at once both redeem one token. One client that is heard twice, by a key that
        runs twice, is served one after the other: seen so, and the second finds the token spent.
        """
        turn = self._turns.setdefault((pubkey, str(secret)), asyncio.Lock())
        async with turn:
            await self._redeem(pubkey, secret)

    async def _redeem(self, pubkey: str, secret: object) -> None:
        row = self._redeemable(secret)
        await asyncio.sleep(self._redeem_gap)
        now = stamp(self._clock())
        user_id = self._store.upsert_user(row["key_name"], pubkey, row["client_name"], now)
        self._store.add_conditions(user_id, [Rule("connect", None), *self._rules(row)])
        self._store.spend_token(row["id"], user_id, now)

    def _redeemable(self, secret: object) -> Row:
        if not isinstance(secret, str):
            wrong = words.invalid_argument("token", "String", secret)
            raise TokenError(words.dump("token.findUnique", {"where": {"token": secret}}, wrong))
        row = self._store.token(secret)
        if row is None:
            raise TokenError(words.UNKNOWN)
        if row["redeemed_at"]:
            raise TokenError(words.SPENT)
        if self._live and row["revoked_at"]:
            raise TokenError(words.REVOKED)
        if row["expires_at"] and row["expires_at"] <= stamp(self._clock()):
            raise TokenError(words.EXPIRED)
        return row

    def _rules(self, token: Row) -> list[Rule]:
        """The policy's rules as they are copied to a user: an empty kind becomes none."""
        return [
            Rule(rule["method"], rule["kind"] or None)
            for rule in self._store.rules(token["policy_id"])
        ]

    def allowed(self, key_name: str, pubkey: str, method: str, kind: str | None) -> bool | None:
        """None: no rule says anything, so an admin is asked. `kind` is sign_event's, as text."""
        user = self._store.user(key_name, pubkey)
        if user is None:
            return None
        if self._live:
            return self._allowed_now(user, method, kind)
        granted = any(
            _matches(condition, method, kind) for condition in self._store.conditions(user["id"])
        )
        if not granted:
            return None
        return user["revoked_at"] is None

    def _allowed_now(self, user: Row, method: str, kind: str | None) -> bool | None:
        """The live-policy way: what the user's tokens and their policies say at this moment."""
        if user["revoked_at"]:
            return False
        for token in self._live_tokens(user):
            if method == "connect":
                return True
            for rule in self._store.rules(token["policy_id"]):
                limit = rule["max_usage_count"]
                spent = limit is not None and rule["current_usage_count"] >= limit
                if not spent and _matches(rule, method, kind):
                    self._store.count_use(rule["id"])
                    return True
        return None

    def _live_tokens(self, user: Row) -> Iterator[Row]:
        now = stamp(self._clock())
        for token in self._store.tokens_of_user(user["id"]):
            policy = self._store.policy(token["policy_id"])
            ends = (token["expires_at"], policy["expires_at"] if policy else now)
            if not token["revoked_at"] and all(end is None or end > now for end in ends):
                yield token


def _matches(rule: Row, method: str, kind: str | None) -> bool:
    """A sign_event rule without a kind matches nothing; other methods have no kind."""
    if rule["method"] != method:
        return False
    return method != "sign_event" or (rule["kind"] is not None and rule["kind"] == kind)
