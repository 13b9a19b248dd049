"""Who may ask for what, what is sealed, and what the bunker and our own process may do to us."""

from guards.edits import Guards, always, answer, at, drop, instead, never, skip, sql

GUARDS: Guards = {
    "ownership: another's machine is not there": (
        at("spirekeeper.fleet.machines", "get_own", drop("operator_user_id")),
        "test_another_s_machine_is_as_one_that_is_not_there",
    ),
    "ownership: another's key is not there": (
        at("spirekeeper.roster", "resolve.entry_of_theirs", drop("operator_user_id")),
        "test_another_s_key_is_as_one_that_is_not_there",
    ),
    "ownership: who is deactivated is out at once": (
        at(
            "spirekeeper.routing",
            "Operator",
            instead("check_account_exists", "check_account_id_exists"),
        ),
        "test_each_caller_is_answered_as_the_table_says",
    ),
    "ownership: no wallet of somebody else is taken": (
        at("spirekeeper.fleet.machines", "add", skip("guard_wallet")),
        "test_no_other_wallet_is_taken",
    ),
    "seal: vouches for the bunker beside it": (
        at("spirekeeper.connection.sealing", "_around", answer("b''")),
        "test_a_row_that_was_changed_is_not_used",
    ),
    "cookie: another page's request is refused": (
        at("spirekeeper.csrf", "refuse_other_sites", never("_is_our_page")),
        "test_another_port_cuts_nothing_and_our_page_does[127.0.0.1]",
    ),
    "cookie: where the browser does not say it, the origin is compared": (
        at(
            "spirekeeper.csrf",
            "_is_our_page",
            instead("_is_own(request.headers.get('origin', ''), request)", "True"),
        ),
        "test_no_route_changes_anything_for_another_page",
    ),
    "one judge of a relay's URL": (
        at(
            "spirekeeper.bunker.address",
            "BunkerAddress.__post_init__",
            instead("is_relay_url(relay)", "relay.startswith('ws')"),
        ),
        "test_what_is_stored_is_shown_again",
    ),
    "metrics: for who shows their token": (
        at("spirekeeper.views_health", "scraper", never("compare_digest")),
        "test_numbers_are_for_who_shows_their_token",
    ),
    "our files: no ranges": (
        at("spirekeeper.views", "WholeFile.__call__", always("_OF_RANGES")),
        "test_thousands_of_ranges_are_passed_over",
    ),
    "seal: an older one is not opened again": (
        at("spirekeeper.connection.settings", "_opened", never("is_older")),
        "test_an_older_row_is_not_opened_again",
    ),
    "seal: nor after a restart": (
        at("spirekeeper.connection.newest_seal", "_highest", answer("_seen")),
        "test_nor_after_a_restart",
    ),
    "environment: a blank variable is not set": (
        at("spirekeeper.connection.environment", "_read", always("value")),
        "test_a_blank_variable_leaves_a_cut_what_it_is",
    ),
    "environment: a wrong variable is named, its value is not": (
        at(
            "spirekeeper.connection.environment",
            "_told",
            instead("error['msg']", "f'{said} is wrong'"),
        ),
        "test_a_wrong_one_is_told_the_superuser_and_nobody_else",
    ),
    "a cell of the journal's file runs nothing": (
        at("spirekeeper.schemas.spreadsheet", "harmless", never("_FORMULA")),
        "test_a_cell_of_the_journal_is_one_cell_and_runs_nothing",
    ),
    "wire: an answer is signed": (
        at("spirekeeper.nostr.events", "genuine", drop("verify")),
        "test_what_is_no_valid_answer_is_dropped",
    ),
    "wire: an answer is the bunker's": (
        at("spirekeeper.bunker.rpc", "RelayRpc._open", drop("_peer_hex")),
        "test_what_is_no_valid_answer_is_dropped",
    ),
    "wire: a change that relays refuse is never sent again": (
        at(
            "spirekeeper.bunker.waiting_call",
            "WaitingCall._wait_for_better",
            always("repeatable", "may_pass"),
        ),
        "test_a_change_is_not_sent_again_though_the_refusal_may_pass",
    ),
    "wire: a change that relays refuse may have happened": (
        at("spirekeeper.bunker.rpc", "RelayRpc.call", always("refused", "changes")),
        "test_a_change_that_every_relay_refuses_may_have_happened",
    ),
    "relay probe: so many a minute": (
        at("spirekeeper.steps.relay_checks", "check_relays", skip("count_relay_checks")),
        "test_relay_checks_are_limited",
    ),
    "quotas: machines are counted by one at a time": (
        at("spirekeeper.crud", "create_together", never("count_machines")),
        "test_many_at_once_are_no_more_machines_than_allowed",
    ),
    "quotas: keys are counted by one at a time": (
        at("spirekeeper.steps.quotas", "write_intent", skip("hold")),
        "test_two_processes_share_their_counts",
    ),
    "quotas: no more keys for one operator than allowed": (
        at("spirekeeper.steps.quotas", "_Counted.guard", never("keys_an_operator")),
        "test_a_loop_of_machines_ends_with_the_operators_keys",
    ),
    "quotas: no more keys in one bunker than allowed": (
        at("spirekeeper.steps.quotas", "_Counted.guard", never("max_keys")),
        "test_the_superuser_allows_the_bunker_more_keys",
    ),
    "a connection that is closed ends, whatever hurries it": (
        at(
            "spirekeeper.nostr.relay_link",
            "RelayLink._rest",
            instead(
                "within(seconds, self._hurry.wait())",
                "asyncio.wait_for(self._hurry.wait(), seconds)",
            ),
        ),
        "test_it_ends_though_somebody_has_just_hurried_it",
    ),
    "a read takes one lock of SQLite's": (
        at(
            "spirekeeper.store.database",
            "each_of",
            sql(
                "SELECT one FROM listed WHERE one",
                "SELECT one FROM listed, json_each('[1]') WHERE one",
            ),
        ),
        "test_no_statement_holds_one_lock_and_waits_for_another",
    ),
    "leases are given back as LNbits ends": (
        at("spirekeeper.store.database", "_in_daemon_thread", skip("daemon")),
        "test_a_process_ends_though_its_connection_is_open",
    ),
}
