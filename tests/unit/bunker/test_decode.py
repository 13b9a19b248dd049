"""Every answer in its shape, and what each decoder will not take."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timezone
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nostr_sdk import Keys
from spirekeeper.bunker import decode
from spirekeeper.bunker.answers import BunkerKey, KeyUser, Policy, PolicyRule, Token
from spirekeeper.bunker.errors import BunkerNonsense

KEY = Keys.generate().public_key()
NPUB, HEX = KEY.to_bech32(), KEY.to_hex()
OTHER_NPUB = Keys.generate().public_key().to_bech32()
TIME = "2026-11-22T11:08:14.037Z"
WHEN = datetime(2026, 11, 22, 11, 8, 14, 37000, tzinfo=timezone.utc)
TOKEN = {
    "id": 7,
    "key_name": "spire-a",
    "client_name": "c",
    "token": f"{NPUB}#{'5e' * 32}",
    "policy_id": 2,
    "created_at": TIME,
    "expires_at": None,
    "redeemed_at": None,
}
USER = {"id": 1, "pubkey": HEX, "description": "c", "createdAt": TIME, "signingConditions": []}
RULE = {"method": "sign_event", "kind": "21000", "max_usage_count": None}
POLICY = {"id": 2, "name": "p", "expires_at": None, "rules": [RULE]}


def test_keys() -> None:
    text = json.dumps([{"name": "a", "npub": NPUB, "userCount": 0}, {"name": "b"}])
    keys = decode.keys(text)
    assert keys == {"a": BunkerKey("a", HEX), "b": BunkerKey("b", None)}
    assert not keys["a"].locked
    assert keys["b"].locked


OURS = {"name": "spire-a", "npub": NPUB}


@pytest.mark.parametrize(
    "others",
    [
        [{"name": "x\x00"}, {"name": "x\x01"}],
        [{"name": "x\x00"}, {"name": "x\ufffd"}, {"name": "x\x1f"}],
        [{"name": "spire-a\x00"}, {"name": "\x7fspire-a"}, {"name": "spire-a\ud800"}],
        [{"name": "x"}, {"name": "x"}, {"name": "x", "npub": NPUB}],
        [{"name": "x", "npub": "npub1"}, {"name": "x", "npub": 1}, {"name": ""}],
        [{"name": None}, {}, 1, None, [], "spire-a", {"npub": NPUB}],
    ],
)
def test_no_key_of_others_makes_the_list_unreadable(others: list[Any]) -> None:
    """Nor stands for one of ours."""
    for told in ([OURS, *others], [*others, OURS]):
        keys = decode.keys(json.dumps(told))
        assert keys["spire-a"] == BunkerKey("spire-a", HEX)
        assert [key for key in keys.values() if key.name == "spire-a"] == [keys["spire-a"]]
        assert "spire-b" not in keys
        assert all(name == key.name and "\x00" not in name for name, key in keys.items())


def test_keys_whose_names_differ_in_what_is_left_out_are_both_told() -> None:
    keys = decode.keys(json.dumps([{"name": "x\x00"}, {"name": "x\x01", "npub": NPUB}]))
    assert len(keys) == 2
    assert len({name for name in keys if name.startswith("x\ufffd")}) == 2


@pytest.mark.parametrize(
    "told",
    [
        [OURS, {"name": "spire-a"}],
        [OURS, {"name": "spire-a", "npub": OTHER_NPUB}],
        [{"name": "spire-a", "npub": "npub1"}],
        [OURS, {"name": "spire-a", "npub": {}}],
    ],
)
def test_of_a_name_told_twice_or_badly_nothing_is_known(told: list[Any]) -> None:
    """Taken for missing it would be made anew, and the bunker overwrite the machine's key."""
    keys = decode.keys(json.dumps([*told, {"name": "spire-b"}]))
    assert keys["spire-b"].locked
    for ask in (keys.get, keys.__getitem__, keys.__contains__, MappingProxyType(keys).get):
        with pytest.raises(BunkerNonsense, match="spire-a cannot be read"):
            ask("spire-a")


def test_a_policy_of_others_that_cannot_be_read_is_left_out() -> None:
    bad = [{**POLICY, "rules": None}, {**POLICY, "name": 3}, {**POLICY, "id": ""}, 1]
    (policy,) = decode.policies(json.dumps([*bad, POLICY]))
    assert policy.id == "2"


@pytest.mark.parametrize(
    ("decoder", "good", "bad"),
    [
        (decode.tokens, TOKEN, {**TOKEN, "token": "x"}),
        (decode.key_users, USER, {**USER, "pubkey": "x"}),
    ],
)
def test_who_may_use_a_key_is_known_in_full_or_not_at_all(
    decoder: Callable[[str], Any], good: dict[str, Any], bad: dict[str, Any]
) -> None:
    """With one left out, the key would be taken for clean."""
    with pytest.raises(decode.Misshapen):
        decoder(json.dumps([good, bad]))


def test_tokens() -> None:
    (token,) = decode.tokens(json.dumps([TOKEN]))
    assert token == Token("7", "spire-a", "c", HEX, "5e" * 32, "2", WHEN, None, None, None)
    assert "5e5e" not in repr(token)


def test_users() -> None:
    revoked = {**USER, "revokedAt": TIME, "description": None}
    assert decode.key_users(json.dumps([USER, revoked])) == [
        KeyUser("1", HEX, "c", WHEN, None),
        KeyUser("1", HEX, "", WHEN, WHEN),
    ]


def test_policies() -> None:
    (policy,) = decode.policies(json.dumps([POLICY]))
    assert policy == Policy("2", "p", frozenset({PolicyRule("sign_event", 21000)}))
    assert policy.allows_exactly([PolicyRule("sign_event", 21000)])


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"method": "nip44_encrypt", "kind": ""}, PolicyRule("nip44_encrypt")),
        ({"method": "nip44_encrypt", "kind": None}, PolicyRule("nip44_encrypt")),
        ({"method": "nip44_encrypt"}, PolicyRule("nip44_encrypt")),
        ({"method": "sign_event", "kind": 30078}, PolicyRule("sign_event", 30078)),
    ],
)
def test_a_rule_with_and_without_kind(rule: dict[str, Any], expected: PolicyRule) -> None:
    (policy,) = decode.policies(json.dumps([{**POLICY, "rules": [rule]}]))
    assert policy.rules == {expected}
    assert policy.rule_ids == {}


def test_rule_ids_are_kept_where_they_are_told() -> None:
    (policy,) = decode.policies(json.dumps([{**POLICY, "rules": [{**RULE, "id": 9}]}]))
    assert policy.rule_ids == {PolicyRule("sign_event", 21000): "9"}


@pytest.mark.parametrize(
    "change",
    [
        {"expires_at": TIME},
        {"rules": [{**RULE, "max_usage_count": 3}]},
        {"rules": [RULE, {"method": "sign_event", "kind": "all"}]},
        {"rules": []},
        {"rules": [RULE, {"method": "connect", "kind": None}]},
    ],
)
def test_a_policy_that_allows_more_or_less_is_not_ours(change: dict[str, Any]) -> None:
    (policy,) = decode.policies(json.dumps([{**POLICY, **change}]))
    assert not policy.allows_exactly([PolicyRule("sign_event", 21000)])


@pytest.mark.parametrize("text", ['["ok"]', '{"id": 3}', '{"success": true}'])
def test_done(text: str) -> None:
    decode.done(text)


@pytest.mark.parametrize(
    ("decoder", "value"),
    [
        *(
            (decode.done, v)
            for v in ("ok", [], ["ok", 1], {"error": "x"}, {"success": False}, None)
        ),
        *(
            (decode.created_key, v)
            for v in ([], {}, {"npub": None}, {"npub": HEX}, {"npub": "npub1"})
        ),
        *((decode.unlocked, v) for v in ({}, {"success": 1}, {"success": "true"}, [])),
        *((decode.keys, v) for v in ({}, [1], [{}], [{"name": None}], [{"keyName": "a"}])),
        *(
            (decode.policies, [{**POLICY, "rules": v}])
            for v in (None, {}, [1], [{}], [{"method": 1}])
        ),
        *((decode.policies, [{**POLICY, "id": v}]) for v in (None, True, "", 1.5)),
        (decode.policies, [{**POLICY, "rules": [{**RULE, "kind": True}]}]),
        (decode.policies, [{**POLICY, "name": 3}]),
        *((decode.tokens, [{**TOKEN, "token": v}]) for v in (None, NPUB, f"{NPUB}#", f"{HEX}#aa")),
        *((decode.tokens, [{**TOKEN, "token": f"{NPUB}#{v}"}]) for v in ("a b", "é", "a" * 257)),
        *(
            (decode.tokens, [{**TOKEN, "expires_at": v}])
            for v in (5, "soon", "2026-11-22T11:08:14")
        ),
        (decode.tokens, [{**TOKEN, "client_name": None}]),
        *((decode.key_users, [{**USER, "pubkey": v}]) for v in (None, "ab", HEX.upper(), NPUB)),
    ],
)
def test_another_shape_is_misshapen(decoder: Callable[[str], Any], value: Any) -> None:
    with pytest.raises(decode.Misshapen):
        decoder(json.dumps(value))


@pytest.mark.parametrize("text", ["", "two words", "ok\n", "<html>", "x" * 33])
def test_ping_answers_one_word(text: str) -> None:
    with pytest.raises(decode.Misshapen):
        decode.word(text)


_DECODERS = st.sampled_from(
    [decode.done, decode.created_key, decode.unlocked, decode.keys, decode.policies, decode.tokens]
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "name", "npub", "rules", "method", "kind", "token"]), inner
        )
    ),
    max_leaves=12,
)


@given(decoder=_DECODERS, value=_JSON)
def test_nothing_but_misshapen_is_raised(decoder: Callable[[str], Any], value: Any) -> None:
    with suppress(decode.Misshapen):
        decoder(json.dumps(value))


@given(decoder=_DECODERS, text=st.text())
def test_nor_for_text_that_is_no_json(decoder: Callable[[str], Any], text: str) -> None:
    with suppress(decode.Misshapen):
        decoder(text)
