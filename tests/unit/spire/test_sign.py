"""Events signed by a key that the machine does not hold, and how they get about."""

import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from nostr_sdk import Event, EventBuilder, Keys, Kind, Nip44Version, PublicKey, nip44_encrypt
from spirekeeper.devkit.bunker import DevBunker, Lineage
from spirekeeper.devkit.relay import DevRelay
from spirekeeper.seed import Seed
from spirekeeper.spire.errors import (
    BadAnswer,
    CutOff,
    NotTaken,
    OtherKey,
    Refused,
    SpireError,
    Unreachable,
)
from spirekeeper.spire.machine import Machine
from spirekeeper.spire.publishing import Outcome, Verdict
from spirekeeper.spire.signer import open_signer
from spirekeeper.spire.state import Connection
from support.movable_clock import MovableClock
from support.raw_parties import MakeBunker, RawAdmin
from support.raw_wire import RawClient, RawKey, ScriptedRelay
from unit.spire.scripted_signer import ScriptedSigner, refusing, saying
from websockets.asyncio.client import connect

MakeSeed = Callable[..., Awaitable[Seed]]
TOKEN = "f00d" * 16


@pytest.fixture
async def booted(machine: Machine, seed: Seed) -> Machine:
    """In the development bunker."""
    await machine.boot(seed.encode())
    return machine


@pytest.fixture
async def scripted(machine: Machine, signer: ScriptedSigner, scripted_seed: Seed) -> Machine:
    await machine.boot(scripted_seed.encode())
    signer.asked.clear()
    return machine


def fields(event: Event) -> dict[str, Any]:
    return dict(json.loads(event.as_json()))


async def test_what_is_signed_is_what_was_asked_for(booted: Machine, seed: Seed) -> None:
    content = 'ünïcode "quoted"\n\\ 🔑'
    tags = [["p", "0" * 64, ""], ["x"], ["alt", "ü"]]
    event = await booted.sign(30078, content, tags)
    signed = fields(event)
    assert event.verify()
    assert signed["pubkey"] == seed.spire_pubkey
    assert (signed["kind"], signed["content"], signed["tags"]) == (30078, content, tags)


async def test_a_kind_that_no_rule_allows(booted: Machine) -> None:
    with pytest.raises(Refused, match="sign_event for kind 1") as refused:
        await booted.sign(1, "hello")
    assert not isinstance(refused.value, CutOff)


async def test_a_revoked_machine(booted: Machine, admin: RawAdmin) -> None:
    [user] = await admin.users("spire-a")
    await admin.call("revoke_user", str(user["id"]))
    with pytest.raises(CutOff, match="revoked"):
        await booted.sign(21000, "hello")
    with pytest.raises(CutOff, match="revoked"):
        await booted.bootstrap(Keys.generate().public_key().to_hex(), "{}")


async def test_a_session_that_expires_where_the_bunker_looks_at_signing_time(
    admin: RawAdmin,
    bunker: DevBunker,
    make_bunker: MakeBunker,
    clock: MovableClock,
    machine: Machine,
    relay: DevRelay,
) -> None:
    await bunker.stop()
    admin.bunker = await make_bunker(lineage=Lineage.LIVE_POLICY)
    pubkey = await admin.make_key("spire-b")
    secret = await admin.make_token("spire-b", await admin.make_policy(), hours="1")
    seed = Seed.build(
        spire_pubkey=pubkey, secret=secret, bunker_relay=relay.url, relays=[relay.url]
    )
    await machine.boot(seed.encode())
    await machine.sign(21000, "hello")
    clock.move(hours=2)
    with pytest.raises(CutOff, match="expired"):
        await machine.sign(21000, "hello")


async def test_a_bunkers_own_words_are_not_repeated(
    scripted: Machine, signer: ScriptedSigner
) -> None:
    signer.script["sign_event"] = lambda asked: (
        refusing("Invalid `prisma` invocation: token 5ec4e7")(asked)
        if '"kind": 21000' in asked.params[0]
        else saying(signer.sign(asked))(asked)
    )
    with pytest.raises(Refused, match="its log says why") as refused:
        await scripted.sign(21000, "hello")
    assert "5ec4e7" not in str(refused.value)


@pytest.mark.parametrize(
    "altered",
    [{"content": "hullo"}, {"kind": 21001}, {"tags": [["x", "y"]]}, {"created_at": 1}],
    ids=lambda altered: next(iter(altered)),
)
async def test_an_altered_event_is_not_used(
    altered: dict[str, Any], scripted: Machine, signer: ScriptedSigner
) -> None:
    signer.script["sign_event"] = lambda asked: saying(signer.sign(asked, **altered))(asked)
    with pytest.raises(BadAnswer, match=f"altered {next(iter(altered))}"):
        await scripted.sign(21000, "hello")


async def test_an_event_by_another_key_is_not_used(
    scripted: Machine, signer: ScriptedSigner
) -> None:
    thief = ScriptedSigner()
    signer.script["sign_event"] = lambda asked: saying(thief.sign(asked, pubkey=thief.pubkey))(
        asked
    )
    with pytest.raises(OtherKey):
        await scripted.sign(21000, "hello")


@pytest.mark.parametrize("answer", ["", "ack", "[]", "null", "{}", "[" * 5000])
async def test_an_answer_that_is_no_event(
    answer: str, scripted: Machine, signer: ScriptedSigner
) -> None:
    signer.script["sign_event"] = saying(answer)
    with pytest.raises(BadAnswer, match="no event"):
        await scripted.sign(21000, "hello")


async def test_a_signature_that_is_none(scripted: Machine, signer: ScriptedSigner) -> None:
    def forged(asked: Any) -> list[dict[str, str]]:
        event = json.loads(signer.sign(asked))
        other = json.loads(signer.sign(asked, content="other"))
        return [{"result": json.dumps({**event, "sig": other["sig"]})}]

    signer.script["sign_event"] = forged
    with pytest.raises(BadAnswer, match="signature"):
        await scripted.sign(21000, "hello")


async def test_more_than_nip44_carries_is_not_sent(
    scripted: Machine, signer: ScriptedSigner
) -> None:
    with pytest.raises(SpireError, match="too large"):
        await scripted.sign(21000, "x" * 70_000)
    assert signer.asked == []


async def test_only_the_signers_own_answer_counts(home: Path) -> None:
    """A relay that checks nothing sends all sorts of things first."""
    peer, stranger = RawKey(), RawKey()

    def frames(event: dict[str, Any]) -> Iterator[str]:
        asked = peer.read(event)
        answers = {"connect": "ack", "get_public_key": peer.pubkey}
        answer = answers[asked.method]
        good = peer.reply(asked, kind=24133, result=answer)
        evil = {"result": "error", "error": "Token expired"}
        forged = {**json.loads(good), "sig": json.loads(peer.reply(asked, kind=24133))["sig"]}
        junk = [
            stranger.reply(asked, kind=24133, **evil),
            peer.reply(asked, kind=24134, **evil),
            peer.reply(asked, kind=24133, id="another", **evil),
            peer.reply(asked, kind=24133, method="acl", **evil),
            peer.event(asked.author, "no json", kind=24133),
            peer.event(asked.author, "plain", kind=24133, encryption="none"),
            peer.event(stranger.pubkey, "{}", kind=24133, to=[asked.author]),
            json.dumps(forged),
            "{}",
            '{"pubkey": 7}',
        ]
        yield from ("", "{", "[]", "7", '["EVENT"]', '["NOTICE","boo"]', "[" * 5000)
        yield f'["OK","{event["id"]}",true,""]'
        for thing in (*junk, good):
            yield f'["EVENT","{{sub}}",{thing}]'

    async with ScriptedRelay(frames) as relay:
        seed = Seed.build(
            spire_pubkey=peer.pubkey, secret="s", bunker_relay=relay.url, relays=[relay.url]
        )
        machine = Machine(home)
        await machine.boot(seed.encode())
        assert len(relay.events) == 2
    assert machine.state.connected


@pytest.mark.parametrize(
    "frame",
    ['["OK","{id}",false,"blocked: {token}"]', '["CLOSED","{{sub}}","restricted: {token}"]'],
)
async def test_a_relay_that_does_not_serve_us(frame: str, home: Path, seed: Seed) -> None:
    async with ScriptedRelay(lambda event: [frame.format(id=event["id"], token=TOKEN)]) as relay:
        unserved = Seed.build(
            spire_pubkey=seed.spire_pubkey,
            secret=seed.secret,
            bunker_relay=relay.url,
            relays=[relay.url],
        )
        with pytest.raises(Unreachable, match=r'"(blocked|restricted): …"') as unreachable:
            await Machine(home).boot(unserved.encode())
    assert TOKEN not in str(unreachable.value)


async def test_nip44_through_the_bunker(seed: Seed) -> None:
    other = Keys.generate()
    connection = Connection.begin(seed, nip04=False)
    async with open_signer(connection, 5) as remote:
        await remote.connect(seed.secret, tried_before=False)
        payload = nip44_encrypt(
            other.secret_key(), PublicKey.parse(seed.spire_pubkey), "hello", Nip44Version.V2
        )
        other_pubkey = other.public_key().to_hex()
        assert await remote.nip44_decrypt(other_pubkey, payload) == "hello"
        sealed = await remote.nip44_encrypt(other_pubkey, "to you")
        assert sealed != "to you"


# Publishing.


async def test_an_event_is_published_to_every_relay_of_the_seed(
    machine: Machine, make_seed: MakeSeed, relay: DevRelay
) -> None:
    async with DevRelay() as second:
        await machine.boot((await make_seed(relays=[relay.url, second.url])).encode())
        async with RawClient(relay.url) as here, RawClient(second.url) as there:
            sockets = [await listen(client.url) for client in (here, there)]
            event = await machine.sign(21000, "hello")
            outcomes = await machine.publish(event)
            arrived = [await arrival(socket) for socket in sockets]
    assert outcomes == [Outcome(each.url, Verdict.TAKEN) for each in (relay, second)]
    assert arrived == [fields(event), fields(event)]


async def listen(url: str) -> Any:
    socket = await connect(url, proxy=None)
    await socket.send('["REQ","all",{"kinds":[21000]}]')
    assert json.loads(await socket.recv()) == ["EOSE", "all"]
    return socket


async def arrival(socket: Any) -> Any:
    async with socket:
        return json.loads(await socket.recv())[2]


async def test_a_relay_that_is_away_or_says_no_is_told_apart(
    machine: Machine, make_seed: MakeSeed, relay: DevRelay
) -> None:
    def blocked(event: dict[str, Any]) -> list[str]:
        return [f'["OK","{event["id"]}",false,"blocked: {TOKEN}"]']

    def odd(event: dict[str, Any]) -> list[str]:
        return ['["OK","0",true,""]', f'["OK","{event["id"]}",false]']

    gone = "ws://127.0.0.1:1"
    async with ScriptedRelay(blocked) as no, ScriptedRelay(odd) as strange:
        relays = [relay.url, gone, no.url, strange.url]
        await machine.boot((await make_seed(relays=relays)).encode())
        event = await machine.sign(21000, "hello")
        taken, away, blocked_by, refused_by = await machine.publish(event)
        assert taken == Outcome(relay.url, Verdict.TAKEN)
        assert (away.relay, away.verdict) == (gone, Verdict.NOT_SENT)
        assert blocked_by == Outcome(no.url, Verdict.REFUSED, '"blocked: …"')
        assert refused_by == Outcome(strange.url, Verdict.REFUSED, "no reason given")
        machine.forget()
        await machine.boot((await make_seed(relays=[gone, no.url])).encode())
        with pytest.raises(NotTaken, match="No relay"):
            await machine.publish(event)


async def test_an_event_that_no_relay_verifies(booted: Machine) -> None:
    forged = EventBuilder(Kind(21000), "hello").sign_with_keys(Keys.generate())
    altered = {**fields(forged), "content": "altered"}
    with pytest.raises(NotTaken, match="No relay"):
        await booted.publish(Event.from_json(json.dumps(altered)))
