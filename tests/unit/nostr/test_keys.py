"""Keys as text: what is one, and what only looks like it."""

import pytest
from nostr_sdk import Keys
from spirekeeper.nostr.keys import (
    new_nsec,
    new_secret_key,
    parse_point,
    parse_pubkey,
    parse_secret_key,
    public_of,
)

FIELD_PRIME = 2**256 - 2**32 - 977
NO_POINTS = {"no number": 0, "of a half that has none": 5, "the field's end": FIELD_PRIME}


def test_a_key_is_found_by_hex_and_by_npub() -> None:
    pubkey = Keys.generate().public_key()
    assert parse_point(pubkey.to_hex()) == pubkey
    assert parse_point(pubkey.to_bech32()) == pubkey


@pytest.mark.parametrize("x", NO_POINTS.values(), ids=NO_POINTS)
def test_a_number_without_a_point_is_none(x: int) -> None:
    with pytest.raises(ValueError, match="no point"):
        parse_point(f"{x:064x}")


@pytest.mark.parametrize("text", ["", "npub1", "f" * 63, "a word"])
def test_what_is_no_key_is_none(text: str) -> None:
    for parse in (parse_point, parse_pubkey, parse_secret_key):
        with pytest.raises(ValueError, match=r"^(no|neither) ") as refused:
            parse(text)
        assert not text or text not in str(refused.value)


def test_a_secret_key_is_read_from_nsec_and_hex() -> None:
    keys = Keys.generate()
    secret = keys.secret_key()
    for text in (secret.to_bech32(), secret.to_hex(), secret.to_hex().upper()):
        assert parse_secret_key(text) == secret.to_hex()
    assert public_of(secret.to_hex()) == keys.public_key().to_hex()


def test_an_nsec_with_a_wrong_letter_is_none_and_is_not_told() -> None:
    nsec = str(Keys.generate().secret_key().to_bech32())
    wrong = nsec[:-1] + ("q" if nsec[-1] != "q" else "p")
    with pytest.raises(ValueError, match="no secret key") as refused:
        parse_secret_key(wrong)
    assert wrong not in str(refused.value)


def test_a_new_key_is_one() -> None:
    nsec, pubkey = new_nsec()
    assert public_of(parse_secret_key(nsec)) == pubkey
    assert parse_secret_key(new_secret_key())
