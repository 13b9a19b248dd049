"""Relays that users name, and the machine's own choice between its connections."""

from guard_edits import Guard, answer, drop, instead, never, skip

GUARDS = [
    Guard(
        "relay probe: every address of a name counts",
        "spirekeeper.relays",
        "_all_public",
        instead("all", "any"),
        "test_no_name_leads_into_the_servers_network",
    ),
    Guard(
        "relay probe: no link-local address",
        "spirekeeper.addresses",
        "_SPECIAL_V4",
        drop("169.254.0.0/16"),
        "test_special_addresses_are_refused_however_they_are_carried",
    ),
    Guard(
        "relay probe: resolved once, and only that is connected to",
        "spirekeeper.bunker.wire",
        "dial",
        drop("address"),
        "test_a_name_is_resolved_once_and_nothing_else_is_connected_to",
    ),
    Guard(
        "relay probe: no redirect is followed",
        "spirekeeper.bunker.wire",
        "_Direct.process_redirect",
        answer("super().process_redirect(exc)"),
        "test_redirects_are_not_followed",
    ),
    Guard(
        "relay probe: a name is looked at again when it is dialled",
        "spirekeeper.relays",
        "address_of",
        never("_all_public"),
        "test_a_burn_goes_only_where_the_name_may_lead",
    ),
    Guard(
        "relays of users: what they say is counted as it arrives",
        "spirekeeper.bunker.wire",
        "_Metered.data_received",
        skip("_count"),
        "test_a_relay_that_floods_is_hung_up_on_and_left_alone",
    ),
    Guard(
        "relays of users: a message of empty pieces ends",
        "spirekeeper.bunker.wire",
        "_Metered.process_event",
        never("MOST_PIECES"),
        "test_a_message_in_pieces_ends_after_so_many",
    ),
    Guard(
        "relays of users: nothing is read that is not for us",
        "spirekeeper.bunker.link",
        "RelayLink._hear",
        drop("_is_for_us"),
        "test_a_relay_that_floods_is_hung_up_on_and_left_alone",
    ),
    Guard(
        "relays of users: each operator has a turn first",
        "spirekeeper.listening",
        "share_out",
        instead("turns.append", "turns.appendleft"),
        "test_nobodys_relays_push_anothers_out",
    ),
    Guard(
        "names: a thread is kept for each operator",
        "spirekeeper.names",
        "_take",
        instead("MOST if busy < BUSY else 1 if busy < THREADS else 0", "THREADS"),
        "test_slow_names_of_one_operator_leave_the_others_theirs",
    ),
    Guard(
        "second client: more strangers than are kept are not forgotten",
        "spirekeeper.sightings",
        "Sightings._hear_stranger",
        skip("suspect_anybody"),
        "test_it_cannot_hide_among_strangers",
    ),
    Guard(
        "spire: a connection that signs is kept beside a newer one",
        "spirekeeper.spire.machine",
        "Machine._joined_by",
        instead(
            "State(connected=(sign or may_sign)[0], waiting=newest)", "State(connected=newest)"
        ),
        "test_after_a_no_it_goes_on_with_the_older_one",
    ),
    Guard(
        "spire: of two connections the one that signs is kept beside a third",
        "spirekeeper.spire.machine",
        "Machine._joined_by",
        instead("(sign or may_sign)[0]", "older[0]"),
        "test_a_third_seed_does_not_cost_the_connection_that_was_confirmed_unnoticed",
    ),
    Guard(
        "spire: a bunker in trouble has refused nobody",
        "spirekeeper.spire.asking",
        "Asking.problem",
        drop("sure"),
        "test_a_bunker_in_trouble_costs_no_connection",
    ),
    Guard(
        "spire: a kind that no rule allows is no cut",
        "spirekeeper.spire.asking",
        "Asking.ask",
        instead("(CutOff, Failing, Unreachable)", "(Refused, Unreachable)"),
        "test_a_kind_that_no_rule_allows_is_no_cut",
    ),
]
