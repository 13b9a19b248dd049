"""What a relay says of itself and does with an event, told to whoever would pair over it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from spirekeeper.devkit.hostile_relay import (
    Line,
    Manner,
    demanding_login,
    ending_subscriptions,
    honest,
    refusing,
)
from spirekeeper.seed import MOST_IN_A_QR, Seed
from support.cash import switch_on
from support.host import Host
from support.redeeming import redeem
from support.telling_relay import (
    TellingRelay,
    answering_with_the_challenge,
    challenging_everybody,
    mute,
    refusing_nothing_by_name,
    restricted_behind_a_challenge,
    taking_at_most,
    without_eose,
)


@pytest.fixture
async def telling(host: Host) -> AsyncIterator[TellingRelay]:
    async with TellingRelay(host.relay.url) as relay:
        yield relay


async def cautioned(host: Host, *relays: str) -> list[str]:
    """The codes of what the check says about relays that can all be reached."""
    body = {"relays": list(relays), "allow_private_relays": True}
    answer = await host.api("POST", "/relays/check", body)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert all(each["reachable"] for each in told), told
    for each in told:
        assert all(caution["relay"] == each["url"] for caution in each["cautions"])
        assert all(each["url"] in caution["words"] for caution in each["cautions"])
    return [caution["code"] for each in told for caution in each["cautions"]]


def keys_asked_for(host: Host) -> int:
    return sum(call.method == "create_new_key" for call in host.bunker.calls)


SAYS: dict[str, tuple[dict[str, Any] | None, Manner, list[str]]] = {
    "nothing": (None, honest, []),
    "what all say": ({"max_subscriptions": 200, "max_message_length": 131072}, honest, []),
    "20 subscriptions": ({"max_subscriptions": 20}, honest, []),
    "few subscriptions": ({"max_subscriptions": 4}, honest, ["few_subscriptions"]),
    "4,096 bytes": ({"max_event_size": 4096}, taking_at_most(4096), ["small_events"]),
    "short messages": ({"max_message_length": 8192}, taking_at_most(8192), ["small_events"]),
    "an OK without an id": (None, refusing_nothing_by_name, ["refuses_events"]),
    "no size": ({}, taking_at_most(4096), ["refuses_events"]),
    "a size that it does not keep": ({"max_content_length": 8196}, honest, []),
    "a payment it does not ask of us": ({"payment_required": True}, honest, []),
    "a payment": (
        {"payment_required": True},
        refusing("restricted: pay first"),
        ["payment_demanded", "members_only"],
    ),
    "members": (None, refusing("blocked: not on the list"), ["members_only"]),
    "too old": (None, refusing("invalid: created_at too early"), ["refuses_events"]),
    "try later": (None, refusing("rate-limited: slow down"), []),
    "nobody listens": (None, refusing("mute: nobody was listening"), []),
    "no such filter": (None, ending_subscriptions("unsupported: filter"), ["refuses_events"]),
    "a log-in, by its word": ({"auth_required": True}, mute, ["login_demanded"]),
    "a log-in that it does not demand": ({"auth_required": True}, honest, []),
    "a log-in for all": (None, demanding_login("ws://x"), ["login_demanded"]),
    "a log-in for reading": (None, demanding_login("ws://x", to=("REQ",)), ["login_demanded"]),
    "a log-in for writing": (None, demanding_login("ws://x", to=("EVENT",)), ["login_demanded"]),
    "a challenge for an answer": (None, answering_with_the_challenge, ["login_demanded"]),
    "a challenge before it": (None, restricted_behind_a_challenge, ["login_demanded"]),
    "a challenge for nothing": (None, challenging_everybody, []),
    "no word": (None, mute, []),
    "what is no limitation": ({"max_subscriptions": "4", "auth_required": "yes"}, honest, []),  # type: ignore[dict-item]
}


@pytest.mark.parametrize("what", SAYS)
async def test_the_check_says_what_to_mind(host: Host, telling: TellingRelay, what: str) -> None:
    telling.limitation, manner, expected = SAYS[what]
    telling.behave(up=manner)
    assert await cautioned(host, telling.url) == expected
    assert telling.asked == 1


async def test_a_relay_that_was_found_good_is_not_sent_an_event_again(
    host: Host, telling: TellingRelay
) -> None:
    """But one that was not is: it may have been mended just now."""
    said: list[str] = []

    async def noted(_line: Line, message: list[Any]) -> bool:
        said.append(message[0])
        return True

    telling.behave(up=refusing("invalid: no"))
    assert await cautioned(host, telling.url) == ["refuses_events"]
    telling.behave(up=noted)
    assert await cautioned(host, telling.url) == []
    assert said == ["REQ", "EVENT"]
    assert await cautioned(host, telling.url, f"{telling.url}/") == []
    assert (said, telling.asked) == (["REQ", "EVENT"], 2)
    await telling.stop()
    body = {"relays": [telling.url], "allow_private_relays": True}
    [check] = (await host.api("POST", "/relays/check", body)).json()
    assert (check["reachable"], check["code"]) == (False, "silent")


async def test_a_relay_without_eose_is_as_good(host: Host, telling: TellingRelay) -> None:
    telling.behave(down=without_eose)
    assert await cautioned(host, telling.url) == []


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0, []), (-120, ["clock_differs"]), (120, ["clock_differs"])]
)
async def test_a_clock_that_differs_is_told(
    host: Host, telling: TellingRelay, seconds: int, expected: list[str]
) -> None:
    """Whatever else it says of itself."""
    for telling.limitation in (None, {}):
        telling.seconds_ahead = seconds
        assert await cautioned(host, telling.url) == expected


async def test_what_to_mind_about_a_relay_of_the_seed_comes_with_the_seed(
    host: Host, telling: TellingRelay
) -> None:
    telling.limitation = {"max_subscriptions": 4}
    telling.seconds_ahead = 90
    machine_id = await host.add_machine()
    result = await host.pair(machine_id, relays=[telling.url, host.relay.url])
    assert result["relays"] == [telling.url, host.relay.url]
    told = [(each["code"], each["relay"]) for each in result["warnings"]]
    assert told == [("few_subscriptions", telling.url), ("clock_differs", telling.url)]


async def test_no_seed_names_a_relay_that_demands_a_log_in(
    host: Host, telling: TellingRelay
) -> None:
    """A machine would be turned away there. The one that is left serves it."""
    telling.behave(up=demanding_login(telling.url))
    machine_id = await host.add_machine()
    result = await host.pair(machine_id, relays=[telling.url, host.relay.url])
    seed = Seed.decode(result["seed_url"])
    assert (seed.bunker_relay, seed.relays) == (host.relay.url, (host.relay.url,))
    assert [each["code"] for each in result["warnings"]] == ["login_demanded"]
    assert (await redeem(host, result["seed_url"]))["result"] == "ack"


@pytest.mark.parametrize("named", ["relays", "bunker_relay"])
async def test_nothing_is_minted_for_a_log_in_that_no_machine_does(
    host: Host, telling: TellingRelay, named: str
) -> None:
    telling.behave(up=demanding_login(telling.url))
    machine_id = await host.add_machine()
    before = keys_asked_for(host)
    relays: dict[str, Any] = {named: telling.url if named == "bunker_relay" else [telling.url]}
    for path, more in (
        (f"/machines/{machine_id}/pair", {}),
        ("/machines/pair", {"machine_ids": [machine_id]}),
    ):
        answer = await host.api("POST", path, host.pair_request(**relays, **more))
        assert (answer.status_code, answer.json()["code"]) == (400, "login_demanded")
        assert "Name another" in answer.json()["detail"]
    assert keys_asked_for(host) == before
    assert (await host.pairing(machine_id))["state"] == "unpaired"


async def test_a_log_in_is_told_from_a_relay_that_is_down(
    host: Host, telling: TellingRelay
) -> None:
    telling.behave(up=demanding_login(telling.url))
    machine_id = await host.add_machine()
    body = host.pair_request(relays=[host.relay.url], bunker_relay="ws://127.0.0.1:9")
    answer = await host.api("POST", f"/machines/{machine_id}/pair", body)
    assert (answer.status_code, answer.json()["code"]) == (503, "no_relay")
    body = host.pair_request(relays=["ws://127.0.0.1:9", telling.url])
    answer = await host.api("POST", f"/machines/{machine_id}/pair", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "login_demanded")


# A seed that no QR code holds


async def test_a_seed_that_no_qr_code_holds_is_refused_before_the_mint(host: Host) -> None:
    machine_id = await host.add_machine()
    before = keys_asked_for(host)
    relays = [f"{host.relay.url}/{letter * 480}" for letter in "abc"]
    for path, more in (
        (f"/machines/{machine_id}/pair", {}),
        ("/machines/pair", {"machine_ids": [machine_id]}),
    ):
        answer = await host.api("POST", path, host.pair_request(relays=relays, **more))
        assert (answer.status_code, answer.json()["code"]) == (400, "seed_too_long")
        assert "Name fewer relays, or shorter addresses." in answer.json()["detail"]
    assert keys_asked_for(host) == before
    assert (await host.pairing(machine_id))["state"] == "unpaired"
    assert len((await host.pair(machine_id, relays=relays[:1]))["seed_url"]) < MOST_IN_A_QR


async def test_the_longest_seed_that_is_made_is_drawn(host: Host) -> None:
    """As the page and the sheet draw it, and its length is what was foreseen."""
    import segno
    from spirekeeper.connection import relay_choice
    from spirekeeper.errors import SeedTooLong

    def fits(letters: int) -> bool:
        relays = [f"{host.relay.url}/{letter * letters}" for letter in "abc"]
        try:
            relay_choice.guard_length(relay_choice.UsableRelays(relays, relays[0], []))
        except SeedTooLong:
            return False
        return True

    most = max(letters for letters in range(480) if fits(letters))
    relays = [f"{host.relay.url}/{letter * most}" for letter in "abc"]
    machine_id = await host.add_machine()
    await switch_on(host, machine_id)
    seed_url = (await host.pair(machine_id, relays=relays))["seed_url"]
    assert MOST_IN_A_QR - 8 < len(seed_url) <= MOST_IN_A_QR
    assert segno.make(seed_url, error="l", boost_error=False, micro=False).version == 40


# The bunker's own relay


async def test_the_limits_of_the_bunkers_own_relay_are_hazards(
    host: Host, telling: TellingRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper.connection import hazards

    monkeypatch.setattr(hazards, "SEEN_FOR_SECONDS", 0.0)

    async def told(seconds_ahead: float = 0, **limitation: Any) -> set[str]:
        telling.limitation, telling.seconds_ahead = limitation, seconds_ahead
        body = {"bunker_url": f"bunker://{host.bunker.pubkey}?relay={telling.url}"}
        answer = await host.api("POST", "/bunker/test", body, as_=host.superuser)
        assert answer.status_code == 200, answer.text
        assert answer.json()["reachable"] is True
        return {hazard["code"] for hazard in answer.json()["hazards"]}

    await host.pair(await host.add_machine())
    ours = {"relay_takes_little", "relay_clock_differs", "many_keys"}
    few = {"many_keys"} if len(await bunkers_keys()) >= 20 else set()
    assert await told() & ours == few
    assert await told(max_subscriptions=10_000, max_message_length=131_072) & ours == set()
    assert await told(max_event_size=4096) & ours == {"relay_takes_little", *few}
    telling.behave(up=taking_at_most(12_000))
    assert await told() & ours == {"relay_takes_little", *few}
    telling.behave()
    assert await told(max_subscriptions=1) & ours == {"many_keys"}
    assert await told(-300, max_subscriptions=10_000) & ours == {"relay_clock_differs"}


async def bunkers_keys() -> set[str]:
    from spirekeeper.connection.open_bunker import open_bunker

    return set(await (await open_bunker()).admin.refresh_keys())


async def test_a_relays_clock_is_told_where_it_keeps_the_bunker_from_answering(
    host: Host, telling: TellingRelay
) -> None:
    """It refuses what is asked, and says of that only that it is too old."""
    telling.seconds_ahead = 120
    telling.behave(up=refusing("invalid: created_at too early"))
    body = {"bunker_url": f"bunker://{host.bunker.pubkey}?relay={telling.url}"}
    answer = await host.api("POST", "/bunker/test", body, as_=host.superuser)
    status = answer.json()
    assert (status["reachable"], bool(status["problem"])) == (False, True)
    assert "relay_clock_differs" in {hazard["code"] for hazard in status["hazards"]}
