"""Our own files, each as a whole: the page's scripts, texts and pictures, and the sheet.

LNbits would mount the folder with a starlette (0.48) that takes seconds over one header of some
thousand ranges and answers nobody meanwhile (CVE-2025-62727). No part of ours is worth asking for.
"""

import os
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Receive, Scope, Send

FOLDER = Path(__file__).parent
_OF_RANGES = {b"range", b"if-range"}
_HEADERS = {"Accept-Ranges": "none", "Cache-Control": "no-cache"}
"""A browser asks each time whether it has changed: after an update no page is half old."""


class WholeFile(FileResponse):
    """A file. What asks for parts of it is passed over, as a server may (RFC 9110, 14.2)."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [each for each in scope["headers"] if each[0].lower() not in _OF_RANGES]
        await super().__call__({**scope, "headers": headers}, receive, send)


class _Static(StaticFiles):
    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        file = WholeFile(full_path, status_code, _HEADERS, stat_result=stat_result)
        unchanged = self.is_not_modified(file.headers, Headers(scope=scope))
        return NotModifiedResponse(file.headers) if unchanged else file


_static = _Static(directory=FOLDER / "static")


async def static_file(path: str, scope: Scope) -> Response:
    """One of the static folder, or 304 where the browser has it; HTTPException 404 for any other
    path, also one that leads out of the folder."""
    return await _static.get_response(path, scope)
