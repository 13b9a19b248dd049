"""A release: the zip that LNbits installs, and the manifest that leads it there."""

import hashlib
import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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


def build(
    folder: Path, url: str | None = None, tag: str | None = None, root: Path = ROOT
) -> Release:
    """Writes both into `folder`, from a tag, or from the last commit. The same commit gives the
    same bytes.

    The zip has one top-level folder and no tests, devkit or benchmarks (`.gitattributes`). `url` is
    where the zip will be served; left out, among the repository's own releases.
    """
    commit = f"refs/tags/{tag}" if tag else "HEAD"
    config = json.loads(_git(root, "show", f"{commit}:config.json"))
    if tag:
        _named_as_it_is(tag, config["version"], _git(root, "show", f"{commit}:CHANGELOG.md"))
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder.resolve() / f"{EXTENSION}-{config['version']}.zip"
    archive.write_bytes(_git(root, "archive", "--format=zip", f"--prefix={EXTENSION}/", commit))
    icon = folder / f"{EXTENSION}.png"
    icon.write_bytes(_git(root, "show", f"{commit}:static/image/{icon.name}"))
    url = url or f"{config['repo']}/releases/download/v{config['version']}"
    manifest = folder / MANIFEST
    entry = _entry(config, url.rstrip("/"), archive, icon)
    manifest.write_text(json.dumps({"extensions": [entry]}, indent=2) + "\n")
    return Release(archive, manifest)


def _named_as_it_is(tag: str, version: str, changelog: bytes) -> None:
    if tag != f"v{version}":
        raise DistError(f"The tag {tag} is of version {version}: name it v{version}.")
    if not re.search(
        rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$", changelog.decode(), re.M
    ):
        raise DistError(f"CHANGELOG.md has no section of {version}, with its date.")


def _entry(config: dict[str, Any], url: str, archive: Path, icon: Path) -> dict[str, Any]:
    return {
        "id": EXTENSION,
        "name": config["name"],
        "version": config["version"],
        "archive": f"{url}/{archive.name}",
        "hash": hashlib.sha256(archive.read_bytes()).hexdigest(),
        "repo": config["repo"],
        "html_url": config["repo"],
        "icon": f"{url}/{icon.name}",
        "short_description": config["short_description"],
        "min_lnbits_version": config["min_lnbits_version"],
    }


def _git(root: Path, *command: str) -> bytes:
    try:
        ran = subprocess.run(["git", *command], cwd=root, check=True, capture_output=True)  # noqa: S603, S607
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip()
        raise DistError(f"A release is made from a git clone: {said}") from None
    except OSError as error:
        raise DistError(f"A release is made with git: {error}") from None
    return ran.stdout
