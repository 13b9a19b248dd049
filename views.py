"""The page: LNbits' own shell, which loads `static/routes.json`; and the sheet it prints."""

from pathlib import Path

from fastapi import APIRouter, Depends
from fastapi.responses import FileResponse, HTMLResponse
from lnbits.core.views.generic import index
from lnbits.decorators import check_user_exists

from .routing import check_operator

SHEET = Path(__file__).parent / "templates" / "sheet.html"

spirekeeper_page_router = APIRouter()

spirekeeper_page_router.add_api_route(
    "/",
    methods=["GET"],
    endpoint=index,
    dependencies=[Depends(check_user_exists)],
    response_class=HTMLResponse,
    include_in_schema=False,
)


@spirekeeper_page_router.get(
    "/sheet",
    dependencies=[Depends(check_operator)],
    response_class=FileResponse,
    include_in_schema=False,
)
async def sheet() -> FileResponse:
    """The pairing sheet with its places empty: the page fills in the seed, which is not here."""
    return FileResponse(SHEET, media_type="text/html")
