"""The page: LNbits' own shell, which loads `static/routes.json`; the files it is made of; and the
sheet it prints."""

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse
from lnbits.core.views.generic import index
from lnbits.decorators import check_account_exists, check_user_exists

from . import own_files

SHEET = own_files.FOLDER / "templates" / "sheet.html"

spirekeeper_page_router = APIRouter()

spirekeeper_page_router.add_api_route(
    "/",
    methods=["GET"],
    endpoint=index,
    dependencies=[Depends(check_user_exists)],
    response_class=HTMLResponse,
    include_in_schema=False,
)


@spirekeeper_page_router.api_route(
    "/static/{path:path}", methods=["GET", "HEAD"], include_in_schema=False
)
async def static_file(path: str, request: Request) -> Response:
    """What the page loads, for anybody."""
    return await own_files.static_file(path, request.scope)


@spirekeeper_page_router.get(
    "/sheet",
    dependencies=[Depends(check_account_exists)],
    response_class=own_files.WholeFile,
    include_in_schema=False,
)
async def sheet() -> own_files.WholeFile:
    """The pairing sheet with its places empty: the page fills in the seed, which is not here."""
    return own_files.WholeFile(SHEET, media_type="text/html")
