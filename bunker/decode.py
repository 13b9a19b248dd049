"""Decodes nsecbunkerd's answers strictly.

A decoder takes the `result` string and returns values, or raises Misshapen with words of our own.
`attempt` returns the error in place of raising it: a JSON error quotes its document, and an
exception carries along the one that it was raised from.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timezone
from functools import lru_cache
from typing import Any, NoReturn, TypeVar

from ..nostr.keys import parse_pubkey
from .answers import BunkerKey, BunkerKeys, KeyUser, Policy, PolicyRule, Token
from .nip46 import Reply

T = TypeVar("T")

_HEX_PUBKEY = re.compile(r"[0-9a-f]{64}")
_ID = re.compile(r"[!-~]{1,128}")
"""It is stored, and no database takes every text."""
_UNSTORABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


class Misshapen(Exception):
    """A part of an answer has the wrong shape. Says which part, and quotes nothing."""


def attempt(decoder: Callable[[str], T], reply: Reply) -> T | Misshapen:
    """The value, or what is wrong with the answer. Raises nothing, so nothing is chained to it."""
    try:
        return decoder(reply.result)
    except Misshapen as exc:
        return Misshapen(str(exc))


def word(result: str) -> str:
    """ping: a bare word."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,32}", result):
        raise Misshapen("it is not one word")
    return result


def done(result: str) -> None:
    """A call that has nothing to answer: `["ok"]`, or an object where a fork tells more."""
    value = _parse(result)
    if isinstance(value, dict) and "error" not in value and value.get("success") is not False:
        return
    if value != ["ok"]:
        raise Misshapen("it is not ok")


def unlocked(result: str) -> bool:
    """unlock_key: `{"success": bool}`. The error text beside it is not read."""
    success = _object(_parse(result), "the answer").get("success")
    if not isinstance(success, bool):
        raise Misshapen("success is not true or false")
    return success


def created_key(result: str) -> str:
    """create_new_key: `{"npub"}`, as pubkey."""
    return _npub(_object(_parse(result), "the answer").get("npub"))


def keys(result: str) -> BunkerKeys:
    """get_keys: `[{name, npub}]` by name. A locked key has no npub.

    Others may have keys in the same bunker, under any name. None of these makes the list unreadable
    or stands for another key: a name of which something is left out is told from all that are
    there.
    """
    told: dict[str, set[BunkerKey | None]] = {}
    changed: list[BunkerKey | None] = []
    for raw, key in _readable(result, "key", _named_key):
        if raw == _storable(raw):
            told.setdefault(raw, set()).add(key)
        else:
            changed.append(key)
    found = {name: key for name, (key, *more) in told.items() if key is not None and not more}
    unclear = told.keys() - found.keys()
    for key in filter(None, changed):
        name = key.name
        while name in told or name in found:
            name += "\ufffd"
        found[name] = replace(key, name=name)
    return BunkerKeys(found, unclear)


def _named_key(item: Mapping[str, Any]) -> tuple[str, BunkerKey | None]:
    """The name as it stands, and the key; None where nothing more can be read."""
    raw, npub = item.get("name"), item.get("npub")
    if not isinstance(raw, str):
        raise Misshapen("name is not a string")
    try:
        return raw, BunkerKey(_storable(raw), None if npub is None else _npub(npub))
    except Misshapen:
        return raw, None


def policies(result: str) -> tuple[Policy, ...]:
    """get_policies, in the order of the answer. Policies of others that cannot be read are left
    out."""
    return tuple(_readable(result, "policy", _policy))


def tokens(result: str) -> list[Token]:
    """get_key_tokens; `[]` while the key is locked.

    All tokens or none: one that was left out might be usable, and the key be taken for clean.
    """
    return [_token(item) for item in _objects(result, "token")]


def key_users(result: str) -> list[KeyUser]:
    """get_key_users, in no order. All users or none, as with tokens."""
    return [_key_user(item) for item in _objects(result, "user")]


def _policy(item: Mapping[str, Any]) -> Policy:
    rules: set[PolicyRule] = set()
    rule_ids: dict[PolicyRule, str] = {}
    limited = unread = False
    raw_rules = item.get("rules")
    if not isinstance(raw_rules, list):
        raise Misshapen("a policy has no list of rules")
    for raw in raw_rules:
        rule_item = _object(raw, "a rule")
        limited = limited or rule_item.get("max_usage_count") is not None
        rule = _rule(rule_item)
        if rule is None:
            unread = True
            continue
        rules.add(rule)
        if rule_item.get("id") is not None:
            rule_ids[rule] = _id(rule_item)
    return Policy(
        id=_id(item),
        name=_optional_text(item, "name") or "",
        rules=frozenset(rules),
        rule_ids=rule_ids,
        expires_at=_time(item, "expires_at"),
        limited=limited,
        unread=unread,
    )


def _rule(item: Mapping[str, Any]) -> PolicyRule | None:
    """A rule. Its kind is a string, "" or null where there is none. Other words ("all") are not
    ours."""
    method, kind = _text(item, "method"), item.get("kind")
    if kind is None or kind == "":
        return PolicyRule(method)
    if isinstance(kind, bool) or not isinstance(kind, (int, str)):
        raise Misshapen("the kind of a rule is neither a number nor a word")
    return PolicyRule(method, int(kind)) if re.fullmatch(r"[0-9]{1,5}", str(kind)) else None


def _token(item: Mapping[str, Any]) -> Token:
    npub, _, secret = _text(item, "token").partition("#")
    if not re.fullmatch(r"[!-~]{1,256}", secret):
        raise Misshapen("a token is not npub#secret")
    policy_id = item.get("policy_id")
    return Token(
        id=_id(item),
        key_name=_text(item, "key_name"),
        client_name=_text(item, "client_name"),
        pubkey=_npub(npub),
        secret=secret,
        policy_id=None if policy_id is None else _id(item, "policy_id"),
        created_at=_time(item, "created_at"),
        expires_at=_time(item, "expires_at"),
        redeemed_at=_time(item, "redeemed_at"),
        redeemed_by=_optional_text(item, "redeemed_by"),
    )


def _key_user(item: Mapping[str, Any]) -> KeyUser:
    pubkey = item.get("pubkey")
    if not isinstance(pubkey, str) or not _HEX_PUBKEY.fullmatch(pubkey):
        raise Misshapen("the pubkey of a user is not 64 hex digits")
    return KeyUser(
        id=_id(item),
        pubkey=pubkey,
        client_name=_optional_text(item, "description") or "",
        created_at=_time(item, "createdAt"),
        revoked_at=_time(item, "revokedAt"),
    )


def _parse(result: str) -> Any:
    try:
        return json.loads(result)
    except (ValueError, RecursionError):
        raise Misshapen("it is not JSON") from None


def _object(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Misshapen(f"{what} is not an object")
    return value


def _objects(result: str, what: str) -> list[Mapping[str, Any]]:
    value = _parse(result)
    if not isinstance(value, list):
        raise Misshapen("it is not a list")
    return [_object(item, f"a {what}") for item in value]


def _readable(result: str, what: str, decoder: Callable[[Mapping[str, Any]], T]) -> list[T]:
    """The entries of a list that can be read. Misshapen when none can: then it is no such list."""
    items = _parse(result)
    if not isinstance(items, list):
        raise Misshapen("it is not a list")
    read = [_read(item, what, decoder) for item in items]
    found = [each for each in read if not isinstance(each, Misshapen)]
    if read and not found:
        raise Misshapen(str(read[0]))
    return found


def _read(item: object, what: str, decoder: Callable[[Mapping[str, Any]], T]) -> T | Misshapen:
    try:
        return decoder(_object(item, f"a {what}"))
    except Misshapen as exc:
        return exc


def _id(item: Mapping[str, Any], name: str = "id") -> str:
    value = item.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise Misshapen(f"{name} is neither a number nor a string")
    if not _ID.fullmatch(str(value)):
        raise Misshapen(f"{name} is no id")
    return str(value)


def _text(item: Mapping[str, Any], name: str) -> str:
    value = _optional_text(item, name)
    if not value:
        raise Misshapen(f"{name} is not a string")
    return value


def _optional_text(item: Mapping[str, Any], name: str) -> str | None:
    """A text that somebody else may have chosen, without what cannot be stored or sent on."""
    value = item.get(name)
    if value is not None and not isinstance(value, str):
        raise Misshapen(f"{name} is not a string")
    return None if value is None else _storable(value)


def _storable(text: str) -> str:
    return _UNSTORABLE.sub("\ufffd", text)


def _time(item: Mapping[str, Any], name: str) -> datetime | None:
    value = _optional_text(item, name)
    if value is None:
        return None
    try:
        time = datetime.fromisoformat(value.replace("Z", "+00:00"))
        # At the ends of the calendar a time in another zone has none in ours.
        return time.astimezone(timezone.utc) if time.tzinfo is not None else _no_time(name)
    except (ValueError, OverflowError):
        return _no_time(name)


def _no_time(name: str) -> NoReturn:
    raise Misshapen(f"{name} is not a time with a zone") from None


def _npub(value: object) -> str:
    try:
        return _pubkey(value if isinstance(value, str) and value.startswith("npub") else "")
    except ValueError:
        raise Misshapen("an npub is not an npub") from None


_pubkey = lru_cache(maxsize=4096)(parse_pubkey)
"""Remembered: a bunker names the same keys again and again."""
