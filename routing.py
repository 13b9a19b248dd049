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

from . import csrf, views
from .clock import Clock, utc_now
from .errors import InvalidInput, SpirekeeperError, TooLarge
from .reasons import OF_PYDANTIC
from .schemas.refusals import ErrorAnswer, NotLetIn, parts_of

MOST_BYTES = 512 * 1024
"""Of a request's body: twice the longest file that may be imported."""
CSV = "text/csv"
OUR_ERRORS = (400, 404, 409, 413, 429, 502, 503, 504, 507)


class SpirekeeperRoute(APIRoute):
    """Answers every error of ours as `{"detail", "code"}`, and no other site's page.

    No answer is for anything to keep. LNbits' service worker puts every answer into the browser's
    cache and gives it out when the network is gone, as if it were the server's; one with `Vary: *`
    no cache takes. Each names the version of the page that belongs to this API.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                csrf.refuse_other_sites(request, takes_json=self.body_field is not None)
                return await handle(Request(request.scope, _at_most(MOST_BYTES, request.receive)))
            except _BodyTooLarge:
                most = MOST_BYTES // 1024
                return _refusal(
                    TooLarge(f"At most {most} KiB at once; send less.", values={"n": most})
                )
            except SpirekeeperError as error:
                return _refusal(error)
            except AnyHTTPException as error:
                if error.status_code != HTTPStatus.BAD_REQUEST:
                    raise  # LNbits' own, about who calls
                return _refusal(InvalidInput("The body is no JSON in UTF-8."))
            except RequestValidationError as error:
                return _refusal(_invalid(error))

        async def kept_by_nobody(request: Request) -> Response:
            response = await answer(request)
            response.headers["Vary"] = "*"
            response.headers[views.VERSION_HEADER] = views.VERSION
            return response

        return kept_by_nobody


_AROUND = ("body", "query", "__root__")
"""What pydantic says of where a field stands, beside its name."""


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


def _refusal(error: SpirekeeperError) -> JSONResponse:
    answer = ErrorAnswer(**parts_of(error)).dict(exclude_none=True)
    return JSONResponse(answer, status_code=error.status)


def _invalid(error: RequestValidationError) -> InvalidInput:
    """Which fields are wrong and why, without the values that were given. Field and reason are
    those of the first."""
    wrong = error.errors()
    places = [[str(part) for part in each["loc"] if part not in _AROUND] for each in wrong]
    told = [
        f"{'.'.join(place) or 'body'}: {each['msg']}"
        for place, each in zip(places, wrong, strict=True)
    ]
    limit = wrong[0].get("ctx", {}).get("limit_value")
    return InvalidInput(
        "; ".join(told) + ".",
        field=next(iter(places[0]), None),
        reason=OF_PYDANTIC.get(wrong[0]["type"], "not_understood"),
        values={} if limit is None else {"n": limit},
    )


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

Version = Annotated[int | None, Query(ge=0, le=2_000_000_000)]
"""Which version of a setting the caller has read, where a request has no body to say it in."""
