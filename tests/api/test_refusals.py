"""An error says which field it is about and why, so that a page can say it in its own language."""

from typing import Any

import pytest
from support.host import Caller, Host

MACHINE: list[tuple[dict[str, Any], str, str]] = [
    ({}, "name", "missing"),
    ({"name": None}, "name", "missing"),
    ({"name": " "}, "name", "blank"),
    ({"name": "a\tb"}, "name", "control_characters"),
    ({"name": "a" + "\u0301" * 11}, "name", "piled_accents"),
    ({"name": "a" * 101}, "name", "too_long"),
    ({"name": 7, "location": "x" * 201}, "location", "too_long"),
    ({"name": "North", "fiat_code": "euro"}, "fiat_code", "too_long"),
    ({"name": "North", "fiat_code": "e1"}, "fiat_code", "not_understood"),
    ({"name": "North", "wallet_id": "nobodys"}, "wallet_id", "no_such_wallet"),
]
CHANGE: list[tuple[dict[str, Any], str, str]] = [
    ({"silent_minutes": 10**6}, "silent_minutes", "too_large"),
    ({"silent_minutes": -1}, "silent_minutes", "too_small"),
    ({"silent_minutes": 1.5}, "silent_minutes", "not_whole"),
]
PAIR: list[tuple[dict[str, Any], str, str]] = [
    ({"relays": []}, "relays", "too_few"),
    ({"relays": ["a.example"] * 6}, "relays", "too_many"),
    ({"relays": ["https://a.example"]}, "relays", "malformed_relay"),
    ({"relays": ["a.example, b.example"]}, "relays", "several_relays"),
    ({"relays": ["ws://a.example"], "allow_private_relays": False}, "relays", "unencrypted_relay"),
    ({"relays": ["127.0.0.1"], "allow_private_relays": False}, "relays", "private_relay"),
]
KEY = "bunker://" + "bd9f5969b1aaad347dbdcc34e8e0f4d21f64ec09169ef7e51f95efd5ad811305"
BUNKER: list[tuple[dict[str, Any], str, str]] = [
    ({"bunker_url": "nonsense"}, "bunker_url", "no_bunker_url"),
    ({"bunker_url": "bunker://nobody?relay=a.example"}, "bunker_url", "no_bunker_key"),
    ({"bunker_url": KEY}, "bunker_url", "no_bunker_relay"),
    ({"bunker_url": f"{KEY}?relay=wss://"}, "bunker_url", "bad_bunker_relay"),
    ({"admin_nsec": "nsec1nonsense"}, "admin_nsec", "no_secret_key"),
    ({"key_passphrase": "short"}, "key_passphrase", "too_short"),
    ({"machine_relays": ["ws://a.example"]}, "machine_relays", "unencrypted_relay"),
    ({"bunker_relays_for_machines": True}, "machine_relays", "unencrypted_relay"),
]


async def test_each_names_its_field_and_its_reason(host: Host, newcomer: Caller) -> None:
    machine = f"/machines/{await host.add_machine(newcomer)}"
    bunker = {"bunker_url": f"{KEY}?relay=ws://127.0.0.1:9"}
    for method, path, body, caller, wrong in (
        ("POST", "/machines", {}, newcomer, MACHINE),
        ("PUT", machine, {}, newcomer, CHANGE),
        ("POST", f"{machine}/pair", host.pair_request(), newcomer, PAIR),
        ("POST", "/bunker/test", bunker, host.superuser, BUNKER),
        ("PUT", "/bunker", {**bunker, "force": True}, host.superuser, BUNKER),
    ):
        for more, field, reason in wrong:
            answer = await host.api(method, path, {**body, **more}, as_=caller)
            told = answer.json()
            assert answer.status_code == 400, (more, told)
            assert (told["code"], told["field"], told["reason"]) == (
                "invalid_input",
                field,
                reason,
            ), more


async def test_its_words_can_be_said_with_their_numbers(
    host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = await host.api("POST", "/machines", {"name": "a" * 101}, as_=newcomer)
    assert long.json()["values"] == {"n": 100}
    relays = {"relays": ["wss://a.example", "b c"]}
    body = host.pair_request(**relays)
    path = f"/machines/{await host.add_machine(newcomer)}/pair"
    assert (await host.api("POST", path, body, as_=newcomer)).json()["values"] == {"n": 2}
    monkeypatch.setenv("SPIREKEEPER_MAX_MACHINES", "1")
    full = (await host.api("POST", "/machines", {"name": "South"}, as_=newcomer)).json()
    assert (full["code"], full["values"]) == ("too_many_machines", {"n": 1})
    taken = (await host.api("GET", "/wallets", as_=newcomer)).json()
    used = next(wallet["id"] for wallet in taken if wallet["machine_id"])
    monkeypatch.delenv("SPIREKEEPER_MAX_MACHINES")
    body = {"name": "South", "wallet_id": used}
    refused = (await host.api("POST", "/machines", body, as_=newcomer)).json()
    assert (refused["code"], refused["field"]) == ("wallet_in_use", "wallet_id")
