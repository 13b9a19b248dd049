"""LNbits is killed in the middle of everything, and started again: nothing is lost or left over."""

import pytest
from support.figures import Figures
from system.kills.aftermath import (
    Aftermath,
    misrouted,
    overwritten,
    secrets_kept,
    untold,
    wrongly_connected,
)

pytestmark = pytest.mark.long


def test_what_is_stored_is_true_and_nothing_is_left_behind(
    after: Aftermath, figures: Figures
) -> None:
    """No token that can be redeemed, no client and no state that is not accounted for."""
    assert after.amiss == []
    figures.add("kills", after.world.kills)
    figures.add("interrupted operations", sum(strike.interrupted for strike in after.strikes))


def test_the_roster_answers_for_connected_machines_and_no_others(after: Aftermath) -> None:
    assert misrouted(after) == []


def test_nobody_was_cut_off_by_accident_and_no_cut_was_lost(after: Aftermath) -> None:
    assert wrongly_connected(after) == []


def test_the_journal_tells_what_became_of_it(after: Aftermath) -> None:
    assert untold(after) == []


def test_no_key_was_overwritten(after: Aftermath) -> None:
    assert overwritten(after) == []


def test_no_secret_was_kept(after: Aftermath) -> None:
    assert secrets_kept(after) == []


def test_operations_really_were_interrupted(aftermaths: dict[str, Aftermath]) -> None:
    """A machine that is slow enough answers a held call's timeout before the kill, so not all."""
    held = aftermaths["at_every_call"].strikes
    assert sum(strike.interrupted for strike in held) >= len(held) / 3
