"""The development bunker behind nsecbunkerd's command line, files and environment.

It may be anywhere for the bunker; the network that it runs in ends at loopback.
"""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from nostr_sdk import PublicKey
from spirekeeper.devkit.bunker import DevBunker


async def run(config: Path) -> None:
    """Until it is told to end; its address is in a file beside `config`."""
    relays = json.loads(config.read_text())["nostr"]["relays"]
    npubs = [npub for npub in os.environ.get("ADMIN_NPUBS", "").split(",") if npub]
    admins = [PublicKey.parse(npub).to_hex() for npub in npubs]
    bunker = DevBunker(relays=relays, admins=admins, folder=config.parent, anywhere=True)
    ending = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ending.set)
    await bunker.start()
    config.with_name("connection.txt").write_text(bunker.url)
    await ending.wait()
    await bunker.stop()


if __name__ == "__main__":
    program, verb, option, file = sys.argv[1:]
    assert (verb, option) == ("start", "--config"), sys.argv
    asyncio.run(run(Path(file)))
