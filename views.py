"""The page: LNbits' own shell, which loads `static/routes.json` and what that names."""

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse
from lnbits.core.views.generic import index
from lnbits.decorators import check_user_exists

spirekeeper_page_router = APIRouter()

spirekeeper_page_router.add_api_route(
    "/",
    methods=["GET"],
    endpoint=index,
    dependencies=[Depends(check_user_exists)],
    response_class=HTMLResponse,
    include_in_schema=False,
)
