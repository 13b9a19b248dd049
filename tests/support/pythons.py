"""The tests on the other Python versions that LNbits runs on, where they are found."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

VERSIONS = ("3.10", "3.11", "3.12")
PYENV = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
# Chromium and Node see nothing of Python; they are tested once.
ELSEWHERE = ("tests/browser", "tests/api/clients", "tests/release")


def find(version: str) -> str | None:
    """An executable that really runs: pyenv leaves stand-ins that do not."""
    found = [shutil.which(f"python{version}"), *map(str, PYENV.glob(f"{version}.*/bin/python"))]
    return next((path for path in found if path and _runs(path, version)), None)


def _runs(path: str, version: str) -> bool:
    say = "import sys; print('{}.{}'.format(*sys.version_info))"
    done = subprocess.run([path, "-c", say], capture_output=True, text=True, check=False)  # noqa: S603
    return done.stdout.strip() == version


def tested(version: str, path: str) -> bool:
    folder = f".build/python{version}"
    make = ["make", "--silent", "venv", f"VENV={folder}", f"PYTHON={path}"]
    if subprocess.run(make, check=False).returncode:  # noqa: S603
        return False
    ignored = [f"--ignore={folder}" for folder in ELSEWHERE]
    pytest = [f"{folder}/bin/pytest", "-q", "-m", "not long", "-p", "no:cacheprovider", *ignored]
    return subprocess.run(pytest, check=False).returncode == 0  # noqa: S603


def main() -> int:
    """1 when the tests fail on one of them. A version that is not here is named, and not tested."""
    here = "{}.{}".format(*sys.version_info)
    failed = False
    for version in VERSIONS:
        if version == here:
            continue
        path = find(version)
        if path is None:
            sys.stdout.write(f"Python {version}: not here, not tested\n")
            continue
        good = tested(version, path)
        sys.stdout.write(f"Python {version}: {'tested' if good else 'FAILED'}\n")
        failed = failed or not good
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
