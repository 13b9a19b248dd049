"""The traps of nsecbunkerd, and for each the tests that catch whoever steps into it.

The names are looked up in the files, so that this table cannot fall behind them.
"""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2]

TRAPS: dict[str, list[str]] = {
    "create_new_key overwrites the key of a name that exists": [
        "traps/test_keys.py::test_a_name_taken_since_we_connected_is_not_made_again",
        "traps/test_keys.py::test_a_new_key_takes_no_name_taken_since_we_connected",
        "api/test_pairing_fails.py::test_an_existing_key_is_adopted_never_overwritten",
    ],
    "one wrong passphrase in 256 breaks it, so none is guessed": [
        "traps/test_keys.py::test_a_key_is_unlocked_once_and_with_its_own_passphrase",
        "api/test_pairing_fails.py::test_a_refused_passphrase_is_not_tried_again",
        "api/test_unlocking.py::test_a_refused_passphrase_is_tried_once_until_it_is_changed",
    ],
    "a key unlocked twice answers everything twice": [
        "traps/test_keys.py::test_a_key_is_unlocked_once_and_with_its_own_passphrase",
        "api/test_unlocking.py::test_a_key_is_unlocked_once",
        "api/test_unlocking.py::test_two_processes_unlock_a_key_once",
        "api/test_pairing_fails.py::test_a_locked_key_is_unlocked_once",
    ],
    "a token is never deleted, so one not redeemed works until it is burned": [
        "traps/test_keys.py::test_an_unredeemed_token_is_not_forgotten",
        "api/test_revoke.py::test_revoke_burns_a_seed_that_nobody_has_scanned",
        "api/test_revoke.py::test_a_pair_that_a_crash_left_half_done_is_burned",
    ],
    "a revoke is for ever, so the redeemer of a re-pair is never revoked by it": [
        "traps/test_keys.py::test_the_redeemer_is_not_revoked_by_the_re_pair_that_it_serves",
        "api/test_life.py::test_a_machine_that_kept_its_client_key_is_never_revoked",
        "api/test_reconcile.py::test_a_machine_that_kept_its_client_key_is_left_alone",
    ],
    "with the old NDK a NIP-44 event to one of its keys ends it": [
        "traps/test_nip44.py::test_it_survives_all_that_is_done",
        "api/test_lineages.py::test_it_is_named_and_its_hazards_are_said",
    ],
    "its error texts quote tokens": [
        "traps/test_daemons_words.py::test_they_are_kept_nowhere",
        "secrets/test_whole_run.py::test_no_secret_is_left_lying_about",
        "bunker/test_secrets.py::test_an_answer_is_never_quoted",
    ],
    "two clients at once redeem one token": [
        "devkit/test_tokens.py::test_two_redemptions_at_once_both_win",
        "browser/test_pair.py::test_two_machines_scan_one_seed",
    ],
    "a rule without a kind leaves a broken policy": [
        "devkit/test_tokens.py::test_a_rule_without_a_kind_fails_and_leaves_a_broken_policy",
        "api/test_pairing.py::test_the_policy_allows_exactly_what_a_spire_does",
    ],
    "a restart locks every key": [
        "api/test_unlocking.py::test_machines_go_on_signing_without_reconnecting",
        "api/test_spire.py::test_a_bunker_restart_costs_it_nothing_but_the_time",
    ],
}


@pytest.mark.parametrize("trap", TRAPS)
def test_each_trap_has_its_tests(trap: str) -> None:
    assert TRAPS[trap]
    for name in TRAPS[trap]:
        file, _, test = name.partition("::")
        text = (TESTS / file).read_text()
        assert re.search(rf"^(async )?def {test}\(", text, re.MULTILINE), name
