"""What a machine can say, and what must not be taken for a request or for an amount."""

from guards.edits import Guards, at, drop, instead, never

FIELDS = "spirekeeper.cash.fields"
ENVELOPE = "spirekeeper.cash.envelope"
HOST = "spirekeeper.cash.host_transport"

GUARDS: Guards = {
    "cash wire: neither 1.0 nor true is a whole number": (
        at(FIELDS, "is_whole", instead("type(value) is int", "isinstance(value, int | float)")),
        "test_a_report_of_what_is_no_count",
    ),
    "cash wire: no millisats": (
        at(FIELDS, "an_amount", drop("lower")),
        "test_millisats_are_refused",
    ),
    "cash wire: no name stands twice": (
        at(FIELDS, "_each_once", never("pairs")),
        "test_malformed_is_a_name_that_stands_twice",
    ),
    "cash wire: an id is 128 bits": (
        at(FIELDS, "an_id", drop("_ID")),
        "test_an_id_that_is_none",
    ),
    "cash wire: a description acts on nothing": (
        at(FIELDS, "a_description", never("acts_on_neighbours")),
        "test_a_description_that_is_none",
    ),
    "cash wire: no invoice without an order": (
        at("spirekeeper.cash.clink", "_payer", instead('data.get("order") is None', "False")),
        "test_without_an_order_nothing_is_made",
    ),
    "cash wire: sats and notes go together": (
        at("spirekeeper.cash.rpc21000", "_dispensed", never("report")),
        "test_a_report_that_contradicts_itself",
    ),
    "cash wire: for us, and for us alone": (
        at(ENVELOPE, "to_ignore", never("service_pubkey")),
        "test_somebody_else_or_several",
    ),
    "cash wire: 16 KiB": (
        at(ENVELOPE, "to_ignore", never("LARGEST_CONTENT")),
        "test_over_16_kib",
    ),
    "cash wire: no other version": (
        at(ENVELOPE, "to_ignore", instead("set(versions) == {VERSION}", "True")),
        "test_another_version",
    ),
    "cash wire: nothing old": (
        at(ENVELOPE, "not_fresh", never("OLDEST_MS")),
        "test_the_clock_is_named_with_the_delta",
    ),
    "cash wire: nothing from the future": (
        at(ENVELOPE, "not_fresh", never("EARLIEST_MS")),
        "test_the_clock_is_named_with_the_delta",
    ),
    "host transport: who asks is not what the request says": (
        at(HOST, "_parts", instead("isinstance(argument, BaseModel)", "False")),
        "test_who_asks_is_the_verified_sender_and_nobody_named_in_the_request",
    ),
    "host transport: the wallet is the machine's": (
        at(HOST, "_answered", never("wallet_id")),
        "test_who_may_not_ask_us_may_not_ask_the_host",
    ),
    "host transport: no event twice": (
        at(HOST, "_answered", never("taken")),
        "test_one_event_is_answered_once_whichever_way_it_came",
    ),
}
