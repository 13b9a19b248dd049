"""A release, installed by a stock LNbits as any extension is: through its API, from a manifest."""

import hashlib
import json
import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
from databases import new_database
from spirekeeper.devkit.dist import build
from spirekeeper.devkit.kept import free_port
from spirekeeper.devkit.lnbits import EXTENSION, LNbits
from spirekeeper.devkit.postgres import Postgres

DCA = f"/{EXTENSION}/api/v1/dca"
PASSWORD = "a password of the tests"
TOP = f"{EXTENSION}/"
NOT_SHIPPED = ("tests/", "devkit/", "benchmarks/", ".ci/", "Makefile", "pyproject.toml", ".git")

MOVES = """

async def m999_of_a_later_version(db: Connection) -> None:
    await db.execute("UPDATE spirekeeper.dca_machines SET location = 'Moved'")
"""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def web(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder and the loopback address that it is served at."""
    folder = tmp_path / "web"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder))
    Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def _as_version(archive: Path, version: str, migration: str = "") -> Path:
    """The same release as another version of it, with this migration too."""
    target = archive.with_name(f"{EXTENSION}-{version}.zip")
    with zipfile.ZipFile(archive) as release, zipfile.ZipFile(target, "w") as other:
        for item in release.infolist():
            content = release.read(item)
            if item.filename == f"{TOP}config.json":
                config = json.loads(content)
                content = json.dumps({**config, "version": version}).encode()
            elif item.filename == f"{TOP}migrations.py":
                content += migration.encode()
            other.writestr(item, content)
    return target


def _offer(folder: Path, url: str, *archives: Path) -> None:
    """A manifest that offers these archives, the last of them under its own version."""
    manifest = json.loads((folder / "extensions.json").read_text())
    entry = manifest["extensions"][0]
    offered = [
        {
            **entry,
            "version": archive.stem.removeprefix(f"{EXTENSION}-"),
            "archive": f"{url}/{archive.name}",
            "hash": hashlib.sha256(archive.read_bytes()).hexdigest(),
        }
        for archive in archives
    ]
    (folder / "extensions.json").write_text(json.dumps({"extensions": offered}))


class _Admin:
    """The superuser of a stock LNbits."""

    def __init__(self, http: httpx.AsyncClient, manifest: str) -> None:
        self._http = http
        self._manifest = manifest

    async def ask(self, method: str, path: str, status: int = 200, **more: Any) -> Any:
        answer = await self._http.request(method, path, **more)
        assert answer.status_code == status, f"{method} {path}: {answer.text}"
        return answer.json() if answer.content else None

    async def install(self, archive: str, version: str) -> None:
        body = {"ext_id": EXTENSION, "archive": archive, "source_repo": self._manifest}
        await self.ask("POST", "/api/v1/extension", json={**body, "version": version})
        await self.ask("PUT", f"/api/v1/extension/{EXTENSION}/enable")


@asynccontextmanager
async def _stock(folder: Path, manifest: str, database: str | None) -> AsyncIterator[_Admin]:
    environment = {"LNBITS_EXTENSIONS_MANIFESTS": json.dumps([manifest])}
    if database is not None:
        environment["LNBITS_DATABASE_URL"] = database
    lnbits = LNbits(folder, port=free_port(), environment=environment, linked=False)
    await lnbits.start()
    try:
        async with httpx.AsyncClient(base_url=lnbits.base_url, trust_env=False, timeout=60) as http:
            body = {"username": "superuser", "password": PASSWORD, "password_repeat": PASSWORD}
            answer = await http.put("/api/v1/auth/first_install", json=body)
            http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
            yield _Admin(http, manifest)
    finally:
        await lnbits.stop()


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


async def test_it_is_installed_upgraded_and_removed(
    web: tuple[Path, str], tmp_path: Path, cluster: Postgres | None
) -> None:
    """Through LNbits' API, on a stock LNbits; what the operator had is there after each step."""
    folder, url = web
    release = build(folder, url)
    version = release.archive.stem.removeprefix(f"{EXTENSION}-")
    older = _as_version(release.archive, "0.0.1")
    later = _as_version(release.archive, "99.0.0", MOVES)
    _offer(folder, url, older, release.archive, later)

    manifest = f"{url}/{release.manifest.name}"
    async with _stock(tmp_path / "lnbits", manifest, await new_database(cluster)) as admin:
        await admin.ask("GET", f"{DCA}/machines", 404)
        await admin.install(f"{url}/{older.name}", "0.0.1")
        machine = await admin.ask("POST", f"{DCA}/machines", 201, json={"name": "North"})

        await admin.install(f"{url}/{release.archive.name}", version)
        assert await admin.ask("GET", f"{DCA}/machines/{machine['id']}") == machine
        config = tmp_path / "lnbits" / "extensions" / EXTENSION / "config.json"
        assert json.loads(config.read_text())["version"] == version
        await admin.ask("GET", f"/{EXTENSION}/static/routes.json")

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
    _as_version(release.archive, "9.9.9").rename(release.archive)
    manifest = f"{url}/{release.manifest.name}"
    async with _stock(tmp_path / "lnbits", manifest, await new_database(cluster)) as admin:
        body = {
            "ext_id": EXTENSION,
            "archive": f"{url}/{release.archive.name}",
            "source_repo": manifest,
            "version": version,
        }
        await admin.ask("POST", "/api/v1/extension", 400, json=body)
        await admin.ask("GET", f"{DCA}/machines", 404)
