"""The client against what real daemons answered, word for word (tests/contract)."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

import pytest
from nostr_sdk import Keys
from spirekeeper.bunker.answers import PolicyRule
from spirekeeper.bunker.errors import BunkerRefused, NotAnAdmin, UnknownMethod, WrongPassphrase
from spirekeeper.bunker.key_client import Redemption, redeem
from spirekeeper.bunker.nip46 import NIP46_KIND, Encryption
from spirekeeper.devkit.relay import DevRelay
from support.raw_wire import Message, RawKey, RawPeer
from support.replaying import RECORDINGS, Client, Recording, Replay, replaying

RULES = [PolicyRule("sign_event", 21000), PolicyRule("nip44_encrypt")]


Row = TypeVar("Row", bound=tuple[Any, ...])


@pytest.fixture(scope="module")
async def replays() -> AsyncIterator[dict[Path, Replay]]:
    async with AsyncExitStack() as stack:
        yield {path: await stack.enter_async_context(replaying(path)) for path in RECORDINGS}


@pytest.fixture(params=RECORDINGS, ids=lambda path: path.stem)
def replay(replays: dict[Path, Replay], request: pytest.FixtureRequest) -> Replay:
    return replays[request.param]


def recorded(rows: Sequence[Row]) -> pytest.MarkDecorator:
    """Each row, by the step it begins with, on every recording that has the step."""
    return pytest.mark.parametrize(
        ("replay", "row"),
        [
            pytest.param(path, row, id=f"{path.stem}: {row[0]}")
            for path in RECORDINGS
            for row in rows
            if row[0] in Recording(path).steps
        ],
        indirect=["replay"],
    )


async def test_the_lineage_is_found_out(replay: Replay) -> None:
    dialect = await replay.client.dialect()
    old = not replay.recording.steps["ping encrypted with NIP-44"]["replies"]
    assert dialect.encryption is (Encryption.NIP04 if old else Encryption.NIP44)
    assert dialect.name.startswith("398ja" if replay.recording.kind == NIP46_KIND else "kind-0")
    assert dialect.request_kind == replay.recording.kind


Call = Callable[[Client], Awaitable[Any]]
Read = tuple[str, Call, Callable[[Any, Recording], bool]]
READS: list[Read] = [
    ("ping", lambda c: c.ping(), lambda value, _: value > 0),
    ("no keys yet", lambda c: c.refresh_keys(), lambda value, _: value == {}),
    (
        "one key, unlocked",
        lambda c: c.refresh_keys(),
        lambda value, r: value["spire-a"].pubkey == r.key_pubkey,
    ),
    (
        "after a restart: the key is locked",
        lambda c: c.refresh_keys(),
        lambda v, _: v["spire-a"].locked,
    ),
    ("no policies yet", lambda c: c.refresh_policies(), lambda value, _: value == ()),
    (
        "policies; the broken one stayed",
        lambda c: c.refresh_policies(),
        lambda value, _: (
            [policy.name for policy in value] == ["broken", "spirekeeper-spire"]
            and value[1].id == "2"
            and PolicyRule("sign_event", 30078) in value[1].rules
            and PolicyRule("nip44_decrypt") in value[1].rules
            and not value[0].rules
        ),
    ),
    (
        "tokens, none redeemed",
        lambda c: c.get_key_tokens("spire-a"),
        lambda value, r: (
            [token.client_name for token in value] == ["client-1", "client-2", "client-4"]
            and {token.pubkey for token in value} == {r.key_pubkey}
            and all(len(token.secret) == 64 and token.redeemed_at is None for token in value)
            and value[0].expires_at is None
            and value[1].expires_at is not None
        ),
    ),
    (
        "tokens, one redeemed",
        lambda c: c.get_key_tokens("spire-a"),
        lambda value, _: value[0].redeemed_at is not None and value[0].redeemed_by == "client-1",
    ),
    ("tokens of a locked key", lambda c: c.get_key_tokens("spire-a"), lambda v, _: v == []),
    ("no users yet", lambda c: c.get_key_users("spire-a"), lambda value, _: value == []),
    (
        "one user",
        lambda c: c.get_key_users("spire-a"),
        lambda value, _: value[0].client_name == "client-1" and value[0].revoked_at is None,
    ),
    (
        "the user is revoked",
        lambda c: c.get_key_users("spire-a"),
        lambda value, _: [user.revoked_at is None for user in value].count(False) == 1,
    ),
    (
        "users of a locked key",
        lambda c: c.get_key_users("spire-a"),
        lambda value, _: len(value) == 2,
    ),
    ("tokens of an unknown key", lambda c: c.get_key_tokens("nobody"), lambda v, _: v == []),
    (
        "tokens again",
        lambda c: c.get_key_tokens("spire-a"),
        lambda value, _: value[-1].client_name == "client-5" and value[-1].redeemed_at is None,
    ),
    (
        "unlocked again",
        lambda c: c.refresh_keys(),
        lambda value, r: value["spire-a"].pubkey == r.key_pubkey,
    ),
    (
        "same name, another npub, the old counts",
        lambda c: c.refresh_keys(),
        lambda value, r: value["spire-a"].pubkey not in {None, r.key_pubkey},
    ),
    # Only in the 398ja fork
    (
        "policies",
        lambda c: c.refresh_policies(),
        lambda value, _: (
            value[0].rules == {PolicyRule("nip44_encrypt"), PolicyRule("sign_event", 1)}
            and PolicyRule("nip44_decrypt") in value[1].rules
            and not any(policy.rule_ids for policy in value)
        ),
    ),
    (
        "tokens, none redeemed by now",
        lambda c: c.get_key_tokens("spire-a"),
        lambda value, r: (
            [token.client_name[-1] for token in value] == ["0", "1", "2", "4"]
            and {token.pubkey for token in value} == {r.key_pubkey}
            and all(token.redeemed_at is None for token in value)
        ),
    ),
    (
        "tokens, one redeemed by now",
        lambda c: c.get_key_tokens("spire-a"),
        lambda value, _: (
            [token.redeemed_by for token in value if token.redeemed_at] == ["client-1"]
        ),
    ),
    (
        "the revoked token is shown",
        lambda c: c.get_key_tokens("spire-a"),
        lambda value, _: value[2].redeemed_at is None and len(value[2].secret) == 64,
    ),
    ("the deleted key is not shown", lambda c: c.refresh_keys(), lambda value, _: value == {}),
    ("tokens of a deleted key", lambda c: c.get_key_tokens("spire-a"), lambda v, _: v == []),
]


@recorded(READS)
async def test_reads(replay: Replay, row: Read) -> None:
    step, call, right = row
    value, asked = await replay.step(step, call)
    assert right(value, replay.recording)
    assert {(each.method, each.kind) for each in asked} == {
        (asked[0].method, replay.recording.kind)
    }


CHANGES: list[tuple[str, Call]] = [
    ("token", lambda c: c.create_new_token("spire-a", "client-1", "2")),
    ("token for a new client key", lambda c: c.create_new_token("spire-a", "client-5", "2")),
    ("token good for 24 hours", lambda c: c.create_new_token("spire-a", "client-2", "2", 24)),
    ("revoke the user", lambda c: c.revoke_user("1")),
    ("revoke it again", lambda c: c.revoke_user("1")),
    ("unlock", lambda c: c.unlock_key("spire-a", "pass-a")),
]


@recorded(CHANGES)
async def test_changes_send_what_was_recorded(replay: Replay, row: tuple[str, Call]) -> None:
    step, call = row
    outcome, asked = await replay.step(step, call)
    assert outcome is None
    (sent,) = asked
    content = replay.recording.steps[step]["request"]["content"]
    assert (sent.method, sent.params) == (content["method"], content["params"])


async def test_a_key_is_made(replay: Replay) -> None:
    pubkey, (asked,) = await replay.step(
        "create key", lambda c: c.create_new_key("spire-a", "pass-a")
    )
    assert pubkey == replay.recording.key_pubkey
    assert asked.params == ["spire-a", "pass-a"]


async def test_a_policy_is_made(replay: Replay) -> None:
    outcome, (asked,) = await replay.step(
        "policy, empty kind for nip44",
        lambda c: c.create_new_policy("spirekeeper-spire", RULES),
    )
    assert outcome is None
    assert json.loads(asked.params[0]) == {
        "name": "spirekeeper-spire",
        "rules": [{"method": "sign_event", "kind": 21000}, {"method": "nip44_encrypt", "kind": ""}],
    }


Refused = tuple[str, Call, type[BunkerRefused]]
REFUSALS: list[Refused] = [
    ("a stranger asks", lambda c: c.refresh_keys(), NotAnAdmin),
    (
        "unknown method",
        lambda c: c.add_policy_rule("2", PolicyRule("sign_event", 1)),
        UnknownMethod,
    ),
    (
        "create key without passphrase",
        lambda c: c.create_new_key("spire-a", ""),
        BunkerRefused,
    ),
    ("policy rule without kind", lambda c: c.create_new_policy("broken", RULES), BunkerRefused),
    (
        "token with the policy id as a string",
        lambda c: c.create_new_token("spire-a", "client-1", "2"),
        BunkerRefused,
    ),
    (
        "token for an unknown policy",
        lambda c: c.create_new_token("spire-a", "client-3", "999"),
        BunkerRefused,
    ),
    ("revoke an unknown user", lambda c: c.revoke_user("999"), BunkerRefused),
    (
        "unlock with a wrong passphrase",
        lambda c: c.unlock_key("spire-a", "wrong"),
        WrongPassphrase,
    ),
    ("unlock an unknown key", lambda c: c.unlock_key("spire-zzz", "x"), WrongPassphrase),
]


@recorded(REFUSALS)
async def test_refusals_are_typed_and_in_our_words(replay: Replay, row: Refused) -> None:
    step, call, kind = row
    error, _ = await replay.step(step, call)
    assert type(error) is kind
    content = replay.recording.steps[step]["replies"][0]["content"]
    said = content.get("error") or json.loads(content["result"])
    told = said if isinstance(said, str) else str(said)
    assert told not in str(error)
    assert error.__cause__ is None
    assert error.__context__ is None


# What the key of the recording answered, and what our own throw-away clients make of it

REDEEMED, REFUSED = Redemption.REDEEMED, Redemption.REFUSED
CONNECTS = {
    "connect": REDEEMED,
    "connect with a wrong secret": REFUSED,
    "connect with an expired secret": REFUSED,
    "another client offers the spent secret": REFUSED,
    "the same client offers the spent secret": REFUSED,
    "a revoked device redeems a fresh secret": REFUSED,
    "a new client key connects": REDEEMED,
    "a client redeems the revoked token": REDEEMED,  # in the 398ja fork
}


@pytest.mark.parametrize(
    ("path", "name"),
    [(path, name) for path in RECORDINGS for name in CONNECTS if name in Recording(path).connects],
    ids=lambda value: value if isinstance(value, str) else value.stem,
)
async def test_what_came_of_redeeming_a_token(path: Path, name: str) -> None:
    """A refusal of a token comes twice with one id, its two texts in either order."""
    recording = Recording(path)
    key = RawKey(recording.key)
    step = recording.connects[name]
    _, secret = step["request"]["content"]["params"]

    def answer(asked: Message) -> Iterable[str]:
        if asked.method == "get_public_key":
            yield key.reply(asked, kind=24133, result=recording.key_pubkey)
            return
        assert asked.params == step["request"]["content"]["params"]
        for reply in step["replies"]:
            yield key.reply(asked, kind=reply["kind"], **{**reply["content"], "id": asked.id})

    async with DevRelay() as relay, RawPeer(relay.url, key, answer):
        burner = Keys.generate().secret_key().to_hex()
        relays = [relay.url]
        redeemed = await redeem(burner, key.pubkey, secret, relays, Encryption.NIP04)
    assert redeemed is CONNECTS[name]


NEVER_SENT = {
    "ping encrypted with NIP-44": "asked to find out the lineage",
    "ping sent as kind 24133": "asked only where kind 24134 got silence",
    "ping sent as kind 24134": "asked to find out the lineage",
    "token with half an hour: parsed as 0, already expired": "hours are whole numbers",
    "a key of the same name is overwritten": "a key is made only under a free name",
    "policy rules without kind and without method, which it takes": "rules have both",
    "token with the policy id as a string, which it takes": "it is a number",
    "revoke a token": "it only marks the token",
    "revoke it twice": "the same",
    "revoke an unknown token": "the same",
    "delete the key": "it only hides the key",
    "delete it twice": "the same",
    "delete an unknown key": "the same",
    "rename an unknown user": "nobody is renamed",
}


def test_every_recorded_step_is_replayed_or_never_sent() -> None:
    recordings = [Recording(path) for path in RECORDINGS]
    replayed = {row[0] for row in [*READS, *CHANGES, *REFUSALS]}
    replayed |= {"create key", "policy, empty kind for nip44"}
    assert {name for each in recordings for name in each.steps} == replayed | set(NEVER_SENT)
    without_secret = {"a known client connects without a secret"}
    assert {name for each in recordings for name in each.connects} == set(CONNECTS) | without_secret
