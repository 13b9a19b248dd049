"""The admin calls of nsecbunkerd 0.10.5."""

import json
import re
import secrets
from collections.abc import Callable
from datetime import timedelta
from sqlite3 import Row
from typing import Any, ClassVar

from nostr_sdk import Keys

from ...clock import Clock
from . import words
from .keyring import Keyring, KeyringError
from .store import Rule, Store, moment, stamp

OK = '["ok"]'

Verb = Callable[[list[Any]], str]


class VerbError(Exception):
    """A verb failed; the text is the daemon's and goes out as it is."""


def not_played(*names: str) -> dict[str, Verb]:
    """Calls that a lineage has and nobody here needs; "Unknown method" would be a lie."""

    def refuse(params: list[Any]) -> str:
        raise VerbError("The development bunker does not play this call.")

    return dict.fromkeys(names, refuse)


class Verbs:
    """The calls of nsecbunkerd 0.10.5: parameters in, the `result` text out."""

    casts_policy_id: ClassVar[bool] = False
    """create_new_token takes the id of a policy as a text, too."""

    def __init__(self, store: Store, keyring: Keyring, clock: Clock) -> None:
        self.store = store
        self.keyring = keyring
        self.clock = clock

    def table(self) -> dict[str, Verb]:
        return {
            "ping": self.ping,
            "get_keys": self.get_keys,
            "create_new_key": self.create_new_key,
            "unlock_key": self.unlock_key,
            "get_policies": self.get_policies,
            "create_new_policy": self.create_new_policy,
            "create_new_token": self.create_new_token,
            "get_key_tokens": self.get_key_tokens,
            "get_key_users": self.get_key_users,
            "revoke_user": self.revoke_user,
            "rename_key_user": self.rename_key_user,
        }

    def now(self) -> str:
        return stamp(self.clock())

    def ping(self, params: list[Any]) -> str:
        return "ok"

    def get_keys(self, params: list[Any]) -> str:
        """A locked key has a name and nothing else."""
        return compact(
            [
                {
                    "name": name,
                    "npub": keys.public_key().to_bech32(),
                    "userCount": self.store.count_users(name),
                    "tokenCount": self.store.count_tokens(name),
                }
                if keys
                else {"name": name}
                for name, keys in self.listed().items()
            ]
        )

    def listed(self) -> dict[str, Keys | None]:
        """The keys that are shown, by name; None while locked."""
        return self.keyring.pubkeys()

    def create_new_key(self, params: list[Any]) -> str:
        name, passphrase, nsec = take(params, 3)
        if not name or not passphrase:
            raise VerbError(words.INVALID_PARAMS)
        try:
            keys = self.keyring.create(str(name), str(passphrase), nsec)
        except KeyringError as error:
            raise VerbError(str(error)) from error
        return compact({"npub": keys.public_key().to_bech32()})

    def unlock_key(self, params: list[Any]) -> str:
        name, passphrase = take(params, 2)
        if not name or not passphrase:
            raise VerbError(words.INVALID_PARAMS)
        try:
            self.keyring.unlock(str(name), str(passphrase))
        except KeyringError as error:
            return compact({"success": False, "error": str(error)})
        return compact({"success": True})

    def get_policies(self, params: list[Any]) -> str:
        return compact([self.policy_fields(row) for row in self.store.policies()])

    def policy_fields(self, row: Row) -> dict[str, Any]:
        return {
            "id": row["id"],
            "name": row["name"],
            "description": row["description"],
            "created_at": row["created_at"],
            "updated_at": row["updated_at"],
            "expires_at": row["expires_at"],
            "rules": [self.rule_fields(rule) for rule in self.store.rules(row["id"])],
        }

    def rule_fields(self, row: Row) -> dict[str, Any]:
        return {
            "method": row["method"],
            "kind": row["kind"],
            "max_usage_count": row["max_usage_count"],
            "current_usage_count": row["current_usage_count"],
        }

    def create_new_policy(self, params: list[Any]) -> str:
        """The policy is written first and its rules one by one: what fails half-way stays."""
        policy = json_object(take(params, 1)[0])
        if not isinstance(policy.get("name"), str):
            missing = "Argument `name` is missing."
            raise VerbError(words.dump("policy.create", {"data": policy}, missing))
        policy_id = self.store.add_policy(policy["name"], policy.get("expires_at"), self.now())
        rules = policy.get("rules")
        if not isinstance(rules, list):
            raise VerbError("policy.rules is not iterable")
        for rule in rules:
            self.store.add_rule(policy_id, self.new_rule(rule))
        return OK

    def new_rule(self, rule: object) -> Rule:
        if not isinstance(rule, dict) or rule.get("kind") is None:
            raise VerbError(words.NO_KIND)
        return Rule(str(rule.get("method")), str(rule["kind"]), rule.get("use_count"))

    def create_new_token(self, params: list[Any]) -> str:
        """Asks neither whether the key exists nor for whole hours, and does not tell the token."""
        key_name, client_name, policy_id, hours = take(params, 4)
        if not client_name or not policy_id:
            raise VerbError(words.INVALID_PARAMS)
        number = parse_int(policy_id)
        if number is None or self.store.policy(number) is None:
            raise VerbError(words.POLICY_NOT_FOUND)
        secret = secrets.token_hex(32)
        row = {
            "keyName": key_name,
            "clientName": client_name,
            "policyId": policy_id,
            "createdBy": "admin",
            "token": secret,
        }
        if type(policy_id) is not int and not self.casts_policy_id:
            wrong = words.invalid_argument("policyId", "Int or Null", policy_id)
            raise VerbError(words.dump("token.create", {"data": row}, wrong))
        self.store.add_token(
            key_name=str(key_name),
            client_name=str(client_name),
            policy_id=number,
            secret=secret,
            expires_at=self._expiry(hours, row),
            now=self.now(),
        )
        return OK

    def _expiry(self, hours: object, row: dict[str, Any]) -> str | None:
        """Hours are cut to whole ones, so half an hour is none; 0 and nothing mean never."""
        if not hours:
            return None
        whole = parse_int(hours)
        if whole is None:
            wrong = "Invalid value for argument `expiresAt`: Provided Date object is invalid."
            raise VerbError(words.dump("token.create", {"data": row}, wrong))
        return stamp(self.clock() + timedelta(hours=whole))

    def get_key_tokens(self, params: list[Any]) -> str:
        """Written with the npub that the key has now; nothing while it is locked."""
        name = str(take(params, 1)[0])
        keys = self.listed().get(name)
        if keys is None:
            return "[]"
        npub = keys.public_key().to_bech32()
        return compact([self.token_fields(row, npub) for row in self.store.tokens(name)])

    def token_fields(self, row: Row, npub: str) -> dict[str, Any]:
        fields = {
            "id": row["id"],
            "key_name": row["key_name"],
            "client_name": row["client_name"],
            "token": f"{npub}#{row['secret']}",
            "policy_id": row["policy_id"],
            "policy_name": row["policy_name"],
            "created_at": row["created_at"],
            "updated_at": row["updated_at"],
            "expires_at": row["expires_at"],
            "redeemed_at": row["redeemed_at"],
        }
        if row["redeemed_by"] is not None:
            fields["redeemed_by"] = row["redeemed_by"]
        return {**fields, "time_until_expiration": self._seconds_until(row["expires_at"])}

    def _seconds_until(self, expires_at: str | None) -> float | None:
        if expires_at is None:
            return None
        return round((moment(expires_at) - self.clock()).total_seconds(), 3)

    def get_key_users(self, params: list[Any]) -> str:
        name = str(take(params, 1)[0])
        return compact([self.user_fields(row) for row in self.store.users(name)])

    def user_fields(self, row: Row) -> dict[str, Any]:
        fields = {
            "id": row["id"],
            "name": row["key_name"],
            "pubkey": row["pubkey"],
            "description": row["description"],
            "createdAt": row["created_at"],
        }
        if row["revoked_at"]:
            fields["revokedAt"] = row["revoked_at"]
        conditions = [
            {
                "id": condition["id"],
                "method": condition["method"],
                "kind": condition["kind"],
                "content": None,
                "keyUserKeyName": None,
                "allowed": True,
                "keyUserId": row["id"],
            }
            for condition in self.store.conditions(row["id"])
        ]
        return {**fields, "signingConditions": conditions}

    def revoke_user(self, params: list[Any]) -> str:
        number = parse_int(take(params, 1)[0])
        if number is None:
            raise VerbError(words.INVALID_PARAMS)
        now = self.now()
        if not self.store.revoke_user(number, now):
            arguments = {"where": {"id": number}, "data": {"revokedAt": now}}
            raise VerbError(words.dump("keyUser.update", arguments, words.RECORD_NOT_FOUND))
        return OK

    def rename_key_user(self, params: list[Any]) -> str:
        pubkey, name = take(params, 2)
        if not pubkey or not name:
            raise VerbError(words.INVALID_PARAMS)
        if not self.store.rename_user(str(pubkey), str(name)):
            raise VerbError(words.KEY_USER_NOT_FOUND)
        return OK


def json_object(text: object) -> dict[str, Any]:
    """The one parameter of the calls that take JSON in a string."""
    if not text:
        raise VerbError(words.INVALID_PARAMS)
    try:
        value = json.loads(str(text))
    except ValueError as error:
        raise VerbError("Unexpected token in JSON at position 0") from error
    if not isinstance(value, dict):
        raise VerbError(words.INVALID_PARAMS)
    return value


def compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def take(params: list[Any], number: int) -> list[Any]:
    """The first parameters, None where the request has fewer."""
    return [*params, *[None] * number][:number]


def parse_int(value: object) -> int | None:
    """JavaScript's parseInt: leading digits of the text, whatever follows."""
    found = re.match(r"\s*[+-]?\d+", str(value))
    return int(found[0]) if found else None
