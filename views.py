"""The page: LNbits' own shell, the files that the page is made of, and the sheet it prints.

LNbits loads `static/routes.json`, and what that names: `page.vue`, all markup, and `page.js`, all
scripts. They are joined here when asked for, so nobody has to build anything, and what is installed
is what was written. LNbits would mount the folder with a starlette (0.48) that takes seconds over
one header of some thousand ranges and answers nobody meanwhile (CVE-2025-62727). No part of our
files is worth asking for.

The page knows its version, and every answer of the API names that of the page which belongs to it:
a page that was open during an upgrade asks to be loaded anew.
"""

import os
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from lnbits.core.views.generic import index
from lnbits.decorators import check_account_exists, check_user_exists
from starlette.datastructures import Headers
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Receive, Scope, Send

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"
SHEET = FOLDER / "templates" / "sheet.html"
SHARED = ("shared", "colors", "back", "states", "address", "live", "sheet")
"""The scripts that others use, and so the first."""

_OF_RANGES = {b"range", b"if-range"}
_HEADERS = {"Accept-Ranges": "none", "Cache-Control": "no-cache"}
"""A browser asks each time whether it has changed: after an update no page is half old."""

VERSION_HEADER = "Spirekeeper-Page"


def _version() -> str:
    """Of the page: another one as soon as a file of it, or the extension's version, is another."""
    of_static = sorted(file for file in STATIC.rglob("*") if file.is_file())
    version = sha256()
    for file in (FOLDER / "config.json", SHEET, *of_static):
        version.update(file.read_bytes())
    return version.hexdigest()[:16]


VERSION = _version()
"""As of the import: whatever lies there later belongs to the API that comes with it."""

spirekeeper_page_router = APIRouter(include_in_schema=False)

spirekeeper_page_router.add_api_route(
    "/",
    methods=["GET"],
    endpoint=index,
    dependencies=[Depends(check_user_exists)],
    response_class=HTMLResponse,
)


@spirekeeper_page_router.get("/machine/{machine_id}")
def machine_page(machine_id: str, request: Request) -> Response:
    """The address of one machine, to be kept and sent: it leads to the page with its panel open.

    LNbits makes a page anew when its path changes, so what is on show stands behind the path.
    """
    shown = {**request.query_params, "machine": machine_id}
    return RedirectResponse(f"../?{urlencode(shown)}")


@spirekeeper_page_router.get("/page.vue")
def page_markup(request: Request) -> Response:
    """The markup of the page and of its parts, for anybody."""
    files = [STATIC / "index.vue", *sorted(STATIC.glob("parts/*.vue"))]
    return _joined([file.read_bytes() for file in files], "text/plain", request)


@spirekeeper_page_router.get("/page.js")
def page_script(request: Request) -> Response:
    """The scripts of the page, for anybody: each in a scope of its own, under its name."""
    shared = [STATIC / f"{name}.js" for name in SHARED]
    files = [*shared, *sorted(STATIC.glob("parts/*.js")), STATIC / "index.js"]
    scopes = [
        b"(() => { // %s\n%s})();" % (str(file.relative_to(STATIC)).encode(), file.read_bytes())
        for file in files
    ]
    version = f"window.spirekeeperVersion = '{VERSION}';".encode()
    return _joined([b"'use strict';", version, *scopes], "text/javascript", request)


def _joined(parts: list[bytes], media_type: str, request: Request) -> Response:
    """All of them in one answer, or 304 where the browser has just that."""
    content = b"\n".join(parts)
    headers = {**_HEADERS, "ETag": f'"{sha256(content).hexdigest()}"'}
    answer = Response(content, headers=headers, media_type=media_type)
    return _unless_unchanged(answer, request.headers)


class WholeFile(FileResponse):
    """A file. What asks for parts of it is passed over, as a server may (RFC 9110, 14.2)."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [each for each in scope["headers"] if each[0].lower() not in _OF_RANGES]
        await super().__call__({**scope, "headers": headers}, receive, send)


class WholeFiles(StaticFiles):
    """Those of one folder."""

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        file = WholeFile(full_path, status_code, _HEADERS, stat_result=stat_result)
        return _unless_unchanged(file, Headers(scope=scope))


_static = WholeFiles(directory=STATIC)


def _unless_unchanged(answer: Response, asked: Headers) -> Response:
    unchanged = _static.is_not_modified(answer.headers, asked)
    return NotModifiedResponse(answer.headers) if unchanged else answer


@spirekeeper_page_router.api_route("/static/{path:path}", methods=["GET", "HEAD"])
async def static_file(path: str, request: Request) -> Response:
    """A file of the static folder, for anybody; HTTPException 404 for any other path, also one that
    leads out of the folder."""
    return await _static.get_response(path, request.scope)


@spirekeeper_page_router.get(
    "/sheet", dependencies=[Depends(check_account_exists)], response_class=WholeFile
)
async def sheet() -> WholeFile:
    """The pairing sheet with its places empty: the page fills in the seed, which is not here."""
    return WholeFile(SHEET, headers=_HEADERS, media_type="text/html")
