"""The browser of the tests: found, or as a program installed where apt can do that."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

WHOLE = ("chromium", "google-chrome", "chromium-browser")
NAMES = ("chromium-headless-shell", *WHOLE)
"""The first draws no window for itself, which is a fifth of the work, and has no camera."""
MISSING = "no Chromium: install Debian's package chromium, or name yours in $CHROMIUM"
PACKAGES = ("chromium", "chromium-headless-shell", "fonts-dejavu-core")


def find(names: Sequence[str] = NAMES) -> str | None:
    """The path of an executable, `$CHROMIUM` before all others."""
    named = os.environ.get("CHROMIUM")
    found = map(shutil.which, [named] if named else names)
    return next(filter(None, found), None)


def can_install() -> bool:
    """Not in the place of one that was named."""
    named = "CHROMIUM" in os.environ
    return not named and os.geteuid() == 0 and shutil.which("apt-get") is not None


def install() -> None:
    """Quietly; whether it came to anything is seen by `find`."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    patience = ("-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=30")
    fetch = ["install", "--yes", "--no-install-recommends"]
    for verb in (["update"], *([*fetch, package] for package in PACKAGES)):
        command = ["apt-get", "-qq", *patience, *verb]
        subprocess.run(command, check=False, env=quiet, capture_output=True)  # noqa: S603


def main() -> None:
    """Never fails: without a browser its tests are skipped, and this says why."""
    if find(WHOLE):
        return
    if can_install():
        sys.stdout.write(f"Installing {' and '.join(PACKAGES)} for the browser tests\n")
        install()
    if not find():
        sys.stdout.write(f"The browser tests are skipped: {MISSING}\n")


if __name__ == "__main__":
    main()
