"""Releases of the extension on offer, and a stock LNbits that installs them through its own API."""

import hashlib
import json
import zipfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
from spirekeeper.devkit.kept import free_port
from spirekeeper.devkit.lnbits import EXTENSION, LNbits

DCA = f"/{EXTENSION}/api/v1/dca"
PASSWORD = "a password of the tests"
TOP = f"{EXTENSION}/"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served_folder(folder: Path) -> Iterator[str]:
    """The loopback address that the folder is served at."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def as_version(archive: Path, version: str, migration: str = "") -> Path:
    """The same release as another version of it, with another script and this migration too."""
    target = archive.with_name(f"{EXTENSION}-{version}.zip")
    with zipfile.ZipFile(archive) as release, zipfile.ZipFile(target, "w") as other:
        for item in release.infolist():
            content = release.read(item)
            if item.filename == f"{TOP}config.json":
                config = json.loads(content)
                content = json.dumps({**config, "version": version}).encode()
            elif item.filename == f"{TOP}migrations.py":
                content += migration.encode()
            elif item.filename == f"{TOP}static/index.js":
                content += f"// of {version}\n".encode()
            other.writestr(item, content)
    return target


def version_of(archive: Path) -> str:
    """What its name says."""
    return archive.stem.removeprefix(f"{EXTENSION}-")


def offer(folder: Path, url: str, *archives: Path) -> None:
    """A manifest that offers these archives, each under the version that its name says."""
    manifest = json.loads((folder / "extensions.json").read_text())
    entry = manifest["extensions"][0]
    offered = [
        {
            **entry,
            "version": version_of(archive),
            "archive": f"{url}/{archive.name}",
            "hash": hashlib.sha256(archive.read_bytes()).hexdigest(),
        }
        for archive in archives
    ]
    (folder / "extensions.json").write_text(json.dumps({"extensions": offered}))


class Admin:
    """The superuser of a stock LNbits."""

    def __init__(self, http: httpx.AsyncClient, manifest: str) -> None:
        self._http = http
        self._manifest = manifest

    async def ask(self, method: str, path: str, status: int = 200, **more: Any) -> Any:
        answer = await self._http.request(method, path, **more)
        assert answer.status_code == status, f"{method} {path}: {answer.text}"
        return answer.json() if answer.content else None

    async def get(self, path: str, **headers: str) -> httpx.Response:
        answer = await self._http.get(path, headers=headers)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return answer

    async def install(self, archive: str, version: str) -> None:
        body = {"ext_id": EXTENSION, "archive": archive, "source_repo": self._manifest}
        await self.ask("POST", "/api/v1/extension", json={**body, "version": version})
        await self.enable()

    async def enable(self) -> None:
        await self.ask("PUT", f"/api/v1/extension/{EXTENSION}/enable")


@asynccontextmanager
async def installed(lnbits: LNbits, manifest: str) -> AsyncIterator[Admin]:
    """That LNbits runs for the first time; its superuser, also after a restart."""
    await lnbits.start()
    try:
        async with httpx.AsyncClient(base_url=lnbits.base_url, trust_env=False, timeout=60) as http:
            body = {"username": "superuser", "password": PASSWORD, "password_repeat": PASSWORD}
            answer = await http.put("/api/v1/auth/first_install", json=body)
            http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
            yield Admin(http, manifest)
    finally:
        await lnbits.stop()


def stock(
    folder: Path,
    manifest: str,
    database: str | None,
    *,
    environment: Mapping[str, str] | None = None,
    server: Sequence[str] = ("-m", "uvicorn"),
) -> LNbits:
    """One as it comes from PyPI, which knows this manifest; the rest as `LNbits` takes it."""
    settings = {"LNBITS_EXTENSIONS_MANIFESTS": json.dumps([manifest]), **(environment or {})}
    if database is not None:
        settings["LNBITS_DATABASE_URL"] = database
    return LNbits(folder, port=free_port(), environment=settings, linked=False, server=server)
