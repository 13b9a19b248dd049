"""docs/webhook.md names every notice that there is, and every field of one."""

import json
import re

import pytest
from spirekeeper.schemas.webhook import TEST, WebhookNotice
from spirekeeper.upkeep import notices
from support.webhook_docs import PAGE, verifier


def test_every_kind_of_notice_stands_in_its_table() -> None:
    kinds = {kind for name, kind in vars(notices).items() if name.isupper() and type(kind) is str}
    assert len(kinds) > 10
    table = re.search(r"^\| `code` \| when.*?\n\n", PAGE, re.S | re.M)
    assert table
    assert set(re.findall(r"^\| `(\w+)` \|", table[0], re.M)) - {"code"} == kinds | {TEST}


def test_what_it_shows_is_what_is_sent() -> None:
    [body] = re.findall(r"^\{.*?\}$", PAGE, re.S | re.M)
    example = json.loads(body)
    assert set(example) == set(WebhookNotice.__fields__)
    assert f"Spirekeeper-Event: {example['id']}" in PAGE
    table = re.search(r"^\| field \|.*?\n\n", PAGE, re.S | re.M)
    assert table
    assert set(re.findall(r"`(\w+)`", table[0])) >= set(WebhookNotice.__fields__)


@pytest.mark.usefixtures("host")
def test_its_check_refuses_what_is_old_or_changed() -> None:
    from spirekeeper.upkeep.webhook import signature

    check = verifier()
    body, at = b'{"code": "test"}', 1_796_040_000
    header = signature("secret", body, at)
    assert check("secret", header, body, at + 200)
    assert not check("secret", header, body, at + 400)
    assert not check("another", header, body, at)
    assert not check("secret", header, body + b" ", at)
    assert not check("secret", header.replace(f"t={at}", f"t={at + 1}"), body, at)
