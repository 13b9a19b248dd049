"""Whom the roster names, and what a cut leaves for nobody to undo."""

from guards.edits import Guards, always, answer, at, drop, instead, never, skip, sql

GUARDS: Guards = {
    "a take-over cuts the older client at once": (
        at("spirekeeper.steps.redemption", "look", skip("settle_soon")),
        "test_the_older_connection_when_the_newer_one_is_noticed[NEWER_NDK-new key]",
    ),
    "a cut does not wait for the bunker to settle": (
        at("spirekeeper.steps.owed_revocations", "_Cleaning._unlock", drop("settled")),
        "test_a_cut_whose_key_is_locked_waits_for_nothing",
    ),
    "roster: no machine that is cut": (
        at("spirekeeper.store.pairing_rows", "get_roster_entry", sql("AND m.cut_at IS NULL ")),
        "test_a_cut_is_silent_from_its_first_statement_on",
    ),
    "roster: no machine that is set inactive": (
        at("spirekeeper.store.pairing_rows", "get_roster_entry", sql("m.is_active = true AND ")),
        "test_an_inactive_machine_is_silent_and_comes_back",
    ),
    "roster: nobody who has not been confirmed": (
        at(
            "spirekeeper.store.pairing_rows",
            "get_roster_entry",
            instead("connected('p')", "\"p.state IN ('confirmed', 'redeemed')\""),
        ),
        "test_a_confirmation_that_is_asked_for_is_waited_for",
    ),
    "roster: no session that is over": (
        at(
            "spirekeeper.store.pairing_rows",
            "get_roster_entry",
            sql("p.session_expires_at IS NULL", "1 = 1"),
        ),
        "test_a_session_that_is_over_is_silent",
    ),
    "roster: no wallet that is gone": (
        at("spirekeeper.roster", "resolve", never("standing_wallets")),
        "test_a_deleted_wallet_is_silent",
    ),
    "roster: no wallet of somebody else": (
        at("spirekeeper.store.lnbits_tables", "_standing", always("owner")),
        "test_a_wallet_that_is_no_longer_the_operators_is_silent",
    ),
    "roster: nobody whose account is not active": (
        at("spirekeeper.store.lnbits_tables", "_standing", sql(" AND a.activated = true")),
        "test_the_registered_resolver_is_silent_for_a_deactivated_operator",
    ),
    "roster: no key that an unconfirmed seed is for": (
        at(
            "spirekeeper.store.pairing_rows",
            "get_roster_entry",
            instead("in_doubt('p')", "'(1 = 0)'"),
        ),
        "test_a_kept_key_is_silent_until_the_yes",
    ),
    "roster: no confirmed key that somebody else was seen to use": (
        at(
            "spirekeeper.store.pairing_rows",
            "get_roster_entry",
            sql("p.confirm_required = false OR p.flagged_at IS NULL", "1 = 1"),
        ),
        "test_a_second_user_of_a_confirmed_key_silences_it_for_good",
    ),
    "cut: what has to follow is noted with it": (
        at("spirekeeper.crud", "_CUT", sql("ELSE :after", "WHEN :after = '' THEN ''")),
        "test_a_cut_with_nothing_open_is_found_again_too",
    ),
    "cut: nothing unforeseen turns its answer into an error": (
        at("spirekeeper.failures", "log_failure", instead("Exception", "ZeroDivisionError")),
        "test_a_revoke_goes_on_whatever_fails[store.journal-about]",
    ),
    "cut: a machine that was paired again is not removed": (
        at("spirekeeper.steps.recovery", "_finish_cut", drop("cut_at")),
        "test_a_machine_that_was_paired_again_is_not_removed_any_more",
    ),
    "owed: what another bunker owes is not counted as tried": (
        at("spirekeeper.steps.owed_revocations", "settle", always("bunker_pubkey")),
        "test_another_bunkers_debt_is_not_counted_as_tried",
    ),
    "abandoned: the superuser cuts nobody's machine who is there": (
        at("spirekeeper.fleet.abandoned", "get", drop("gone")),
        "test_the_superuser_cuts_and_removes_one_at_once",
    ),
    "abandoned: an account has its day": (
        at("spirekeeper.fleet.abandoned", "cut_abandoned", always("_patience")),
        "test_a_machine_without_an_operator_is_cut_after_a_day",
    ),
    "journal: the superuser's account is not named": (
        at("spirekeeper.fleet.journal_export", "shown_actor", answer("actor")),
        "test_the_superusers_account_stands_in_no_operators_journal",
    ),
}
