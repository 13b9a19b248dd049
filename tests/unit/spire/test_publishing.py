"""What became of an event: taken, refused, sent but not confirmed, not sent."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from nostr_sdk import Event, Keys, PublicKey, nip44_decrypt
from spirekeeper.devkit.hostile_relay import HostileRelay, Manner, grumbling
from spirekeeper.devkit.relay import DevRelay
from spirekeeper.devkit.relay_habits import (
    ok_of_another_event,
    refusing_what_it_brings,
    without_ok,
)
from spirekeeper.seed import Seed
from spirekeeper.spire import publishing
from spirekeeper.spire.errors import NotTaken, Unconfirmed, Unreachable
from spirekeeper.spire.machine import Machine
from spirekeeper.spire.publishing import Outcome, Verdict
from support.commanding import Command
from support.settings_patch import SettingsPatch
from unit.spire.relay_manners import hanging_up, refusing_requests
from unit.spire.test_bootstrap import CASSETTES, published
from websockets.asyncio.client import ClientConnection, connect

MakeSeed = Callable[..., Awaitable[Seed]]
NOWHERE = "ws://127.0.0.1:1"
UNCONFIRMED: dict[str, tuple[str, Manner]] = {
    "no OK": ("down", without_ok()),
    "an OK with another id": ("down", ok_of_another_event()),
    "gone before it says so": ("down", hanging_up),
    "words to people only": ("up", grumbling),
}


@pytest.fixture
def hurried(monkeypatch: SettingsPatch) -> None:
    monkeypatch.setattr(publishing, "PUBLISH_S", 0.5)


async def on(machine: Machine, make_seed: MakeSeed, *relays: str) -> Event:
    """The machine is connected, and has signed an event for these relays."""
    await machine.boot((await make_seed(relays=list(relays))).encode())
    return await machine.sign(21000, "cash-out")


@pytest.mark.parametrize("manner", UNCONFIRMED.values(), ids=UNCONFIRMED)
async def test_what_was_sent_and_not_confirmed_is_not_said_to_be_lost(
    manner: tuple[str, Manner],
    machine: Machine,
    make_seed: MakeSeed,
    odd: HostileRelay,
    hurried: None,
) -> None:
    event = await on(machine, make_seed, odd.url, NOWHERE)
    odd.behave(**{manner[0]: manner[1]})
    with pytest.raises(Unconfirmed, match=r"may have arrived.*not a new one"):
        await machine.publish(event)
    odd.behave()
    first, second = await machine.publish(event)
    assert (first.verdict, second.verdict) == (Verdict.TAKEN, Verdict.NOT_SENT)


async def test_it_has_arrived_indeed(
    machine: Machine, make_seed: MakeSeed, odd: HostileRelay, relay: DevRelay, hurried: None
) -> None:
    event = await on(machine, make_seed, odd.url)
    odd.behave(down=without_ok())
    async with await listening(relay.url) as listener:
        with pytest.raises(Unconfirmed):
            await machine.publish(event)
        assert await arrival(listener) == event.id().to_hex()


async def listening(url: str) -> ClientConnection:
    socket = await connect(url, proxy=None)
    await socket.send('["REQ","all",{"kinds":[21000]}]')
    assert json.loads(await socket.recv()) == ["EOSE", "all"]
    return socket


async def arrival(socket: ClientConnection) -> Any:
    return json.loads(await socket.recv())[2]["id"]


async def test_what_the_relay_has_already_it_has_taken(
    machine: Machine, make_seed: MakeSeed, odd: HostileRelay
) -> None:
    event = await on(machine, make_seed, odd.url)
    odd.behave(up=refusing_requests("duplicate: already have this event"))
    assert await machine.publish(event) == [Outcome(odd.url, Verdict.TAKEN)]


async def test_a_refusal_that_passes_is_waited_out(
    machine: Machine, make_seed: MakeSeed, odd: HostileRelay
) -> None:
    event = await on(machine, make_seed, odd.url)
    odd.behave(up=refusing_requests("rate-limited: slow down", times=1))
    assert await machine.publish(event) == [Outcome(odd.url, Verdict.TAKEN)]


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("blocked: spam", '"blocked: spam"'),
        ("rate-limited: slow down", '"rate-limited: slow down"'),
        ("invalid: created_at too early", "set the time"),
        ("auth-required: members", "log-in"),
        ("", "no reason given"),
    ],
)
async def test_a_refusal_is_said_with_its_reason(
    reason: str, words: str, home: Path, make_seed: MakeSeed, odd: HostileRelay, hurried: None
) -> None:
    told: list[str] = []
    machine = Machine(home, tell=told.append)
    event = await on(machine, make_seed, odd.url, NOWHERE)
    odd.behave(up=refusing_requests(reason))
    with pytest.raises(NotTaken, match="refused"):
        await machine.publish(event)
    assert f"{odd.url}: refused (" in told[-2]
    assert words in told[-2]
    assert told[-1].startswith(f"{NOWHERE}: not sent (")


async def test_refused_here_and_not_confirmed_there_may_have_arrived(
    machine: Machine, make_seed: MakeSeed, odd: HostileRelay, relay: DevRelay, hurried: None
) -> None:
    async with HostileRelay(relay.url) as mute:
        event = await on(machine, make_seed, odd.url, mute.url)
        odd.behave(up=refusing_requests("blocked: spam"))
        mute.behave(down=without_ok())
        with pytest.raises(Unconfirmed):
            await machine.publish(event)


async def test_taken_by_one_is_taken(
    machine: Machine, make_seed: MakeSeed, odd: HostileRelay, relay: DevRelay, hurried: None
) -> None:
    event = await on(machine, make_seed, odd.url, relay.url)
    odd.behave(down=without_ok())
    verdicts = [outcome.verdict for outcome in await machine.publish(event)]
    assert verdicts == [Verdict.UNCONFIRMED, Verdict.TAKEN]


async def test_not_sent_is_said_only_when_that_is_known(
    machine: Machine, make_seed: MakeSeed
) -> None:
    event = await on(machine, make_seed, NOWHERE)
    with pytest.raises(Unreachable, match="was not sent"):
        await machine.publish(event)


# The command.


async def test_the_four_outcomes_have_codes_of_their_own(
    spire: Command, make_seed: MakeSeed, odd: HostileRelay, tmp_path: Path
) -> None:
    seed = await make_seed(relays=[odd.url])
    assert (await spire("boot", seed.encode())).code == 0
    sign = ("sign", "--kind", "21000", "--content", "cash-out", "--publish")
    assert (await spire(*sign)).code == 0
    odd.behave(up=refusing_requests("blocked: spam"))
    ran = await spire(*sign)
    assert (ran.code, ran.error.splitlines()[0]) == (7, f'{odd.url}: refused ("blocked: spam")')

    odd.behave(down=without_ok())
    ran = await spire(*sign)
    assert (ran.code, ran.error.splitlines()[0]) == (6, f"{odd.url}: sent, not confirmed")
    (tmp_path / "event.json").write_text(ran.out)
    await odd.stop()
    again = await spire("publish", str(tmp_path / "event.json"))
    assert again.code == 4
    assert f"{odd.url}: not sent (" in again.out
    await odd.start()
    odd.behave()
    again = await spire("publish", "-", stdin=ran.out)
    assert (again.code, again.out, again.error) == (0, f"{odd.url}: taken\n", "")


@pytest.mark.parametrize("text", ["", "{}", "[]", "\x00", "no event"])
async def test_what_is_no_event_is_not_published(spire: Command, text: str) -> None:
    ran = await spire("publish", "-", stdin=text)
    assert ran.code == 1
    assert "no signed event" in ran.error


# A state that is published once.


async def test_a_state_that_was_not_confirmed_is_not_published_twice(
    home: Path, make_seed: MakeSeed, odd: HostileRelay, relay: DevRelay, hurried: None
) -> None:
    machine, operator = Machine(home), Keys.generate().public_key().to_hex()
    await on(machine, make_seed, odd.url)
    odd.behave(down=without_ok())
    with pytest.raises(Unconfirmed):
        await machine.bootstrap(operator, CASSETTES)
    [first] = await published(relay.url)
    odd.behave()
    assert await Machine(home).bootstrap(operator, '{"cassettes": []}'), "as it was, all the same"
    assert await published(relay.url) == [first]
    assert not await machine.bootstrap(operator, CASSETTES)
    assert machine.state.connected
    assert machine.state.connected.bootstrap_event is None


async def test_what_may_have_arrived_is_kept_while_no_relay_is_reached(
    machine: Machine, make_seed: MakeSeed, odd: HostileRelay, relay: DevRelay, hurried: None
) -> None:
    operator = Keys.generate().public_key().to_hex()
    await on(machine, make_seed, odd.url)
    odd.behave(down=without_ok())
    with pytest.raises(Unconfirmed):
        await machine.bootstrap(operator, CASSETTES)
    await odd.stop()
    with pytest.raises(Unreachable):
        await machine.bootstrap(operator, CASSETTES)
    await odd.start()
    odd.behave()
    [first] = await published(relay.url)
    assert await machine.bootstrap(operator, CASSETTES)
    assert await published(relay.url) == [first]


async def test_what_was_refused_is_made_anew(
    machine: Machine, make_seed: MakeSeed, odd: HostileRelay, hurried: None
) -> None:
    operator = Keys.generate().public_key().to_hex()
    await on(machine, make_seed, odd.url)
    odd.behave(up=refusing_requests("invalid: too large"))
    with pytest.raises(NotTaken):
        await machine.bootstrap(operator, CASSETTES)
    assert machine.state.connected
    assert machine.state.connected.sent_to(operator) is None
    odd.behave()
    assert await machine.bootstrap(operator, "{}")


async def test_what_was_refused_and_brought_all_the_same_is_not_published_twice(
    machine: Machine, make_seed: MakeSeed, odd: HostileRelay, relay: DevRelay, hurried: None
) -> None:
    """Some relays say so of what they have passed on."""
    operator = Keys.generate().public_key().to_hex()
    await on(machine, make_seed, odd.url)
    odd.behave(down=refusing_what_it_brings("error: failed to add event"))
    with pytest.raises(NotTaken):
        await machine.bootstrap(operator, CASSETTES)
    [first] = await published(relay.url)
    odd.behave()
    assert await machine.bootstrap(operator, "{}")
    assert await published(relay.url) == [first]


async def test_what_went_to_a_wrong_operator_is_not_what_the_right_one_gets(
    machine: Machine, make_seed: MakeSeed, odd: HostileRelay, relay: DevRelay, hurried: None
) -> None:
    wrong, right = Keys.generate(), Keys.generate()
    await on(machine, make_seed, odd.url)
    odd.behave(down=without_ok())
    with pytest.raises(Unconfirmed):
        await machine.bootstrap(wrong.public_key().to_hex(), CASSETTES)
    odd.behave()
    assert await machine.bootstrap(right.public_key().to_hex(), CASSETTES)
    [event] = await published(relay.url)
    spire = PublicKey.parse(event["pubkey"])
    assert nip44_decrypt(right.secret_key(), spire, event["content"]) == CASSETTES
