"""How each fault is produced: by the relay, by what it brings for an answer, or by the bunker."""

import json
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from nostr_sdk import Keys
from spirekeeper.devkit.hostile_relay import (
    Line,
    Manner,
    demanding_login,
    ending_subscriptions,
    grumbling,
    refusing,
)
from spirekeeper.devkit.hostile_relay import losing as losing_all
from spirekeeper.devkit.relay_habits import (
    keeping_the_last_filter,
    refusing_what_it_brings,
    without_ok,
)
from support.raw_wire import RawKey
from support.relay_manners import without_eose
from system.faults.fault_house import House
from system.faults.tapping import Answered, Forge

Make = Callable[[House, str], Awaitable[None]]
"""Makes the fault, for the answers to this call where it is about answers."""

STRANGER = RawKey()
MEGABYTE = 1024 * 1024


def _no() -> dict[str, str]:
    return {"result": "error", "error": "no"}


_WRONG: dict[str, Callable[[], dict[str, str]]] = {
    "create_new_key": lambda: {"result": json.dumps({"npub": _npub()})},
    "create_new_token": _no,
    "get_key_tokens": lambda: {"result": "[]"},
    "get_key_users": lambda: {"result": "[]"},
    "revoke_user": _no,
}


def _npub() -> str:
    return str(Keys.generate().public_key().to_bech32())


def _wrong(answered: Answered) -> dict[str, str]:
    """What a bunker that knows nothing of ours would answer."""
    return _WRONG[answered.asked.method]()


def _tempting(answered: Answered) -> dict[str, str]:
    """What would be noticed if it were believed: a call that is looked up all the same gets a lie,
    every other one the truth."""
    looked_up = answered.asked.method in {"create_new_key", "create_new_token"}
    return _wrong(answered) if looked_up else {"result": answered.body["result"]}


def _forging(forge: Forge) -> Make:
    async def make(house: House, method: str) -> None:
        house.tap.method, house.tap.forge = method, forge

    return make


def _altered(event: str, **change: Any) -> str:
    return json.dumps({**json.loads(event), **change})


# The bunker says nothing, or too late


async def lost(house: House, method: str) -> None:
    house.host.bunker.levers.silent(method)


async def unanswered(house: House, method: str) -> None:
    house.host.bunker.levers.drop_answer(method)


async def late(house: House, method: str) -> None:
    house.host.bunker.levers.late(1.5 * house.patience, method)


# Something else comes for an answer


def _bad_signature(answered: Answered) -> Iterable[str]:
    event = answered.reply(**_tempting(answered))
    other = json.loads(answered.reply(**_tempting(answered)))
    yield _altered(event, sig=other["sig"])


def _one_megabyte(answered: Answered) -> Iterable[str]:
    yield _altered(answered.reply(**_tempting(answered)), padding="x" * MEGABYTE)


def _shapeless(answered: Answered) -> Iterable[str]:
    yield answered.reply(result='<html>502</html>{"npub":')


twice = _forging(lambda answered: [answered.event, answered.reply(result=answered.body["result"])])
right_first = _forging(lambda answered: [answered.event, answered.reply(**_wrong(answered))])
wrong_first = _forging(lambda answered: [answered.reply(**_wrong(answered)), answered.event])
another_key = _forging(lambda answered: [answered.reply(STRANGER, **_tempting(answered))])
another_id = _forging(lambda answered: [answered.reply(**{**_tempting(answered), "id": "0" * 16})])
to_another = _forging(lambda answered: [answered.reply(to=STRANGER.pubkey, **_tempting(answered))])
bad_signature = _forging(_bad_signature)
undecryptable = _forging(lambda answered: [answered.sealed("no cipher text", encryption="none")])
not_json = _forging(lambda answered: [answered.sealed("<html>502 Bad Gateway</html>")])
megabyte = _forging(_one_megabyte)
shapeless = _forging(_shapeless)


async def restarting(house: House, method: str) -> None:
    house.tap.method, house.tap.instead = method, house.host.bunker.restart


async def clocks_apart(house: House, method: str) -> None:
    """The house was built so."""


# The relay


async def closing(house: House, method: str) -> None:
    house.tap.method, house.tap.instead = method, house.hang_up


def _behaving(manner: Manner) -> Make:
    async def make(house: House, method: str) -> None:
        for relay in house.relays:
            relay.behave(up=manner)

    return make


refused = _behaving(refusing("blocked: not here"))
rate_limited = _behaving(refusing("rate-limited: slow down"))
too_old = _behaving(refusing("invalid: ephemeral event expired"))
noticed = _behaving(grumbling)
losing = _behaving(losing_all)


async def subscriptions_ended(house: House, method: str) -> None:
    await _behaving(ending_subscriptions("rate-limited: slow down"))(house, method)
    await house.hang_up()
    await house.unheard()


def _in_front(habit: Callable[[], Manner]) -> Make:
    async def make(house: House, method: str) -> None:
        for relay in house.relays:
            manner = habit()
            relay.behave(up=manner, down=manner)
        await house.connect_anew()
        await house.known()

    return make


refusing_delivered = _in_front(lambda: refusing_what_it_brings("error: failed to add event"))
unconfirmed = _in_front(without_ok)
no_eose = _in_front(without_eose)
last = _in_front(keeping_the_last_filter)


def _demanding(*to: str, members: set[str] | None = None) -> Make:
    async def make(house: House, method: str) -> None:
        for relay in house.relays:
            manner = demanding_login(relay.url, members, to=to)
            relay.behave(up=manner, greet=manner)
        await house.connect_anew()

    return make


login_to_read = _demanding("REQ", "EVENT")
login_to_write = _demanding("EVENT")
no_member = _demanding("REQ", "EVENT", members=set())


async def all_dead(house: House, method: str) -> None:
    for relay in house.relays:
        await relay.stop()
    await house.unheard()


async def one_dead(house: House, method: str) -> None:
    await house.relays[0].stop()


async def one_hanging(house: House, method: str) -> None:
    await house.relays[0].hang()
    await house.connect_anew()


async def one_lying(house: House, method: str) -> None:
    relay = house.relays[0]

    async def lie(line: Line, message: list[Any]) -> bool:
        if message[0] == "REQ":
            await line.tell("EOSE", message[1])
        if message[0] == "EVENT":
            await line.tell("OK", message[1]["id"], True, "")
            asked = house.tap.bunker.read(message[1])
            make_up = _WRONG.get(asked.method, _no)
            await line.pass_on(STRANGER.reply(asked, **make_up()))
            honest = house.tap.bunker.reply(asked, **make_up())
            await line.pass_on(_altered(honest, content=json.loads(honest)["content"][::-1]))
        return False

    relay.behave(up=lie)
