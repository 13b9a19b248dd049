"""The calls that the live-policy fork adds, and what it does differently.

Source: the descriptions of pull requests 13 (the calls), 17 (unlocking) and 27 (what is looked up
when something is signed) in its maintainers' tracker, git.atitlan.io/aiolabs/nsecbunkerd. Each call
takes one JSON string. Their refusals were not recorded: they are upstream's way to fail.
"""

from sqlite3 import Row
from typing import Any

from . import words
from .store import Rule
from .verbs import OK, Verb, VerbError, Verbs, json_object, not_played


class LivePolicyVerbs(Verbs):
    def table(self) -> dict[str, Verb]:
        return {
            **super().table(),
            "add_policy_rule": self.add_policy_rule,
            "remove_policy_rule": self.remove_policy_rule,
            "update_policy": self.update_policy,
            "revoke_token": self.revoke_token,
            **not_played("add_signing_condition", "remove_signing_condition"),
        }

    def create_new_key(self, params: list[Any]) -> str:
        """A name that exists keeps its key; a locked one is unlocked with the passphrase."""
        name = str(params[0]) if params else ""
        if name not in self.keyring.pubkeys():
            return super().create_new_key(params)
        if self.keyring.active(name) is None:
            self.unlock_key(params)
        keys = self.keyring.active(name)
        if keys is None:
            raise VerbError(words.BAD_DECRYPT)
        return f'{{"npub":"{keys.public_key().to_bech32()}"}}'

    def unlock_key(self, params: list[Any]) -> str:
        """A key that is unlocked stays as it is; upstream starts it twice."""
        if params and self.keyring.active(str(params[0])) is not None:
            return '{"success":true}'
        return super().unlock_key(params)

    def rule_fields(self, row: Row) -> dict[str, Any]:
        return {"id": row["id"], **super().rule_fields(row)}

    def token_fields(self, row: Row, npub: str) -> dict[str, Any]:
        return {**super().token_fields(row, npub), "revoked_at": row["revoked_at"]}

    def add_policy_rule(self, params: list[Any]) -> str:
        """{policyId, rule: {method, kind?, maxUsageCount?}}"""
        given = _parameter(params)
        policy_id = self._policy_id(given)
        rule = given.get("rule")
        if not isinstance(rule, dict) or not rule.get("method"):
            raise VerbError(words.INVALID_PARAMS)
        kind = rule.get("kind")
        kept = Rule(rule["method"], None if kind is None else str(kind), rule.get("maxUsageCount"))
        self.store.add_rule(policy_id, kept)
        return OK

    def remove_policy_rule(self, params: list[Any]) -> str:
        """{ruleId}"""
        given = _parameter(params)
        if not self.store.remove_rule(_number(given.get("ruleId"))):
            raise _missing("policyRule.delete", given)
        return OK

    def update_policy(self, params: list[Any]) -> str:
        """{policyId, patch: {name?, expiresAt?}}"""
        given = _parameter(params)
        policy_id = self._policy_id(given)
        patch = given.get("patch")
        if not isinstance(patch, dict):
            raise VerbError(words.INVALID_PARAMS)
        self.store.change_policy(policy_id, patch, self.now())
        return OK

    def revoke_token(self, params: list[Any]) -> str:
        """{tokenId}"""
        given = _parameter(params)
        if not self.store.revoke_token(_number(given.get("tokenId")), self.now()):
            raise _missing("token.update", given)
        return OK

    def _policy_id(self, given: dict[str, Any]) -> int:
        policy_id = _number(given.get("policyId"))
        if self.store.policy(policy_id) is None:
            raise VerbError(words.POLICY_NOT_FOUND)
        return policy_id


def _parameter(params: list[Any]) -> dict[str, Any]:
    return json_object(params[0] if params else None)


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise VerbError(words.INVALID_PARAMS)
    return value


def _missing(operation: str, given: dict[str, Any]) -> VerbError:
    return VerbError(words.dump(operation, {"where": given}, words.RECORD_NOT_FOUND))
