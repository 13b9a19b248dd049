"""The client against what the real daemon answered, word for word (tests/contract)."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from nostr_sdk import Keys
from peers import Asked, Peer, PeerOnRelay
from spirekeeper.bunker.answers import PolicyRule
from spirekeeper.bunker.client import NsecBunkerAdminClient
from spirekeeper.bunker.envelope import Encryption
from spirekeeper.bunker.errors import (
    BunkerRefused,
    NotAnAdmin,
    NsecBunkerError,
    UnknownMethod,
    WrongPassphrase,
)
from spirekeeper.bunker.signer import Redemption, redeem
from spirekeeper.devkit.relay import DevRelay

CONTRACT = Path(__file__).parents[1] / "contract"
RECORDINGS = sorted(CONTRACT.glob("*.jsonl"))
Client = NsecBunkerAdminClient
RULES = [PolicyRule("sign_event", 21000), PolicyRule("nip44_encrypt")]


class Recording:
    """Answers a request as the step that is up, and what is asked beside it as recorded."""

    def __init__(self, path: Path) -> None:
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        self.key_pubkey: str = lines[0]["key_pubkey"]
        self.steps = {
            step["name"]: step for step in lines[1:] if step.get("from") in {"admin", "stranger"}
        }
        self.connects = {
            step["name"]: step
            for step in lines[1:]
            if "device" in step.get("from", "")
            and step["request"]["content"]["method"] == "connect"
        }
        self.key = Keys.parse(self.steps["create key"]["request"]["content"]["params"][2])
        self.peer = Peer()
        self.step: dict[str, Any] | None = None

    def play(self, name: str) -> None:
        self.step = self.steps[name]

    def answer(self, asked: Asked) -> Iterable[str]:
        step = self._step(asked)
        for reply in step["replies"]:
            body = {**reply["content"], "id": asked.id}
            yield self.peer.reply(asked, kind=reply["kind"], **body)

    def _step(self, asked: Asked) -> dict[str, Any]:
        if self.step and asked.method == self.step["request"]["content"]["method"]:
            return self.step
        if asked.method == "ping":
            modern = asked.encryption == "nip44"
            return self.steps["ping encrypted with NIP-44" if modern else "ping"]
        assert asked.method == "get_policies"
        return self.steps["policies; the broken one stayed"]


@dataclass
class Replay:
    """A client, and a peer that answers it from a recording."""

    recording: Recording
    peer: PeerOnRelay
    client: Client

    async def step(
        self, name: str, call: Callable[[Client], Awaitable[Any]]
    ) -> tuple[Any, list[Asked]]:
        """What the client makes of one recorded step, and what it asked for it."""
        self.recording.play(name)
        before = len(self.peer.asked)
        try:
            outcome = await call(self.client)
        except NsecBunkerError as error:
            outcome = error
        assert self.recording.step
        method = self.recording.step["request"]["content"]["method"]
        return outcome, [asked for asked in self.peer.asked[before:] if asked.method == method]


@pytest.fixture(scope="module", params=RECORDINGS, ids=lambda path: path.stem)
async def replay(request: pytest.FixtureRequest) -> AsyncIterator[Replay]:
    recording = Recording(request.param)
    async with (
        DevRelay() as relay,
        PeerOnRelay(relay.url, recording.peer, recording.answer) as peer,
        Client(
            bunker_pubkey=recording.peer.pubkey,
            relays=[relay.url],
            admin_secret=Keys.generate().secret_key().to_hex(),
        ) as client,
    ):
        yield Replay(recording, peer, client)


async def test_the_lineage_is_found_out(replay: Replay) -> None:
    dialect = await replay.client.dialect()
    old = not replay.recording.steps["ping encrypted with NIP-44"]["replies"]
    assert dialect.encryption is (Encryption.NIP04 if old else Encryption.NIP44)
    assert dialect.name.startswith("kind-0")


READS: list[tuple[str, Callable[[Client], Awaitable[Any]], Callable[[Any, Recording], bool]]] = [
    ("ping", lambda c: c.ping(), lambda value, _: value > 0),
    ("no keys yet", lambda c: c.get_keys(), lambda value, _: value == {}),
    (
        "one key, unlocked",
        lambda c: c.get_keys(),
        lambda value, r: value["spire-a"].pubkey == r.key_pubkey,
    ),
    (
        "after a restart: the key is locked",
        lambda c: c.get_keys(),
        lambda v, _: v["spire-a"].locked,
    ),
    ("no policies yet", lambda c: c.get_policies(), lambda value, _: value == ()),
    (
        "policies; the broken one stayed",
        lambda c: c.get_policies(),
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
        lambda value, _: value[0].revoked_at is not None,
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
        lambda c: c.get_keys(),
        lambda value, r: value["spire-a"].pubkey == r.key_pubkey,
    ),
    (
        "same name, another npub, the old counts",
        lambda c: c.get_keys(),
        lambda value, r: value["spire-a"].pubkey not in {None, r.key_pubkey},
    ),
]


@pytest.mark.parametrize(("step", "call", "right"), READS, ids=[read[0] for read in READS])
async def test_reads(
    replay: Replay,
    step: str,
    call: Callable[[Client], Awaitable[Any]],
    right: Callable[[Any, Recording], bool],
) -> None:
    value, asked = await replay.step(step, call)
    assert right(value, replay.recording)
    assert {(each.method, each.kind) for each in asked} == {(asked[0].method, 24134)}


CHANGES: list[tuple[str, Callable[[Client], Awaitable[Any]]]] = [
    ("token", lambda c: c.create_new_token("spire-a", "client-1", "2")),
    ("token for a new client key", lambda c: c.create_new_token("spire-a", "client-5", "2")),
    ("token good for 24 hours", lambda c: c.create_new_token("spire-a", "client-2", "2", 24)),
    ("revoke the user", lambda c: c.revoke_user("1")),
    ("revoke it again", lambda c: c.revoke_user("1")),
    ("unlock", lambda c: c.unlock_key("spire-a", "pass-a")),
]


@pytest.mark.parametrize(("step", "call"), CHANGES, ids=[change[0] for change in CHANGES])
async def test_changes_send_what_was_recorded(
    replay: Replay,
    step: str,
    call: Callable[[Client], Awaitable[Any]],
) -> None:
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


REFUSALS: list[tuple[str, Callable[[Client], Awaitable[Any]], type[BunkerRefused]]] = [
    ("a stranger asks", lambda c: c.get_keys(), NotAnAdmin),
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
    ("rename an unknown user", lambda c: c.rename_key_user("0" * 64, "x"), BunkerRefused),
    (
        "unlock with a wrong passphrase",
        lambda c: c.unlock_key("spire-a", "wrong"),
        WrongPassphrase,
    ),
    ("unlock an unknown key", lambda c: c.unlock_key("spire-zzz", "x"), WrongPassphrase),
]


@pytest.mark.parametrize(("step", "call", "kind"), REFUSALS, ids=[no[0] for no in REFUSALS])
async def test_refusals_are_typed_and_in_our_words(
    replay: Replay,
    step: str,
    call: Callable[[Client], Awaitable[Any]],
    kind: type[BunkerRefused],
) -> None:
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
}


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
@pytest.mark.parametrize(("step", "outcome"), CONNECTS.items(), ids=CONNECTS)
async def test_what_came_of_redeeming_a_token(path: Path, step: str, outcome: Redemption) -> None:
    """A refusal of a token comes twice with one id, its two texts in either order."""
    recording = Recording(path)
    key = Peer(recording.key)
    recorded = recording.connects[step]
    _, secret = recorded["request"]["content"]["params"]

    def answer(asked: Asked) -> Iterable[str]:
        if asked.method == "get_public_key":
            yield key.reply(asked, kind=24133, result=recording.key_pubkey)
            return
        assert asked.params == recorded["request"]["content"]["params"]
        for reply in recorded["replies"]:
            yield key.reply(asked, kind=reply["kind"], **{**reply["content"], "id": asked.id})

    async with DevRelay() as relay, PeerOnRelay(relay.url, key, answer):
        burner = Keys.generate().secret_key().to_hex()
        relays = [relay.url]
        redeemed = await redeem(burner, key.pubkey, secret, relays, Encryption.NIP04)
    assert redeemed is outcome


NEVER_SENT = {
    "ping sent as kind 24133": "asked only where kind 24134 got silence",
    "token with half an hour: parsed as 0, already expired": "hours are whole numbers",
    "a key of the same name is overwritten": "a key is made only under a free name",
}


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_every_recorded_step_is_replayed_or_never_sent(path: Path) -> None:
    recording = Recording(path)
    tables = [*READS, *CHANGES, *REFUSALS]
    replayed = {row[0] for row in tables} | {"create key", "policy, empty kind for nip44"}
    asked_anyway = {"ping encrypted with NIP-44"}
    assert set(recording.steps) == replayed | asked_anyway | set(NEVER_SENT)
    without_secret = {"a known client connects without a secret"}
    assert set(recording.connects) == set(CONNECTS) | without_secret
