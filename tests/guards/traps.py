"""The traps of nsecbunkerd: requests that look harmless and cost a key, a machine or the bunker."""

from guards.edits import Guards, always, at, drop, instead, never, skip

GUARDS: Guards = {
    "trap: create_new_key overwrites: keys are read anew once somebody else has asked": (
        at("spirekeeper.bunker.other_admins", "OtherAdmins.heard", skip("_count")),
        "test_a_new_key_takes_no_name_taken_since_we_connected[NEWER_NDK-rotate]",
    ),
    "trap: create_new_key overwrites the key of a name that exists: it is adopted": (
        at("spirekeeper.steps.mint", "mint", never("key", "existing")),
        "test_an_existing_key_is_adopted_never_overwritten",
    ),
    "trap: one wrong passphrase in 256 breaks it: a refused one is not tried again": (
        at("spirekeeper.connection.passphrases", "unlock", skip("create_refusal")),
        "test_a_refused_passphrase_is_tried_once_until_it_is_changed",
    ),
    "trap: a key unlocked twice answers everything twice: it is unlocked once": (
        at("spirekeeper.upkeep.unlocking", "_unlock_all", always("lock_reason_of")),
        "test_who_gets_the_lease_looks_again",
    ),
    "trap: a token is never deleted: one that could be redeemed is burned": (
        at("spirekeeper.steps.owed_revocations", "_Cleaning.run", never("_is_usable")),
        "test_an_unredeemed_token_is_not_forgotten[NEWER_NDK]",
    ),
    "trap: a revoke is for ever: the redeemer is not revoked by the re-pair that it serves": (
        at(
            "spirekeeper.steps.owed_revocations",
            "_Cleaning._learn_whom_to_keep",
            never("client_pubkey"),
        ),
        "test_the_redeemer_is_not_revoked_by_the_re_pair_that_it_serves[NEWER_NDK]",
    ),
    "trap: the old NDK ends on NIP-44: it is minded before the mint": (
        at("spirekeeper.steps.pair_guards", "guard_encryption", never("hazards")),
        "test_it_is_named_and_its_hazards_are_said",
    ),
    "trap: its error texts quote tokens: they are shown by nothing that holds them": (
        at("spirekeeper.bunker.nip46", "Reply.result", drop("repr")),
        "test_an_answer_is_never_quoted",
    ),
    "trap: two clients redeem one token at once: neither is the machine": (
        at("spirekeeper.steps.redemption", "_judge", never("len")),
        "test_both_before_the_look",
    ),
    "trap: a rule without a kind leaves a broken policy: none is sent": (
        at(
            "spirekeeper.bunker.client",
            "_new_rule",
            instead("'' if rule.kind is None else rule.kind", "rule.kind"),
        ),
        "test_the_policy_allows_exactly_what_a_spire_does",
    ),
    "trap: it answers before it has started its keys: none is made until it has": (
        at("spirekeeper.steps.mint", "_make_ready", skip("settle")),
        "test_a_pair_just_after_the_start_of_both_waits_and_works",
    ),
    "trap: it answers before it has started its keys: a restart unnoticed is looked for": (
        at("spirekeeper.bunker.client", "NsecBunkerAdminClient.settle", skip("_notice_restart")),
        "test_a_restart_between_two_pairs_is_noticed_by_the_second",
    ),
    "trap: a restart locks every key: each is unlocked": (
        at("spirekeeper.upkeep.unlocking", "lock_reason_of", never("locked")),
        "test_machines_go_on_signing_without_reconnecting",
    ),
}
