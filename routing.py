"""What every router of the REST API shares: its errors, who calls, and the clock."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from lnbits.core.models import Account
from lnbits.core.models.users import AccountId
from lnbits.decorators import check_account_id_exists, check_super_user
from lnbits.settings import settings as lnbits_settings

from .api_models import ErrorAnswer
from .clock import Clock, utc_now
from .errors import SpirekeeperError


class SpirekeeperRoute(APIRoute):
    """Answers every error of ours as `{"detail", "code"}`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except SpirekeeperError as error:
                return _error(error.status, error.detail, error.code)
            except RequestValidationError as error:
                return _error(HTTPStatus.BAD_REQUEST, _sentence(error), "invalid_input")

        return answer


def _error(status: int, detail: str, code: str) -> JSONResponse:
    return JSONResponse(ErrorAnswer(detail=detail, code=code).dict(), status_code=status)


def _sentence(error: RequestValidationError) -> str:
    """Which fields are wrong and why, without the values that were given."""
    wrong = []
    for each in error.errors():
        place = [str(part) for part in each["loc"] if part not in ("body", "query", "__root__")]
        wrong.append(f"{'.'.join(place) or 'body'}: {each['msg']}")
    return "; ".join(wrong) + "."


def api_router() -> APIRouter:
    """A router under /spirekeeper/api/v1/dca."""
    return APIRouter(
        prefix="/api/v1/dca",
        route_class=SpirekeeperRoute,
        responses={
            status: {"model": ErrorAnswer} for status in (400, 404, 409, 429, 502, 503, 504)
        },
    )


Operator = Annotated[AccountId, Depends(check_account_id_exists)]
SuperUser = Annotated[Account, Depends(check_super_user)]


def is_super_user(user_id: str) -> bool:
    return bool(user_id == lnbits_settings.super_user)


def get_clock() -> Clock:
    return utc_now


Now = Annotated[Clock, Depends(get_clock)]
