"""The answers of nsecbunkerd's admin interface, as values.

`pubkey` is lowercase hex. Times are aware (UTC). Ids are strings whatever the lineage sends; the
client gives each back in the type that its lineage wants.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .errors import BunkerNonsense


@dataclass(frozen=True)
class BunkerKey:
    """One key the bunker holds (get_keys)."""

    name: str
    pubkey: str | None
    """None while the key is locked."""

    @property
    def locked(self) -> bool:
        return self.pubkey is None


class BunkerKeys(dict[str, BunkerKey]):
    """The bunker's keys by name.

    A name that the bunker lists twice, or with something unreadable, is neither there nor missing:
    whoever took it for missing would make another key in its place. To ask for such a name raises
    BunkerNonsense. All other names can be read.
    """

    def __init__(self, keys: Mapping[str, BunkerKey], unclear: Collection[str] = ()) -> None:
        super().__init__(keys)
        self._unclear = frozenset(unclear)

    def __getitem__(self, name: str) -> BunkerKey:
        self._guard_clear(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self._guard_clear(name)
        return super().__contains__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self._guard_clear(name)
        return super().get(name, default)

    def _guard_clear(self, name: object) -> None:
        if name in self._unclear:
            raise BunkerNonsense(
                f"What the bunker tells of the key {name} cannot be read; look at it in the "
                "bunker.",
                reason="key_unreadable",
                key=str(name),
            )


@dataclass(frozen=True)
class PolicyRule:
    """What a policy allows: a method, and for sign_event the event kind."""

    method: str
    kind: int | None = None


@dataclass(frozen=True)
class Policy:
    """A named set of rules (get_policies). Names may repeat in one bunker."""

    id: str
    name: str
    rules: frozenset[PolicyRule]
    rule_ids: dict[PolicyRule, str] = field(default_factory=dict, compare=False)
    """Empty where the lineage does not tell them."""
    expires_at: datetime | None = None
    limited: bool = False
    """Some rule may be used only so many times."""
    unread: bool = False
    """Some rule has a kind that is no number (such as "all"); it is not among `rules`."""

    def allows_exactly(self, rules: Iterable[PolicyRule]) -> bool:
        plain = self.expires_at is None and not self.limited and not self.unread
        return plain and self.rules == frozenset(rules)


@dataclass(frozen=True)
class Token:
    """A connection token of a key (get_key_tokens)."""

    id: str
    key_name: str
    client_name: str
    pubkey: str
    """The key the token stands for."""
    secret: str = field(repr=False)
    policy_id: str | None
    created_at: datetime | None
    expires_at: datetime | None
    redeemed_at: datetime | None
    redeemed_by: str | None
    """The client name of the user who redeemed it; can be that of an older token."""


@dataclass(frozen=True)
class KeyUser:
    """A client that has redeemed a token of a key (get_key_users)."""

    id: str
    pubkey: str
    client_name: str
    """The client name of the first token it redeemed (nsecbunkerd calls it description)."""
    created_at: datetime | None
    revoked_at: datetime | None
