"""Seeds built, read, and read from anything at all."""

import base64
import json
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nostr_sdk import Keys
from spirekeeper.seed import MOST_BYTES, MOST_IN_A_QR, PREFIX, Seed, SeedError, check_relay

PUBKEY = Keys.parse("0" * 63 + "1").public_key().to_hex()
SECRET = "f00d" * 16
RELAY = "wss://relay.example.com"
SERVICE = Keys.parse("0" * 63 + "2").public_key().to_hex()
CASH_ADDS = 112
"""Letters of `,"service_pubkey":"…"` in base64."""
# nostr-tools 2.25, nip46.ts: BUNKER_REGEX.
NOSTR_TOOLS = re.compile(r"bunker://([0-9a-f]{64})\??([?/\w:.=&%-]*)", re.A)


def build(**changed: Any) -> Seed:
    parts = {"spire_pubkey": PUBKEY, "secret": SECRET, "bunker_relay": RELAY, "relays": [RELAY]}
    return Seed.build(**{**parts, **changed})


def encoded(content: object) -> str:
    plain = json.dumps(content).encode()
    return f"{PREFIX}v1:{base64.urlsafe_b64encode(plain).decode().rstrip('=')}"


def test_what_is_built_is_read_back() -> None:
    seed = build(relays=[RELAY, "ws://relay2.example.com"])
    assert Seed.decode(seed.encode()) == seed
    assert (seed.secret, seed.bunker_relay) == (SECRET, RELAY)


def test_it_is_compact_json_in_base64url_without_padding() -> None:
    text = build().encode()
    payload = text.removeprefix("spire-seed:v1:")
    assert "=" not in payload
    plain = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode()
    assert plain == json.dumps(json.loads(plain), separators=(",", ":"))
    assert list(json.loads(plain)) == ["spire_npub", "spire_pubkey", "bunker_url", "relays"]


def test_a_seed_with_cash_has_one_field_more_and_others_none() -> None:
    seed = build(service_pubkey=SERVICE)
    assert Seed.decode(seed.encode()) == seed
    assert (seed.service_pubkey, build().service_pubkey) == (SERVICE, None)
    assert len(seed.encode()) - len(build().encode()) == CASH_ADDS
    assert len(seed.encode()) < MOST_IN_A_QR


def test_nothing_shows_the_secret_unasked() -> None:
    seed = build()
    assert SECRET not in f"{seed} {seed!r} {seed.masked_bunker_url}"


RELAYS = st.builds(
    "{}://relay.example.com{}{}".format,
    st.sampled_from(["ws", "wss"]),
    st.sampled_from(["", ":1", ":7447", ":65535"]),
    st.text("abcXYZ0189-._~:/?[]@!$&'()*+,;=%", max_size=40).map(lambda path: f"/{path}"),
).filter(lambda url: url.count("://") == 1)  # a second one would be another relay


@given(
    relay=RELAYS,
    relays=st.lists(RELAYS, min_size=1, max_size=5),
    secret=st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=80),
)
def test_any_relay_and_token_survive_and_nostr_tools_can_read_the_url(
    relay: str, relays: list[str], secret: str
) -> None:
    seed = Seed.decode(build(bunker_relay=relay, relays=relays, secret=secret).encode())
    assert (seed.bunker_relay, seed.secret, list(seed.relays)) == (relay, secret, relays)
    assert NOSTR_TOOLS.fullmatch(seed.bunker_url)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"spire_pubkey": PUBKEY.upper()}, "spire_pubkey"),
        ({"spire_pubkey": "0" * 64}, "spire_pubkey"),
        ({"spire_pubkey": "f" * 64}, "spire_pubkey"),
        ({"bunker_relay": ""}, "bunker_url"),
        ({"bunker_relay": "https://relay.example.com"}, "bunker_url"),
        ({"bunker_relay": "wss://\ud800.example.com"}, "bunker_url"),
        ({"secret": ""}, "bunker_url"),
        ({"secret": "with a blank"}, "bunker_url"),
        ({"secret": "\udcff"}, "bunker_url"),
        ({"relays": []}, "relays"),
        ({"relays": [RELAY, "relay.example.com"]}, "relays"),
        ({"service_pubkey": SERVICE.upper()}, "service_pubkey"),
        ({"service_pubkey": "f" * 64}, "service_pubkey"),
        ({"service_pubkey": ""}, "service_pubkey"),
    ],
)
def test_build_refuses_what_decode_would(changed: dict[str, Any], field: str) -> None:
    with pytest.raises(SeedError) as refused:
        build(**changed)
    assert refused.value.field == field


def test_a_seed_over_8_kib_is_not_written() -> None:
    with pytest.raises(SeedError, match="8 KiB"):
        build(relays=[f"{RELAY}/{'x' * 6000}"]).encode()


def test_an_error_says_which_part_and_what() -> None:
    with pytest.raises(SeedError, match=r"^relays: there is none$"):
        build(relays=[])


@pytest.mark.parametrize(
    "lone", ["spire_npub", "spire_pubkey", "bunker_url", "relays", "service_pubkey"]
)
def test_half_a_surrogate_pair_is_refused(lone: str) -> None:
    fields = {**vars(build(service_pubkey=SERVICE)), "relays": [RELAY]}
    fields[lone] = [RELAY + "/\ud800"] if lone == "relays" else fields[lone] + "\ud800"
    with pytest.raises(SeedError) as refused:
        Seed.decode(encoded(fields))
    assert refused.value.field == lone


@pytest.mark.parametrize(
    "content", ["[" * 5000, '{"a":' * 1000, "9" * 5000, "1e999999", '{"a":-0}']
)
def test_json_made_to_break_a_parser_is_refused(content: str) -> None:
    payload = base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")
    with pytest.raises(SeedError):
        Seed.decode(f"{PREFIX}v1:{payload}")


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "spire_npub": st.just(build().spire_npub) | JSON,
        "spire_pubkey": st.just(PUBKEY) | JSON,
        "bunker_url": st.just(build().bunker_url)
        | st.text().map(lambda query: f"bunker://{PUBKEY}?{query}")
        | JSON,
        "relays": st.lists(st.just(RELAY) | st.text() | JSON) | JSON,
        "service_pubkey": st.just(SERVICE) | JSON,
    },
)


@given(st.text() | st.text().map(lambda body: f"{PREFIX}v1:{body}") | (FIELDS | JSON).map(encoded))
def test_any_text_is_a_seed_that_can_be_written_again_or_a_seed_error(text: str) -> None:
    try:
        seed = Seed.decode(text)
    except SeedError:
        return
    assert Seed.decode(seed.encode()) == seed


@given(st.binary(max_size=200).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_any_bytes_are_refused(payload: str) -> None:
    with pytest.raises(SeedError):
        Seed.decode(f"{PREFIX}v1:{payload.rstrip('=')}")


@given(st.text() | st.text().map(lambda rest: f"wss://{rest}"))
def test_a_relay_is_good_or_a_seed_error(relay: str) -> None:
    try:
        check_relay("relays", relay)
    except SeedError:
        return
    assert urlsplit(relay).hostname
    assert relay.isascii()
    assert relay.isprintable()


@given(st.text(st.sampled_from("Aa9-_=\n +/é")))
def test_one_seed_has_one_spelling(extra: str) -> None:
    text = build().encode()
    try:
        assert Seed.decode(text + extra).encode() == text + extra
    except SeedError:
        assert extra


def test_length_is_what_counts_not_what_is_in_it() -> None:
    with pytest.raises(SeedError, match="8 KiB"):
        Seed.decode("x" * (MOST_BYTES + 1))
