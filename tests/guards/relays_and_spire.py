"""Relays that users name, and the machine's own choice between its connections."""

from guards.edits import Guards, always, answer, at, drop, instead, never, skip

GUARDS: Guards = {
    "relay probe: every address of a name counts": (
        at("spirekeeper.connection.relay_probe", "_all_public", instead("all", "any")),
        "test_no_name_leads_into_the_servers_network",
    ),
    "relay probe: no link-local address": (
        at("spirekeeper.nostr.ip_addresses", "_SPECIAL_V4", drop("169.254.0.0/16")),
        "test_special_addresses_are_refused_however_they_are_carried",
    ),
    "relay probe: resolved once, and only that is connected to": (
        at("spirekeeper.nostr.relay_socket", "open_socket", always("way")),
        "test_a_name_is_resolved_once_and_nothing_else_is_connected_to",
    ),
    "relay probe: no redirect is followed": (
        at(
            "spirekeeper.nostr.relay_socket",
            "_Direct.process_redirect",
            answer("super().process_redirect(exc)"),
        ),
        "test_redirects_are_not_followed",
    ),
    "relay probe: a name is looked at again when it is dialled": (
        at("spirekeeper.connection.relay_probe", "addresses_of", never("_all_public")),
        "test_a_burn_goes_only_where_the_name_may_lead",
    ),
    "relay choice: no seed names a relay that demands a log-in": (
        at("spirekeeper.connection.relay_choice", "_is_usable", drop("_demands_login")),
        "test_no_seed_names_a_relay_that_demands_a_log_in",
    ),
    "relay choice: no seed that no QR code holds": (
        at("spirekeeper.connection.relay_choice", "choose_relays", skip("guard_length")),
        "test_a_seed_that_no_qr_code_holds_is_refused_before_the_mint",
    ),
    "relays of users: what one says of itself is counted too": (
        at(
            "spirekeeper.nostr.relay_limits",
            "_answer",
            instead("way.meter.count(len(piece), 0)", "True"),
        ),
        "test_it_stops_when_its_meter_says_so",
    ),
    "relays of users: what they say is counted as it arrives": (
        at("spirekeeper.nostr.relay_socket", "_Metered.data_received", skip("_count")),
        "test_a_relay_that_floods_is_hung_up_on_and_left_alone",
    ),
    "relays of users: a message of empty pieces ends": (
        at("spirekeeper.nostr.relay_socket", "_Metered.process_event", never("MOST_PIECES")),
        "test_a_message_in_pieces_ends_after_so_many",
    ),
    "relays of users: nothing is read that is not for us": (
        at("spirekeeper.nostr.relay_link", "RelayLink._hear", drop("_is_for_us")),
        "test_a_relay_that_floods_is_hung_up_on_and_left_alone",
    ),
    "relays of users: each operator has a turn first": (
        at(
            "spirekeeper.upkeep.relay_plan",
            "share_out",
            instead("turns.append", "turns.appendleft"),
        ),
        "test_nobodys_relays_push_anothers_out",
    ),
    "names: a thread is kept for each operator": (
        at(
            "spirekeeper.nostr.name_lookup",
            "_take",
            instead("MOST if busy < BUSY else 1 if busy < THREADS else 0", "THREADS"),
        ),
        "test_slow_names_of_one_operator_leave_the_others_theirs",
    ),
    "second client: more strangers than are kept are not forgotten": (
        at("spirekeeper.upkeep.sightings", "Sightings._hear_stranger", skip("suspect_anybody")),
        "test_it_cannot_hide_among_strangers",
    ),
    "spire: a connection that signs is kept beside a newer one": (
        at(
            "spirekeeper.spire.machine",
            "Machine._joined_by",
            instead(
                "State(connected=(sign or may_sign)[0], waiting=newest)", "State(connected=newest)"
            ),
        ),
        "test_after_a_no_it_goes_on_with_the_older_one",
    ),
    "spire: of two connections the one that signs is kept beside a third": (
        at(
            "spirekeeper.spire.machine",
            "Machine._joined_by",
            instead("(sign or may_sign)[0]", "older[0]"),
        ),
        "test_a_third_seed_does_not_cost_the_connection_that_was_confirmed_unnoticed",
    ),
    "spire: a bunker in trouble has refused nobody": (
        at("spirekeeper.spire.asking", "Asking.problem", drop("sure")),
        "test_a_bunker_in_trouble_costs_no_connection",
    ),
    "spire: a kind that no rule allows is no cut": (
        at(
            "spirekeeper.spire.asking",
            "Asking.ask",
            instead("(CutOff, Failing, Unreachable)", "(Refused, Unreachable)"),
        ),
        "test_a_kind_that_no_rule_allows_is_no_cut",
    ),
    "spire: a client key that the bunker may have accepted is kept": (
        at(
            "spirekeeper.spire.machine",
            "Machine._connect",
            instead("(NotAcknowledged, OtherKey)", "SpireError"),
        ),
        "test_a_client_key_is_kept_while_nobody_says_whether_it_is_known",
    ),
    "spire: who is not known to the bunker either has no use for a spent seed": (
        at("spirekeeper.spire.signer", "RemoteSigner.connect", never("_is_known")),
        "test_who_is_not_known_has_no_use_for_the_seed",
    ),
    "spire: what may have arrived is not said to be lost": (
        at("spirekeeper.spire.publishing", "check_taken", never("UNCONFIRMED")),
        "test_refused_here_and_not_confirmed_there_may_have_arrived",
    ),
    "spire: a state that may have arrived is not published anew": (
        at("spirekeeper.spire.state", "Connection.sent_to", always("bootstrap_event")),
        "test_a_state_that_was_not_confirmed_is_not_published_twice",
    ),
}
