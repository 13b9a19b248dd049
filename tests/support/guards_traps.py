"""The traps of nsecbunkerd: requests that look harmless and cost a key, a machine or the bunker."""

from guard_edits import Guard, always, drop, instead, never, skip

GUARDS = [
    Guard(
        "trap: create_new_key overwrites: keys are read anew once somebody else has asked",
        "spirekeeper.bunker.others",
        "Others.heard",
        skip("_count"),
        "test_a_new_key_takes_no_name_taken_since_we_connected[NEWER_NDK-rotate]",
    ),
    Guard(
        "trap: create_new_key overwrites the key of a name that exists: it is adopted",
        "spirekeeper.mint",
        "mint",
        never("key", "existing"),
        "test_an_existing_key_is_adopted_never_overwritten",
    ),
    Guard(
        "trap: one wrong passphrase in 256 breaks it: a refused one is not tried again",
        "spirekeeper.passphrases",
        "unlock",
        skip("create_refusal"),
        "test_a_refused_passphrase_is_tried_once_until_it_is_changed",
    ),
    Guard(
        "trap: a key unlocked twice answers everything twice: it is unlocked once",
        "spirekeeper.unlocking",
        "_unlock",
        always("wrong_with"),
        "test_who_gets_the_lease_looks_again",
    ),
    Guard(
        "trap: a token is never deleted: one that could be redeemed is burned",
        "spirekeeper.owed",
        "_Cleaning.run",
        never("_is_usable"),
        "test_an_unredeemed_token_is_not_forgotten[NEWER_NDK]",
    ),
    Guard(
        "trap: a revoke is for ever: the redeemer is not revoked by the re-pair that it serves",
        "spirekeeper.owed",
        "_Cleaning._learn_whom_to_keep",
        never("client_pubkey"),
        "test_the_redeemer_is_not_revoked_by_the_re_pair_that_it_serves[NEWER_NDK]",
    ),
    Guard(
        "trap: the old NDK ends on NIP-44: it is minded before the mint",
        "spirekeeper.pairing",
        "_guard_encryption",
        never("hazards"),
        "test_it_is_named_and_its_hazards_are_said",
    ),
    Guard(
        "trap: its error texts quote tokens: they are shown by nothing that holds them",
        "spirekeeper.bunker.envelope",
        "Reply.result",
        drop("repr"),
        "test_an_answer_is_never_quoted",
    ),
    Guard(
        "trap: two clients redeem one token at once: neither is the machine",
        "spirekeeper.redemption",
        "_judge",
        never("len"),
        "test_both_before_the_look",
    ),
    Guard(
        "trap: a rule without a kind leaves a broken policy: none is sent",
        "spirekeeper.bunker.client",
        "_new_rule",
        instead("'' if rule.kind is None else rule.kind", "rule.kind"),
        "test_the_policy_allows_exactly_what_a_spire_does",
    ),
    Guard(
        "trap: a restart locks every key: each is unlocked",
        "spirekeeper.unlocking",
        "wrong_with",
        never("locked"),
        "test_machines_go_on_signing_without_reconnecting",
    ),
]
