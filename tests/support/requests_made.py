"""Requests to a key in the bunker (NIP-46), made by hand, with whatever around them."""

import json
from secrets import token_hex
from typing import Any

from nostr_sdk import Keys

from support.raw_wire import RawKey


def request_to(
    spire_pubkey: str, by: Keys, *params: Any, decoys: int = 0, after: int = 0, ago: int = 0
) -> str:
    """get_public_key, which the bunker answers anybody. `decoys` and `after`: to how many others it
    says that it goes, before and after the key; `ago`: how long ago it says that it was made."""
    body = {"id": token_hex(8), "method": "get_public_key", "params": params}
    around = [RawKey().pubkey for _ in range(decoys + after)]
    to = [*around[:decoys], spire_pubkey, *around[decoys:]]
    return RawKey(by).event(spire_pubkey, json.dumps(body), kind=24133, to=to, ago=ago)
