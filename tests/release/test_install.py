"""A release, installed by a stock LNbits as any extension is, through its API from a manifest; and
a copy that was put there from a clone."""

import hashlib
import json
import os
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest
from release.releases import DCA, TOP, Admin, as_version, installed, offer, stock, version_of
from spirekeeper.devkit.dist import DistError, build
from spirekeeper.devkit.lnbits import EXTENSION
from spirekeeper.devkit.postgres import Postgres
from support.databases import new_database

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
NOT_SHIPPED = ("tests/", "devkit/", "benchmarks/", ".ci/", "Makefile", "pyproject.toml", ".git")

MOVES = """

async def m999_of_a_later_version(db: Connection) -> None:
    await db.execute("UPDATE spirekeeper.dca_machines SET location = 'Moved'")
"""


def test_the_zip_holds_what_runs_and_nothing_else(tmp_path: Path) -> None:
    with zipfile.ZipFile(build(tmp_path).archive) as archive:
        names = archive.namelist()
    assert all(name.startswith(TOP) for name in names)
    shipped = [name.removeprefix(TOP) for name in names]
    assert not [name for name in shipped if name.startswith(NOT_SHIPPED)]
    assert {"__init__.py", "config.json", "static/index.js", "spire/machine.py"} <= set(shipped)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """One that tags can be set in."""
    folder = tmp_path / "clone"
    git = ["git", "-c", "advice.detachedHead=false"]
    subprocess.run([*git, "clone", "--quiet", str(ROOT), str(folder)], check=True)  # noqa: S603
    return folder


def _git(clone: Path, *command: str) -> None:
    named = ["-c", "user.name=a test", "-c", "user.email=test@example.com"]
    subprocess.run(["git", *named, *command], cwd=clone, check=True)  # noqa: S603, S607


def test_a_release_is_what_its_tag_names(clone: Path, tmp_path: Path) -> None:
    """Whatever was committed later, or not at all; and made twice it is the same."""
    version = json.loads((ROOT / "config.json").read_text())["version"]
    _git(clone, "tag", f"v{version}")
    (clone / "config.json").write_text("{}")
    _git(clone, "commit", "--quiet", "--all", "--message", "later")
    releases = [build(tmp_path / each, tag=f"v{version}", root=clone) for each in ("a", "b")]
    with zipfile.ZipFile(releases[0].archive) as archive:
        assert json.loads(archive.read(f"{TOP}config.json"))["version"] == version
        assert f"{TOP}CHANGELOG.md" in archive.namelist()
    for files in zip(*(sorted((tmp_path / each).iterdir()) for each in ("a", "b")), strict=True):
        assert files[0].read_bytes() == files[1].read_bytes(), files[0].name


def test_a_tag_of_another_version_is_none_of_a_release(clone: Path, tmp_path: Path) -> None:
    """Nor one that CHANGELOG.md says nothing of, or that is not there."""
    config = json.loads((clone / "config.json").read_text())
    _git(clone, "tag", "v98.0.0")
    with pytest.raises(DistError, match=f"name it v{config['version']}"):
        build(tmp_path, tag="v98.0.0", root=clone)
    (clone / "config.json").write_text(json.dumps({**config, "version": "99.0.0"}))
    _git(clone, "commit", "--quiet", "--all", "--message", "later")
    _git(clone, "tag", "v99.0.0")
    with pytest.raises(DistError, match="CHANGELOG"):
        build(tmp_path, tag="v99.0.0", root=clone)
    with pytest.raises(DistError, match="git clone"):
        build(tmp_path, tag="v97.0.0", root=clone)


def test_the_same_commit_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = build(tmp_path / "a"), build(tmp_path / "b")
    assert first.archive.read_bytes() == second.archive.read_bytes()
    entry = json.loads(first.manifest.read_text())["extensions"][0]
    assert entry["hash"] == hashlib.sha256(first.archive.read_bytes()).hexdigest()
    assert entry["archive"].endswith(f"/{first.archive.name}")


def _put_there_as_the_readme_says(home: Path) -> None:
    """From a clone, for the LNbits in this folder, which has not been started yet."""
    [command] = re.findall(r"^ *(git archive .+)$", README.read_text(), re.M)
    (home / "extensions").mkdir(parents=True)
    environment = {**os.environ, "LNBITS_EXTENSIONS_PATH": str(home)}
    subprocess.run(["sh", "-c", command], cwd=ROOT, env=environment, check=True)  # noqa: S603, S607


async def _serves_its_page(admin: Admin, archive: Path) -> httpx.Response:
    """What LNbits loads for the page has all that was shipped for it; the script."""
    [route] = (await admin.get(f"/{EXTENSION}/static/routes.json")).json()
    markup, script = await admin.get(route["template"]), await admin.get(route["component"])
    with zipfile.ZipFile(archive) as release:
        names = [name for name in release.namelist() if name.endswith((".js", ".vue"))]
        parts = [name for name in names if "/i18n/" not in name]
        assert len(parts) > 40
        for name in parts:
            assert release.read(name).decode() in markup.text + script.text, name
    return script


async def _has_the_page_of(admin: Admin, script: httpx.Response) -> str:
    """The API names the version that the script says of itself; that version."""
    version = (await admin.get(f"{DCA}/machines")).headers["spirekeeper-page"]
    assert f"window.spirekeeperVersion = '{version}';" in script.text
    return version


async def _asked_now(admin: Admin, machine: dict[str, Any]) -> dict[str, Any]:
    """It as it stands, but for when its wallet's balance was read."""
    now = await admin.ask("GET", f"{DCA}/machines/{machine['id']}")
    return {**now, "balance_at": machine["balance_at"]}


async def test_a_copy_from_a_clone_is_upgraded_and_removed(
    web: tuple[Path, str], tmp_path: Path, cluster: Postgres | None
) -> None:
    """Through LNbits' API, on a stock LNbits; what the operator had is there after each step, and
    no browser goes on with the scripts that it has."""
    folder, url = web
    release = build(folder, url)
    later = as_version(release.archive, "99.0.0", MOVES)
    offer(folder, url, release.archive, later)

    manifest = f"{url}/{release.manifest.name}"
    home = tmp_path / "lnbits"
    _put_there_as_the_readme_says(home)
    lnbits = stock(home, manifest, await new_database(cluster))
    async with installed(lnbits, manifest) as admin:
        await admin.enable()
        machine = await admin.ask("POST", f"{DCA}/machines", 201, json={"name": "North"})
        script = await _serves_its_page(admin, release.archive)
        before = await _has_the_page_of(admin, script)

        await admin.install(f"{url}/{later.name}", "99.0.0")
        moved = {**machine, "location": "Moved"}
        assert await _asked_now(admin, machine) == moved
        config = home / "extensions" / EXTENSION / "config.json"
        assert json.loads(config.read_text())["version"] == "99.0.0"
        known = {"If-None-Match": script.headers["etag"]}
        script = await admin.get(script.request.url.path, **known)
        assert script.text == (await _serves_its_page(admin, later)).text
        assert await _has_the_page_of(admin, script) != before

        await admin.ask("DELETE", f"/api/v1/extension/{EXTENSION}")
        assert not config.parent.exists()

        await admin.install(f"{url}/{later.name}", "99.0.0")
        assert await _asked_now(admin, machine) == moved


async def test_a_tampered_zip_is_not_installed(
    web: tuple[Path, str], tmp_path: Path, cluster: Postgres | None
) -> None:
    folder, url = web
    release = build(folder, url)
    version = version_of(release.archive)
    as_version(release.archive, "9.9.9").rename(release.archive)
    manifest = f"{url}/{release.manifest.name}"
    lnbits = stock(tmp_path / "lnbits", manifest, await new_database(cluster))
    async with installed(lnbits, manifest) as admin:
        body = {
            "ext_id": EXTENSION,
            "archive": f"{url}/{release.archive.name}",
            "source_repo": manifest,
            "version": version,
        }
        await admin.ask("POST", "/api/v1/extension", 400, json=body)
        await admin.ask("GET", f"{DCA}/machines", 404)
