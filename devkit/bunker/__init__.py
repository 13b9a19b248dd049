"""A development bunker: nsecbunkerd 0.10.5 on loopback, quirks included, and its kin (Lineage).

    relay = DevRelay()
    await relay.start()
    bunker = DevBunker(relays=[relay.url], admins=[admin_pubkey_hex], folder=tmp_path)
    await bunker.start()                      # bunker.url: bunker://<hex>?relay=...
    bunker.calls                              # [("ping", []), ...]: admin requests received
    await bunker.called("ping")               # waits for one
    bunker.levers.drop_answer("create_new_token", times=1)
    bunker.levers.normal()
    await bunker.restart()                    # every key is locked until unlock_key
    await bunker.ended.wait()                 # an event has ended it: bunker.end_reason
    await bunker.stop()

It shares no code with the client in `bunker/`: a mistake in both would cancel out. It dials
loopback only. Unlike the real daemon it publishes nothing for a key that it mints, does not know
create_account, and takes no answer from an admin to an `acl` request.
"""

from .admin import Call
from .bunker import DevBunker
from .levers import Levers
from .lineage import Lineage

__all__ = ["Call", "DevBunker", "Levers", "Lineage"]
