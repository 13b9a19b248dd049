"""Requests to a key in the bunker (NIP-46), made by hand, with whatever around them."""

import json
import time
from secrets import token_hex
from typing import Any

from nostr_sdk import (
    EventBuilder,
    Keys,
    Kind,
    Nip44Version,
    PublicKey,
    Tag,
    Timestamp,
    nip44_encrypt,
)


def request_to(
    spire_pubkey: str, by: Keys, *params: Any, decoys: int = 0, after: int = 0, ago: int = 0
) -> str:
    """get_public_key, which the bunker answers anybody. `decoys` and `after`: to how many others it
    says that it goes, before and after the key; `ago`: how long ago it says that it was made."""
    to = PublicKey.parse(spire_pubkey)
    body = {"id": token_hex(8), "method": "get_public_key", "params": params}
    sealed = nip44_encrypt(by.secret_key(), to, json.dumps(body), Nip44Version.V2)
    around = [Keys.generate().public_key() for _ in range(decoys + after)]
    tags = [Tag.public_key(each) for each in (*around[:decoys], to, *around[decoys:])]
    at = Timestamp.from_secs(int(time.time()) - ago)
    draft = EventBuilder(Kind(24133), sealed).tags(tags).custom_created_at(at)
    return str(draft.sign_with_keys(by).as_json())
