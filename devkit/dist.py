"""A release: the zip that LNbits installs, and the manifest that leads it there."""

import hashlib
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .lnbits import EXTENSION

ROOT = Path(__file__).resolve().parent.parent
MANIFEST = "extensions.json"


class DistError(Exception):
    """The release could not be built; says why."""


@dataclass(frozen=True)
class Release:
    """What `build` has written."""

    archive: Path
    manifest: Path


def build(folder: Path, url: str | None = None) -> Release:
    """Writes both into `folder`, from what is committed.

    The zip has one top-level folder and no tests, devkit or benchmarks (`.gitattributes`). `url` is
    where the zip will be served; left out, among the repository's own releases.
    """
    config = json.loads((ROOT / "config.json").read_text())
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder.resolve() / f"{EXTENSION}-{config['version']}.zip"
    _archive(archive)
    url = url or f"{config['repo']}/releases/download/v{config['version']}"
    manifest = folder / MANIFEST
    entry = {
        "id": EXTENSION,
        "name": config["name"],
        "version": config["version"],
        "archive": f"{url.rstrip('/')}/{archive.name}",
        "hash": hashlib.sha256(archive.read_bytes()).hexdigest(),
        "repo": config["repo"],
        "html_url": config["repo"],
        "icon": f"{url.rstrip('/')}/{EXTENSION}.png",
        "short_description": config["short_description"],
        "min_lnbits_version": config["min_lnbits_version"],
    }
    (folder / f"{EXTENSION}.png").write_bytes((ROOT / f"static/image/{EXTENSION}.png").read_bytes())
    manifest.write_text(json.dumps({"extensions": [entry]}, indent=2) + "\n")
    return Release(archive, manifest)


def _archive(target: Path) -> None:
    """The same commit gives the same bytes."""
    command = [
        "git",
        "archive",
        "--format=zip",
        f"--prefix={EXTENSION}/",
        "-o",
        str(target),
        "HEAD",
    ]
    try:
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", None) or error
        raise DistError(f"A release is made from a git clone: {said}") from None
