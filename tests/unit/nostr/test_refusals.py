"""What relays say when they do not do what they were asked."""

import pytest
from nostr_sdk import Keys
from spirekeeper.nostr import refusals
from spirekeeper.nostr.refusals import LONGEST, RelaySaid


@pytest.mark.parametrize(
    ("reason", "passes"),
    [
        ("mute: no one was listening for this", True),
        ("rate-limited: slow down", True),
        ("error: could not connect to the database", True),
        ("Error: shutting down", True),
        ("error: created_at too old", False),
        ("blocked: not here", False),
        ("invalid: bad signature", False),
        ("pow: difficulty 20 is less than 30", False),
        ("restricted: not a member", False),
        ("auth-required: log in", False),
        ("no", False),
        ("", False),
    ],
)
def test_which_refusals_may_pass(reason: str, passes: bool) -> None:
    assert refusals.may_pass(reason) is passes


def test_what_a_relay_has_already_is_taken() -> None:
    assert refusals.was_taken(False, "duplicate: already have this event")
    assert refusals.was_taken(True, "")
    assert not refusals.was_taken(False, "a duplicate")


@pytest.mark.parametrize(
    "reason",
    [
        "invalid: ephemeral event expired",
        "invalid: created_at too late",
        "invalid: created_at too early",
        "invalid: event creation date is too far off from the current time",
        "rejected: created_at is more than 900 seconds in the future",
        "blocked: event too old",
        "invalid: event timestamp out of range",
        "created_at field is too far in the past",
        "Check your clock",
    ],
)
def test_a_relay_that_finds_our_clock_wrong(reason: str) -> None:
    assert RelaySaid.reading(reason).of_time


@pytest.mark.parametrize(
    "reason",
    [
        "restricted: your subscription has expired",
        "auth-required: challenge expired",
        "rate-limited: too many events in the past minute",
        "blocked: kind 24134 is not taken",
        "error: database timed out",
        "invalid: content too long",
    ],
)
def test_what_is_not_about_time(reason: str) -> None:
    assert not RelaySaid.reading(reason).of_time


def test_what_people_are_shown_is_one_short_line() -> None:
    said = RelaySaid.reading(
        "blocked:\tno\r\n\x1b[31m more\u202e\u2028 than\x00 this " + "so " * 100
    )
    assert said.words.startswith("blocked: no [31m more than this so so")
    assert said.words.isprintable()
    assert len(said.words) <= LONGEST
    assert said.words.endswith("\u2026")
    assert RelaySaid.reading("x " * 4000).words.count("x") < LONGEST


def test_what_people_are_shown_holds_nothing_that_may_be_a_secret() -> None:
    keys = Keys.generate()
    hidden = [
        keys.secret_key().to_hex(),
        keys.secret_key().to_bech32(),
        f"{'ab' * 16}#{'cd' * 32}",
        "c2VhbGVkIGNvbnRlbnQgb2YgYW4gZXZlbnQ=?iv=c2VhbGVkIGNvbnRlbnQ",
    ]
    words = RelaySaid.reading("blocked: " + " or ".join(hidden)).words
    assert words.startswith("blocked: ")
    for secret in hidden:
        assert secret not in words
        assert secret[:24] not in words
