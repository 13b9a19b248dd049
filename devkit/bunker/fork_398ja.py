"""The 398ja fork, 0.11: what it adds to nsecbunkerd 0.10.5, and what it does differently.

Source: github.com/398ja/nsecbunkerd at 241a9c5 (0.11.2), read, and run for the recording in
tests/contract; the file is named at each difference. Two of its calls are played, because they do
less than their names say and an operator may have used them; the client uses none.
"""

from sqlite3 import Row
from typing import Any

from nostr_sdk import Keys

from .store import Rule
from .verbs import OK, Verb, VerbError, Verbs, not_played, parse_int, take


class Fork398jaVerbs(Verbs):
    casts_policy_id = True  # admin/commands/create_new_token.ts

    def table(self) -> dict[str, Verb]:
        """The names are those of admin/index.ts."""
        return {
            **super().table(),
            "delete_key": self.delete_key,
            "revoke_token": self.revoke_token,
            **not_played("get_key", "rotate_key", "get_policy", "delete_policy", "get_token"),
            **not_played("validate_token", "grant_permission", "revoke_permission"),
            **not_played("get_permissions"),
        }

    def ping(self, params: list[Any]) -> str:
        return "pong"  # admin/commands/ping.ts

    def listed(self) -> dict[str, Keys | None]:
        """Without those marked as deleted, so their tokens are not shown either (run.ts)."""
        deleted = self.store.deleted_keys()
        return {name: key for name, key in super().listed().items() if name not in deleted}

    def new_rule(self, rule: object) -> Rule:
        """A rule needs neither kind nor method (admin/commands/create_new_policy.ts)."""
        if not isinstance(rule, dict):
            raise VerbError("Cannot read properties of null (reading 'kind')")
        kind, method = rule.get("kind"), rule.get("method") or "sign_event"
        return Rule(str(method), None if kind is None else str(kind), rule.get("use_count"))

    def token_fields(self, row: Row, npub: str) -> dict[str, Any]:
        """Two more than upstream's (admin/index.ts)."""
        head = {"id": row["id"], "key_name": row["key_name"], "key_npub": npub}
        revoked = row["revoked_at"] is not None
        return {**head, **super().token_fields(row, npub), "revoked": revoked}

    def user_fields(self, row: Row) -> dict[str, Any]:
        """One more than upstream's (run.ts)."""
        fields = super().user_fields(row)
        conditions = fields.pop("signingConditions")
        return {**fields, "active": row["revoked_at"] is None, "signingConditions": conditions}

    def delete_key(self, params: list[Any]) -> str:
        """Marks the key and its tokens. The key goes on signing, its tokens can be redeemed, and
        after a restart it can be unlocked (admin/commands/delete_key.ts, backend/index.ts)."""
        name = str(take(params, 1)[0] or "")
        if not name:
            raise VerbError("Invalid params: keyName required")
        if name not in self.keyring.pubkeys():
            raise VerbError(f"Key '{name}' not found")
        if name in self.store.deleted_keys():
            raise VerbError(f"Key '{name}' is already deleted")
        self.store.mark_key_deleted(name, self.now())
        return OK

    def revoke_token(self, params: list[Any]) -> str:
        """Marks the token, which is redeemed all the same: backend/index.ts does not look at the
        mark (admin/commands/revoke_token.ts)."""
        given = take(params, 1)[0]
        if not given:
            raise VerbError("Invalid params: tokenId required")
        number = parse_int(given)
        if number is None:
            raise VerbError("Invalid params: tokenId must be a number")
        token = self.store.token_by_id(number)
        if token is None:
            raise VerbError(f"Token with id '{number}' not found")
        if token["revoked_at"]:
            raise VerbError(f"Token with id '{number}' is already revoked")
        self.store.revoke_token(number, self.now())
        return OK
