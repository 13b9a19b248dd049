"""A development bunker whose relay goes by the host's name, in a process of its own.

It may be anywhere for the bunker; the network that it runs in ends at loopback.
"""

import asyncio
import sys
from pathlib import Path

from spirekeeper.devkit.apart import Apart, serve
from spirekeeper.devkit.bunker import DevBunker


class NamedBunker(Apart):
    """The relay's URL, the admin's pubkey in hex, and the folder, as words."""

    module = "deploy.named_bunker"


if __name__ == "__main__":
    relay, admin, folder = sys.argv[1:]
    bunker = DevBunker(relays=[relay], admins=[admin], folder=Path(folder), anywhere=True)
    asyncio.run(serve(bunker))
