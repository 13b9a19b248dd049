"""For who watches over the server: up or not, what is known in numbers, a text for a bug report."""

from contextlib import suppress
from http import HTTPStatus
from secrets import compare_digest
from typing import Any

from fastapi import Depends, HTTPException, Request, Response
from fastapi.responses import PlainTextResponse
from fastapi.security.utils import get_authorization_scheme_param

from .connection import environment
from .errors import SettingsWrong
from .routing import Now, SuperUser, api_router
from .schemas.health import Health
from .upkeep import health, metrics, prometheus, report

_TEXT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}}}}
}

spirekeeper_health_router = api_router()


@spirekeeper_health_router.get(
    "/health", responses={HTTPStatus.SERVICE_UNAVAILABLE: {"model": Health}}
)
async def api_health(response: Response) -> Health:
    """Whether spirekeeper is up, for anybody."""
    up = await health.is_up()
    response.status_code = HTTPStatus.OK if up else HTTPStatus.SERVICE_UNAVAILABLE
    return Health(up=up)


def scraper(request: Request) -> None:
    """401 for who does not show the token of the metrics, and for all while there is none."""
    scheme, shown = get_authorization_scheme_param(request.headers.get("authorization"))
    token = None
    with suppress(SettingsWrong):  # the log says so since the start, and the superuser's page does
        token = environment.current().metrics_token
    if (
        token is None
        or scheme.lower() != "bearer"
        or not compare_digest(shown.encode(), token.encode())
    ):
        raise HTTPException(
            HTTPStatus.UNAUTHORIZED,
            "Send the token that SPIREKEEPER_METRICS_TOKEN names, as Bearer.",
            {"WWW-Authenticate": "Bearer"},
        )


@spirekeeper_health_router.get(
    "/metrics", dependencies=[Depends(scraper)], response_class=Response, responses=_TEXT
)
async def api_metrics(clock: Now) -> Response:
    """What is known in numbers, in the text format of Prometheus, for who shows the token of
    `SPIREKEEPER_METRICS_TOKEN`. Nothing in it names an operator, a machine or an address."""
    return Response(
        prometheus.written(await metrics.known(clock())), media_type=prometheus.MEDIA_TYPE
    )


@spirekeeper_health_router.get("/bunker/report", response_class=Response, responses=_TEXT)
async def api_report(account: SuperUser, clock: Now) -> PlainTextResponse:
    """A text for a bug report, without any secret, name or address (superuser)."""
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": 'attachment; filename="spirekeeper-report.txt"',
    }
    return PlainTextResponse(await report.report(account.id, clock()), headers=headers)
