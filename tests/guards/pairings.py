"""One pairing at a time, one client a seed, and keys that nobody unconfirmed has used."""

from guards.edits import Guards, always, answer, at, drop, instead, never, skip, sql

GUARDS: Guards = {
    "lease: one pairs a machine at a time": (
        at("spirekeeper.store.leases", "take_lease", sql("busy_by IS NULL", "1 = 1")),
        "test_somebody_else_is_pairing_it",
    ),
    "lease: who has lost it to a cut has lost the pairing": (
        at(
            "spirekeeper.crud",
            "set_machine_pairing",
            sql("busy_by = :holder AND busy_until", ":holder <> '' AND COALESCE(busy_until, 9e9)"),
        ),
        "test_a_cut_right_before_a_pairs_last_step_is_not_undone",
    ),
    "lease: a cut right before it is not undone": (
        at("spirekeeper.steps.pair_guards", "nobody_else_pairs", drop("cut_at")),
        "test_a_cut_right_before_a_pair_begins_is_not_undone",
    ),
    "lease: a machine is read again once it is held": (
        at(
            "spirekeeper.steps.pair_guards",
            "nobody_else_pairs",
            instead("(lease, now)", "(lease, machine)"),
        ),
        "test_a_pair_right_before_the_lease_is_taken_for_an_older_one",
    ),
    "one move of a pairing wins": (
        at("spirekeeper.store.pairing_rows", "move_pairing", sql("state = :was", ":was = :was")),
        "test_each_moment[NEWER_NDK-confirm, and a reject]",
    ),
    "a pair that failed owes its token's burn": (
        at("spirekeeper.steps.intent", "_give_up", skip("owe_token")),
        "test_a_failing_bunker_changes_nothing_here_and_its_token_is_burned",
    ),
    "a rotation does not burn a seed that was just scanned": (
        at("spirekeeper.steps.older_seeds", "replace_older", drop("redeemed_at")),
        "test_a_rotation_does_not_burn_a_seed_that_was_just_scanned",
    ),
    "a cut that broke off is finished before a new seed": (
        at("spirekeeper.steps.recovery", "finish_past", always("unfinished")),
        "test_a_pair_after_a_cut_that_broke_off_lets_nobody_in_again",
    ),
    "a scan after the window does not count": (
        at("spirekeeper.steps.redemption", "_judge", never("scan_before")),
        "test_a_redemption_after_the_window_does_not_count",
    ),
    "the window is told by the bunker's own clock": (
        at("spirekeeper.steps.redemption", "_by_our_clock", answer("redeemed_at")),
        "test_a_scan_after_the_window_is_too_late_by_whatever_clock",
    ),
    "nobody is confirmed while others can use the key": (
        at("spirekeeper.steps.verdict", "_guard_expected", never("strangers")),
        "test_a_revoked_user_blocks_the_yes_as_one_who_is_not",
    ),
    "nobody is confirmed while another seed of the key lives": (
        at("spirekeeper.steps.verdict", "_guard_no_other_token", never("usable")),
        "test_no_yes_while_an_older_seed_of_the_key_lives",
    ),
    "a seed that asks for confirmation shares no key with a connection": (
        at("spirekeeper.steps.key_choice", "_must_leave", never("connected")),
        "test_the_photo_of_a_pair_again_is_worth_no_wallet",
    ),
    "a key that somebody unconfirmed used is not used again": (
        at("spirekeeper.steps.key_choice", "history_forbids", never("ended_badly")),
        "test_after_somebody_unconfirmed_the_next_seed_is_for_a_new_key[NEWER_NDK-unasked-rejected]",
    ),
    "who redeemed a seed that was then cancelled is found when it is burned": (
        at(
            "spirekeeper.steps.owed_revocations",
            "_Cleaning._note_who_came",
            instead("not came", "True"),
        ),
        "test_after_somebody_unconfirmed_the_next_seed_is_for_a_new_key[NEWER_NDK-unasked-cancelled]",
    ),
    "who is confirmed is named by the whole key": (
        at(
            "spirekeeper.steps.verdict",
            "_whom_it_is_about",
            instead(
                "waiting.client_pubkey != client_pubkey",
                "waiting.client_pubkey[:10] != client_pubkey[:10]",
            ),
        ),
        "test_a_thief_who_ground_a_key_that_looks_like_the_machines_is_told_apart",
    ),
    "fingerprint: all 80 bits": (
        at("spirekeeper.seed", "fingerprint", instead("range(0, 16, 4)", "range(0, 8, 4)")),
        "test_the_last_groups_tell_apart_what_the_first_do_not",
    ),
    "a key that is an account's is not used": (
        at(
            "spirekeeper.store.lnbits_tables",
            "has_pubkey",
            sql("WHERE LOWER", "WHERE activated = true AND LOWER"),
        ),
        "test_a_key_that_is_somebodys_already_is_not_used",
    ),
    "a key told twice is not taken for missing": (
        at("spirekeeper.bunker.answers", "BunkerKeys._guard_clear", never("_unclear")),
        "test_of_a_name_told_twice_or_badly_nothing_is_known",
    ),
    "ages: what the bunker owes something about stays": (
        at(
            "spirekeeper.store.old_rows",
            "delete_pairings",
            sql("AND w.key_name = p.key_name", "AND w.key_name = p.key_name AND 1 = 0"),
        ),
        "test_what_the_bunker_owes_keeps_the_pairings_of_its_key",
    ),
    "ages: who redeemed a key that may be used stays known": (
        at("spirekeeper.store.old_rows", "delete_pairings", instead("redeemed('p')", "'(1 = 0)'")),
        "test_a_pairing_goes_only_when_nothing_depends_on_it",
    ),
    "a key that shows no token may be locked": (
        at("spirekeeper.steps.owed_revocations", "_Cleaning.run", always("_is_locked")),
        "test_a_key_that_shows_no_token_is_looked_up_before_it_is_taken_for_clean",
    ),
}
