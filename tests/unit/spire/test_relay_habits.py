"""Between the machine and its bunker is a relay as people have them."""

from pathlib import Path

import pytest
from spirekeeper.devkit.hostile_relay import HostileRelay, grumbling
from spirekeeper.seed import Seed
from spirekeeper.spire import requests
from spirekeeper.spire.errors import Unreachable
from spirekeeper.spire.machine import Machine
from support.relay_manners import without_eose
from support.settings_patch import SettingsPatch
from unit.spire.relay_manners import ending_first_subscriptions, refusing_requests
from unit.spire.scripted_signer import ScriptedSigner
from unit.spire.two_connections import author

IMPATIENT_S = 1.5
TOKEN = "f00d" * 16


@pytest.fixture
def hasty(monkeypatch: SettingsPatch) -> None:
    """For what is refused and not delivered."""
    monkeypatch.setattr(requests, "ALL_THE_SAME_S", 0.1)


@pytest.fixture
def seed_over_it(signer: ScriptedSigner, odd: HostileRelay) -> Seed:
    return Seed.build(
        spire_pubkey=signer.pubkey, secret=TOKEN, bunker_relay=odd.url, relays=[odd.url]
    )


async def test_a_relay_that_ends_no_list_of_stored_events(
    machine: Machine, odd: HostileRelay, seed_over_it: Seed, signer: ScriptedSigner
) -> None:
    odd.behave(down=without_eose())
    await machine.boot(seed_over_it.encode())
    assert await author(machine) == signer.pubkey


async def test_a_relay_that_is_too_busy_to_serve_us_at_once(
    machine: Machine, odd: HostileRelay, seed_over_it: Seed, signer: ScriptedSigner
) -> None:
    odd.behave(up=ending_first_subscriptions("rate-limited: slow down", 1))
    await machine.boot(seed_over_it.encode())
    assert await author(machine) == signer.pubkey


async def test_a_relay_that_wants_a_log_in(
    machine: Machine, odd: HostileRelay, seed_over_it: Seed
) -> None:
    odd.behave(up=ending_first_subscriptions("auth-required: members only", 9))
    with pytest.raises(Unreachable, match=r'"auth-required: members only".*log-in \(NIP-42\)'):
        await machine.boot(seed_over_it.encode())


@pytest.mark.parametrize("reason", ["mute: no one was listening", "rate-limited: slow", "error: x"])
async def test_a_refusal_that_passes_is_waited_out(
    reason: str,
    machine: Machine,
    odd: HostileRelay,
    seed_over_it: Seed,
    signer: ScriptedSigner,
) -> None:
    """As while the bunker connects again. A signature is asked for again too: nobody has heard."""
    odd.behave(up=refusing_requests(reason, times=1))
    await machine.boot(seed_over_it.encode())
    odd.behave(up=refusing_requests(reason, times=1))
    assert await author(machine) == signer.pubkey
    assert signer.methods == ["connect", "get_public_key", "sign_event"]


@pytest.mark.parametrize("prefix", ["mute", "auth-required"])
async def test_a_refusal_that_does_not_pass_in_time_is_said(
    prefix: str, home: Path, odd: HostileRelay, seed_over_it: Seed
) -> None:
    odd.behave(up=refusing_requests(f"{prefix}: no one was listening"))
    with pytest.raises(Unreachable, match=f"within 1.5 s.*{prefix}: no one was listening"):
        await Machine(home, timeout=IMPATIENT_S).boot(seed_over_it.encode())
    odd.behave()
    await Machine(home).boot()


@pytest.mark.parametrize("reason", ["blocked: not on the list", "invalid: x", "pow: 28", "?", ""])
async def test_a_refusal_that_will_not_pass_ends_the_request(
    reason: str, machine: Machine, odd: HostileRelay, seed_over_it: Seed, hasty: None
) -> None:
    odd.behave(up=refusing_requests(reason))
    with pytest.raises(Unreachable, match="does not take our requests") as unreachable:
        await machine.boot(seed_over_it.encode())
    assert (reason or "no reason given") in str(unreachable.value)


@pytest.mark.parametrize("reason", ["blocked: spam", "mute: nobody", "duplicate: have it", "?"])
async def test_what_is_refused_and_delivered_all_the_same_is_answered(
    reason: str,
    machine: Machine,
    odd: HostileRelay,
    seed_over_it: Seed,
    signer: ScriptedSigner,
) -> None:
    odd.behave(up=refusing_requests(reason, delivers=True))
    await machine.boot(seed_over_it.encode())
    assert await author(machine) == signer.pubkey
    assert signer.methods == ["connect", "get_public_key", "sign_event"]


@pytest.mark.parametrize(
    "reason",
    [
        "invalid: ephemeral event expired",
        "invalid: created_at too late",
        "invalid: event is too far in the future",
        "too old",
    ],
)
async def test_a_refusal_for_the_time_is_said_to_be_the_clock(
    reason: str, machine: Machine, odd: HostileRelay, seed_over_it: Seed, hasty: None
) -> None:
    odd.behave(up=refusing_requests(reason))
    with pytest.raises(Unreachable, match=r"clock of this machine differs.*set the time"):
        await machine.boot(seed_over_it.encode())


async def test_a_membership_that_has_expired_is_no_matter_of_the_clock(
    machine: Machine, odd: HostileRelay, seed_over_it: Seed, hasty: None
) -> None:
    odd.behave(up=refusing_requests("restricted: your membership has expired"))
    with pytest.raises(Unreachable, match="membership has expired") as unreachable:
        await machine.boot(seed_over_it.encode())
    assert "clock" not in str(unreachable.value)


async def test_what_a_relay_says_is_one_short_line_without_a_secret(
    machine: Machine, odd: HostileRelay, seed_over_it: Seed, hasty: None
) -> None:
    words = f'blocked: \x1b[31m"token"\n{TOKEN} \u202e{"very " * 100}'
    odd.behave(up=refusing_requests(words))
    with pytest.raises(Unreachable, match="blocked: ") as unreachable:
        await machine.boot(seed_over_it.encode())
    said = str(unreachable.value)
    assert said.isprintable()
    assert len(said) < 300
    assert TOKEN not in said


async def test_a_relay_that_only_grumbles_is_quoted(
    home: Path, odd: HostileRelay, seed_over_it: Seed
) -> None:
    odd.behave(up=grumbling)
    with pytest.raises(Unreachable, match='says "rate-limited: slow down"'):
        await Machine(home, timeout=IMPATIENT_S).boot(seed_over_it.encode())
