"""A release, installed by a stock LNbits as any extension is: through its API, from a manifest."""

import hashlib
import json
import zipfile
from pathlib import Path

from release.releases import DCA, TOP, Admin, as_version, installed, offer, stock
from spirekeeper.devkit.dist import build
from spirekeeper.devkit.lnbits import EXTENSION
from spirekeeper.devkit.postgres import Postgres
from support.databases import new_database

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


def test_the_same_commit_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = build(tmp_path / "a"), build(tmp_path / "b")
    assert first.archive.read_bytes() == second.archive.read_bytes()
    entry = json.loads(first.manifest.read_text())["extensions"][0]
    assert entry["hash"] == hashlib.sha256(first.archive.read_bytes()).hexdigest()
    assert entry["archive"].endswith(f"/{first.archive.name}")


async def _serves_its_page(admin: Admin, archive: Path) -> None:
    """What LNbits loads for the page has all that was shipped for it."""
    [route] = await admin.ask("GET", f"/{EXTENSION}/static/routes.json")
    page = await admin.text(route["template"]) + await admin.text(route["component"])
    with zipfile.ZipFile(archive) as release:
        names = [name for name in release.namelist() if name.endswith((".js", ".vue"))]
        parts = [name for name in names if "/i18n/" not in name]
        assert len(parts) > 40
        for name in parts:
            assert release.read(name).decode() in page, name


async def test_it_is_installed_upgraded_and_removed(
    web: tuple[Path, str], tmp_path: Path, cluster: Postgres | None
) -> None:
    """Through LNbits' API, on a stock LNbits; what the operator had is there after each step."""
    folder, url = web
    release = build(folder, url)
    version = release.archive.stem.removeprefix(f"{EXTENSION}-")
    older = as_version(release.archive, "0.0.1")
    later = as_version(release.archive, "99.0.0", MOVES)
    offer(folder, url, older, release.archive, later)

    manifest = f"{url}/{release.manifest.name}"
    lnbits = stock(tmp_path / "lnbits", manifest, await new_database(cluster))
    async with installed(lnbits, manifest) as admin:
        await admin.ask("GET", f"{DCA}/machines", 404)
        await admin.install(f"{url}/{older.name}", "0.0.1")
        machine = await admin.ask("POST", f"{DCA}/machines", 201, json={"name": "North"})

        await admin.install(f"{url}/{release.archive.name}", version)
        assert await admin.ask("GET", f"{DCA}/machines/{machine['id']}") == machine
        config = tmp_path / "lnbits" / "extensions" / EXTENSION / "config.json"
        assert json.loads(config.read_text())["version"] == version
        await _serves_its_page(admin, release.archive)

        await admin.ask("DELETE", f"/api/v1/extension/{EXTENSION}")
        assert not config.exists()

        await admin.install(f"{url}/{release.archive.name}", version)
        assert await admin.ask("GET", f"{DCA}/machines/{machine['id']}") == machine

        await admin.install(f"{url}/{later.name}", "99.0.0")
        moved = {**machine, "location": "Moved"}
        assert await admin.ask("GET", f"{DCA}/machines/{machine['id']}") == moved


async def test_a_tampered_zip_is_not_installed(
    web: tuple[Path, str], tmp_path: Path, cluster: Postgres | None
) -> None:
    folder, url = web
    release = build(folder, url)
    version = release.archive.stem.removeprefix(f"{EXTENSION}-")
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
