"""What keeps a customer of a cash-in from being paid twice, or more than a machine may."""

from guards.edits import Guards, at, instead

_PAYING = "spirekeeper.cash.paying"
_RESERVED = "spirekeeper.store.cash_in"

GUARDS: Guards = {
    "cash-in: no invoice that LNbits knows": (
        at(
            _PAYING,
            "begin",
            instead(
                "await lnbits_payments.may_be_paid(invoice.payment_hash, order.wallet_id)", "True"
            ),
        ),
        "test_an_invoice_that_somebody_used_is_refused",
    ),
    "cash-in: the invoice is over the order's sats": (
        at(_PAYING, "read_invoice", instead("invoice.amount_msat != 1000 * sats", "False")),
        "test_what_is_wrong_with_an_invoice_uses_nothing_up",
    ),
    "cash-in: the caps": (
        at(
            _RESERVED,
            "_no_room",
            instead("order.reserve_sats > sats", "False"),
        ),
        "test_a_cap_is_not_passed",
    ),
    "cash-in: the wallet": (
        at(_RESERVED, "_no_room", instead("order.reserve_sats > in_wallet", "False")),
        "test_a_wallet_promises_no_more_than_it_has",
    ),
    "cash-in: what is stopped takes none": (
        at(_RESERVED, "_no_room", instead("settings is None or not allowed", "False")),
        "test_stopped_it_takes_none_and_pays_none",
    ),
    "cash-in: a link has a word of its own": (
        at(
            "spirekeeper.cash.withdraw",
            "claim",
            instead("hmac.compare_digest(link.k1.encode(), k1.encode())", "True"),
        ),
        "test_what_a_wallet_does_wrong_uses_no_link_up",
    ),
    "cash-in: no link leads into one's own network": (
        at(
            "spirekeeper.cash.public_address",
            "may_have_links",
            instead("as_written(address()) == 'private' and not _private_allowed()", "False"),
        ),
        "test_an_address_of_ones_own_network_is_not_even_asked",
    ),
    "cash-in: at its address this LNbits answers, and nobody else": (
        at(
            "spirekeeper.cash.public_address",
            "_answer",
            instead("said == vouch_for(word).encode()", "True"),
        ),
        "test_whoever_only_says_the_word_again_is_not_believed",
    ),
    "cash-in: what was inserted is fixed": (
        at("spirekeeper.cash.cash_in", "_said", instead("order.sats != sats", "False")),
        "test_what_was_inserted_is_fixed_once_it_is_said",
    ),
    "cash-in: failed is proven by the node": (
        at("spirekeeper.cash.outcome", "_proven_failed", instead("bool(said.failed)", "True")),
        "test_whatever_the_node_does_a_customer_is_paid_once",
    ),
}
