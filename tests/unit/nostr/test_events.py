"""Events are genuine where nostr-sdk says so, and ours are so to it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nostr_sdk import Event, EventBuilder, Keys, Kind, NostrSdkError, Tag
from spirekeeper.nostr.events import EventSigner, genuine

KEYS = Keys.generate()


def made(content: str = "a", kind: int = 24133, tags: list[list[str]] | None = None) -> Any:
    """As nostr-sdk makes it."""
    builder = EventBuilder(Kind(kind), content).tags([Tag.parse(tag) for tag in tags or []])
    return json.loads(builder.sign_with_keys(KEYS).as_json())


@given(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.integers(0, 65_535),
    st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=3)),
)
def test_what_nostr_sdk_makes_is_genuine_and_what_we_make_is_to_it(
    content: str, kind: int, tags: list[list[str]]
) -> None:
    theirs = made(content, kind, tags)
    event = genuine(theirs)
    assert event is not None
    assert (event.content, event.kind, event.tags) == (content, kind, theirs["tags"])
    id_, ours = EventSigner(KEYS).sign(kind, content, tags)
    read = Event.from_json(ours)
    assert read.verify()
    assert (read.id().to_hex(), read.author().to_hex()) == (id_, KEYS.public_key().to_hex())
    assert genuine(json.loads(ours)) is not None


def _other_digit(text: str) -> str:
    return ("0" if text[0] != "0" else "1") + text[1:]


@pytest.mark.parametrize("name", ["id", "pubkey", "sig", "content"])
def test_none_with_another_digit_is(name: str) -> None:
    event = made("0123")
    assert genuine({**event, name: _other_digit(event[name])}) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", None),
        ("id", "AB" * 32),
        ("pubkey", 5),
        ("pubkey", "f" * 64),
        ("sig", "00" * 63),
        ("sig", " " * 128),
        ("created_at", True),
        ("created_at", 1.0),
        ("created_at", -1),
        ("created_at", 2**63),
        ("kind", "1"),
        ("kind", 65_536),
        ("content", None),
        ("content", "\\ud800"),
        ("tags", {}),
        ("tags", [{}]),
        ("tags", [["p", 1]]),
    ],
)
def test_none_of_another_shape_is_nor_is_it_an_error(name: str, value: object) -> None:
    event = made()
    assert genuine({**event, name: value}) is None
    del event[name]
    assert genuine(event) is None


@given(
    st.fixed_dictionaries(
        {
            name: st.one_of(st.just(value), st.text(), st.integers())
            for name, value in made().items()
        }
    )
)
def test_nothing_is_genuine_that_nostr_sdk_refuses(raw: dict[str, Any]) -> None:
    if genuine(raw) is not None:
        try:
            verified = Event.from_json(json.dumps(raw)).verify()
        except NostrSdkError:
            verified = False
        assert verified
