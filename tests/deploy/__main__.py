"""Walks docs/host.md on a Debian 12 made for it, and prints each step with its time.

It runs in a network of its own, where nothing but loopback can be reached; only what fetches
packages goes through the process that waits outside.
"""

import asyncio
import os
import shutil
import subprocess
import sys

from deploy.clean_host import ADDRESS

INSIDE = "--inside"


def main() -> int:
    if INSIDE in sys.argv:
        from deploy.walk import walk

        for command in (("link", "set", "lo", "up"), ("addr", "add", f"{ADDRESS}/32", "dev", "lo")):
            subprocess.run(["ip", *command], check=True)
        return asyncio.run(walk(outside=int(sys.argv[-1])))
    if os.geteuid() or not shutil.which("apt-get"):
        print("This makes a Debian of its own: it has to be run as root, on a Debian or Ubuntu.")
        return 1
    _install_tools()
    command = ["unshare", "--net", "--mount", "--propagation=private", sys.executable]
    return subprocess.call([*command, "-m", "deploy", INSIDE, str(os.getpid())])


def _install_tools() -> None:
    missing = {"debootstrap": "debootstrap", "ip": "iproute2"}
    wanted = [package for tool, package in missing.items() if not shutil.which(tool)]
    if wanted:
        print(f"Installing {' and '.join(wanted)}")
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for verb in (["update"], ["install", "--yes", "--no-install-recommends", *wanted]):
            subprocess.run(["apt-get", "-qq", *verb], check=True, env=quiet, capture_output=True)


if __name__ == "__main__":
    sys.exit(main())
