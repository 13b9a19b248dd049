"""Public keys that can be some."""

import pytest
from nostr_sdk import Keys
from spirekeeper.points import point_of

FIELD_PRIME = 2**256 - 2**32 - 977
NO_POINTS = {"no number": 0, "of a half that has none": 5, "the field's end": FIELD_PRIME}


def test_a_key_is_found_by_hex_and_by_npub() -> None:
    pubkey = Keys.generate().public_key()
    assert point_of(pubkey.to_hex()) == pubkey
    assert point_of(pubkey.to_bech32()) == pubkey


@pytest.mark.parametrize("x", NO_POINTS.values(), ids=NO_POINTS)
def test_a_number_without_a_point_is_none(x: int) -> None:
    assert point_of(f"{x:064x}") is None


@pytest.mark.parametrize("text", ["", "npub1", "f" * 63, "a word"])
def test_what_is_no_key_is_none(text: str) -> None:
    assert point_of(text) is None
