"""The development bunker against the recorded conversations with real daemons.

Ids, keys, tokens and times may differ; what stands for what may not: where the recording has the
same token or pubkey twice, so must we.
"""

import json
import re
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from nostr_sdk import Event, Keys, nip44_decrypt
from spirekeeper.devkit.bunker import DevBunker, Lineage
from spirekeeper.devkit.relay import DevRelay
from support.raw_wire import Message, RawClient

RECORDINGS = Path(__file__).parents[2] / "contract"
SESSIONS = [
    ("nsecbunkerd-0.10.5-ndk-2.18.1.jsonl", Lineage.NEWER_NDK),
    ("nsecbunkerd-0.10.5-ndk-2.8.1.jsonl", Lineage.OLD_NDK),
    ("nsecbunkerd-0.11.2-398ja-ndk-2.18.1.jsonl", Lineage.FORK_398JA),
]
HEX = re.compile(r"([0-9a-f]{64,128})")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
ASKED_AN_ADMIN_MS = 9_000


@dataclass
class Likeness:
    """Compares a recorded value with ours; remembers which of our keys stands for which."""

    ours: dict[str, str] = field(default_factory=dict)

    def stands_for(self, recorded: str, ours: str) -> None:
        assert self.ours.setdefault(recorded, ours) == ours
        assert list(self.ours.values()).count(ours) == 1, "one of ours for two of theirs"

    def translate(self, text: str) -> str:
        return HEX.sub(lambda found: self.ours.get(found[0], found[0]), text)

    def same(self, recorded: Any, ours: Any, where: str) -> None:
        assert type(recorded) is type(ours), where
        if isinstance(recorded, dict):
            assert list(recorded) == list(ours), where
            for name, value in recorded.items():
                if name == "time_until_expiration" and value is not None:
                    assert (value > 0) == (ours[name] > 0), where
                else:
                    self.same(value, ours[name], f"{where}.{name}")
        elif isinstance(recorded, list):
            assert len(recorded) == len(ours), where
            for index, value in enumerate(recorded):
                self.same(value, ours[index], f"{where}[{index}]")
        elif isinstance(recorded, str):
            self.same_text(recorded, ours, where)
        else:
            assert recorded == ours, where

    def same_text(self, recorded: str, ours: str, where: str) -> None:
        """Between the long hex runs (keys, tokens) every character counts, but for times."""
        theirs_split, ours_split = (HEX.split(TIME.sub("T", text)) for text in (recorded, ours))
        assert theirs_split[::2] == ours_split[::2], where
        for theirs_hex, ours_hex in zip(theirs_split[1::2], ours_split[1::2], strict=True):
            self.stands_for(theirs_hex, ours_hex)


def load(name: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    head, *steps = (RECORDINGS / name).read_text().splitlines()
    return json.loads(head), [json.loads(step) for step in steps]


def unpacked(result: str) -> Any:
    try:
        return json.loads(result)
    except ValueError:
        return result


def by_pubkey(result: Any) -> Any:
    """Users come in no particular order."""
    if isinstance(result, list) and result and "signingConditions" in result[0]:
        return sorted(result, key=lambda user: str(user["id"]))
    return result


class Session:
    """Plays one recording against one bunker."""

    def __init__(self, name: str, bunker: DevBunker, parties: dict[str, RawClient]) -> None:
        self.head, self.steps = load(name)
        self.bunker = bunker
        self.parties = parties
        self.likeness = Likeness()
        key = self.head["key_pubkey"]
        self.likeness.stands_for(key, key)
        self.nsec = ""

    async def play(self) -> None:
        for step in self.steps:
            if "request" in step:
                await self.play_step(step)
            else:
                assert step["name"] == "the bunker is restarted"
                await self.bunker.restart()
        await self.nothing_more_came()

    async def play_step(self, step: dict[str, Any]) -> None:
        await self.bunker.listening()
        request = step["request"]
        sender = self.parties[step["from"]]
        device = step["from"].endswith("device")
        content = json.loads(self.likeness.translate(json.dumps(request["content"])))
        if content["method"] == "create_new_key":
            self.nsec = self.nsec or (content["params"] + [""] * 3)[2]
        await sender.send(
            self.head["key_pubkey"] if device else self.bunker.pubkey,
            json.dumps(content),
            kind=request["kind"],
            encryption=request["encryption"],
        )
        replies = step["replies"]
        if replies:
            received = await sender.answers(content["id"], len(replies))
            self.compare(step, received)

    def compare(self, step: dict[str, Any], received: list[Message]) -> None:
        replies = sorted(step["replies"], key=lambda reply: reply["content"].get("error", ""))
        received = sorted(received, key=lambda message: message.content.get("error", ""))
        assert len(replies) == len(received), step["name"]
        for reply, message in zip(replies, received, strict=True):
            assert message.kind == reply["kind"], step["name"]
            assert message.encryption == reply["encryption"], step["name"]
            self.compare_content(step, reply, message.content)
        asked = any(reply["after_ms"] > ASKED_AN_ADMIN_MS for reply in replies)
        assert self.admin_was_asked() == asked, step["name"]

    def compare_content(self, step: dict[str, Any], reply: dict[str, Any], ours: Any) -> None:
        where = f"step {step['step']}, {step['name']}"
        theirs = reply["content"]
        if reply.get("error_kind") == "dump":
            assert ours["error"].splitlines()[-1] == theirs["error"], where
            assert len(ours["error"].splitlines()) >= 16, where
            assert {**ours, "error": ""} == {**theirs, "error": ""}, where
            return
        method = step["request"]["content"]["method"]
        if method == "nip44_encrypt" and "error" not in theirs:
            assert self.plain(ours["result"]) == self.plain(theirs["result"]) == "hi", where
            return
        theirs, ours = (
            {**content, "result": by_pubkey(unpacked(content["result"]))}
            for content in (theirs, ours)
        )
        self.likeness.same(theirs, ours, where)
        if method == "sign_event" and "error" not in theirs:
            assert ours["result"]["id"] == theirs["result"]["id"], where
            assert Event.from_json(json.dumps(ours["result"])).verify(), where

    def plain(self, payload: str) -> str:
        keys = Keys.parse(self.nsec)
        return str(nip44_decrypt(keys.secret_key(), keys.public_key(), payload))

    def admin_was_asked(self) -> bool:
        """Whether an acl request has come to the admin since this was last looked at."""
        inbox = self.parties["admin"].inbox
        requests = [message for message in inbox if message.content.get("method") == "acl"]
        for request in requests:
            kind = self.bunker.lineage.value.answers_in
            assert (request.author, request.kind) == (self.bunker.pubkey, kind)
            inbox.remove(request)
        return bool(requests)

    async def nothing_more_came(self) -> None:
        """The silences: every request got the recorded number of replies, however late we look.

        A last ping comes back behind whatever else was on its way.
        """
        how = {"kind": 24133, "encryption": "nip04"}
        await self.parties["admin"].ask(self.bunker.pubkey, "ping", **how)
        for step in self.steps:
            if "request" in step:
                received = self.parties[step["from"]].received(step["request"]["content"]["id"])
                assert len(received) == len(step["replies"]), step["name"]


@pytest.mark.parametrize(("recording", "lineage"), SESSIONS, ids=["newer NDK", "old NDK", "398ja"])
async def test_it_answers_as_the_daemon_did(
    recording: str,
    lineage: Lineage,
    relay: DevRelay,
    admin_keys: Keys,
    tmp_path: Path,
) -> None:
    bunker = DevBunker(
        relays=[relay.url],
        admins=[admin_keys.public_key().to_hex()],
        folder=tmp_path,
        lineage=lineage,
        refusal_delay=0.1,
        listen_delay=0.0,
    )
    await bunker.start()
    async with AsyncExitStack() as stack:
        parties = {
            name: await stack.enter_async_context(RawClient(relay.url, keys))
            for name, keys in (
                ("admin", admin_keys),
                ("stranger", Keys.generate()),
                ("device", Keys.generate()),
                ("second device", Keys.generate()),
            )
        }
        session = Session(recording, bunker, parties)
        await session.play()
        assert session.likeness.ours.keys() >= {session.head["key_pubkey"]}
    await bunker.stop()
