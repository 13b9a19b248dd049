"""What every router of the REST API shares: its errors, who calls, and the clock."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from lnbits.core.models import Account
from lnbits.decorators import check_account_exists, check_super_user
from lnbits.settings import settings as lnbits_settings
from pydantic import BaseModel
from starlette.exceptions import HTTPException as AnyHTTPException
from starlette.types import Message, Receive

from . import csrf
from .clock import Clock, utc_now
from .errors import SpirekeeperError, TooLarge
from .schemas.machines import ErrorAnswer, NotLetIn

MOST_BYTES = 512 * 1024
"""Of a request's body: twice the longest file that may be imported."""
CSV = "text/csv"
OUR_ERRORS = (400, 404, 409, 413, 429, 502, 503, 504)


class SpirekeeperRoute(APIRoute):
    """Answers every error of ours as `{"detail", "code"}`, and no other site's page."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                csrf.refuse_other_sites(request, takes_json=self.body_field is not None)
                return await handle(Request(request.scope, _at_most(MOST_BYTES, request.receive)))
            except _BodyTooLarge:
                error = TooLarge(f"At most {MOST_BYTES // 1024} KiB at once; send less.")
                return _error(error.status, error.detail, error.code)
            except SpirekeeperError as error:
                return _error(error.status, error.detail, error.code)
            except AnyHTTPException as error:
                if error.status_code != HTTPStatus.BAD_REQUEST:
                    raise  # LNbits' own, about who calls
                return _error(error.status_code, "The body is no JSON in UTF-8.", "invalid_input")
            except RequestValidationError as error:
                return _error(HTTPStatus.BAD_REQUEST, _sentence(error), "invalid_input")

        return answer


class _BodyTooLarge(HTTPException):
    """FastAPI lets only its own errors out of reading a body."""


def _at_most(most: int, receive: Receive) -> Receive:
    """Reads a body no further than it may be long."""
    so_far = 0

    async def limited() -> Message:
        nonlocal so_far
        message = await receive()
        so_far += len(message.get("body", b""))
        if so_far > most:
            raise _BodyTooLarge(TooLarge.status)
        return message

    return limited


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
            401: {"model": NotLetIn},
            403: {"model": ErrorAnswer | NotLetIn},
            **{status: {"model": ErrorAnswer} for status in OUR_ERRORS},
        },
    )


Operator = Annotated[Account, Depends(check_account_exists)]
"""The caller's account, which is there and active: LNbits reads it at every request. Its
`check_account_id_exists` remembers for minutes whose a token is, also when that account has been
deactivated or deleted meanwhile."""
SuperUser = Annotated[Account, Depends(check_super_user)]


def many_answer(many: BaseModel, status: int = HTTPStatus.OK) -> Response:
    """An answer that holds many machines, for a route that declares its `response_model`.

    FastAPI would copy, check and encode each once more, which takes longer than reading them.
    """
    return Response(many.json(), status, media_type="application/json")


def is_super_user(user_id: str) -> bool:
    return bool(user_id == lnbits_settings.super_user)


def get_clock() -> Clock:
    return utc_now


Now = Annotated[Clock, Depends(get_clock)]

# Which rows of a list: SQL counts no further than 2^63.
Limit = Annotated[int, Query(ge=1, le=500)]
Offset = Annotated[int, Query(ge=0, le=1_000_000_000)]
