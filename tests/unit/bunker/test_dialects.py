from itertools import product

import pytest
from spirekeeper.bunker import dialects
from spirekeeper.bunker.dialects import WORDS, Dialect, Hazard, Observed, decide
from spirekeeper.bunker.nip46 import ADMIN_KIND, NIP46_KIND, Encryption


def observed(
    encryption: Encryption = Encryption.NIP44,
    reply_kind: int = ADMIN_KIND,
    word: str | None = "ok",
    rule_ids: bool = False,
) -> Observed:
    return Observed(encryption, ADMIN_KIND, reply_kind, word, rule_ids)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (observed(), dialects.NEWER_NDK),
        (observed(Encryption.NIP04), dialects.OLD_NDK),
        (observed(reply_kind=NIP46_KIND), dialects.FORK_398JA),
        (observed(word="pong"), dialects.FORK_398JA),
        (observed(rule_ids=True), dialects.LIVE_POLICY),
        (observed(word="alive"), dialects.UNKNOWN),
        (observed(word=None), dialects.UNKNOWN),
    ],
)
def test_the_lineage_is_told_from_the_answers(shown: Observed, expected: Dialect) -> None:
    decided = decide(shown)
    assert decided.name == expected.name
    assert decided.token_hours_bound == expected.token_hours_bound


@pytest.mark.parametrize(
    ("word", "rule_ids", "kind"),
    product(["ok", "pong", "x", None], [False, True], [ADMIN_KIND, NIP46_KIND]),
)
def test_whatever_speaks_only_nip04_ends_on_nip44(
    word: str | None, rule_ids: bool, kind: int
) -> None:
    for encryption in Encryption:
        dialect = decide(observed(encryption, kind, word, rule_ids))
        assert dialect.encryption is encryption
        ends = Hazard.ENDS_ON_NIP44 in dialect.hazards
        assert ends == (encryption is Encryption.NIP04)


def test_what_only_the_live_policy_lineage_can_do() -> None:
    live = decide(observed(rule_ids=True))
    assert live.corrects_policies
    assert live.token_hours_bound == "session"
    assert Hazard.OVERWRITES_KEYS not in live.hazards


def test_every_hazard_has_words() -> None:
    assert set(WORDS) == set(Hazard)
