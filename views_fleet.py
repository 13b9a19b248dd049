"""The REST API for many machines at once, and for what operators are told: the journal, notices,
and hints to an open page."""

from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from fastapi.responses import StreamingResponse

from .errors import FileRefused, InvalidInput, SameNames
from .fleet import bulk_acts, bulk_pairing, journal_export, machines
from .fleet.csv_import import check_file, import_machines
from .fleet.csv_text import MOST_BYTES
from .models import Page
from .routing import CSV, Limit, Now, Offset, Operator, api_router, is_super_user, many_answer
from .schemas.bulk_acts import ActData, ActResult
from .schemas.fields import Event, Id
from .schemas.fleet import (
    FileChecked,
    FileProblemAnswer,
    FileRefusedAnswer,
    JournalLine,
    MachinesAdded,
    PairMachinesData,
    RevokeAllData,
    RevokeAllResult,
    StopAnswer,
)
from .schemas.machines import PairingAnswer
from .schemas.notices import LiveChannel, NoticeAnswer
from .store import pairing_rows
from .upkeep import notify, page_hints
from .views_api import OwnMachine

NDJSON = "application/x-ndjson"

_PAIRED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A line for each machine, as soon as it is done: its pairing code, as a "
        "single pair answers it, or why it has none.",
        "content": {
            NDJSON: {
                "example": '{"machine_id": "esi4f9JnFPECgHZXqpx28y", "ok": true, '
                '"seed_url": "spire-seed:v1:eyJzcGlyZV9ucHViIjoi…", …}\n'
                '{"machine_id": "Xh6TVQpmFZbZBmpDZjvx4a", "ok": false, "status": 404, '
                '"code": "not_found", "detail": "There is no such machine among yours."}\n'
            }
        },
    }
}
_FLEET: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            CSV: {
                "schema": {"type": "string", "maxLength": MOST_BYTES},
                "example": "name,location,wallet\nStation North,Hall 2,make one\n",
            }
        },
    }
}
_LINES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            CSV: {
                "schema": {"type": "string"},
                "example": f"{','.join(journal_export.COLUMNS)}\n"
                "2026-11-23T12:00:00+00:00,spirekeeper by itself,Station North,Hall 2,Savings,"
                "listening,silent,,esi4f9JnFPECgHZXqpx28y,fc36f2b333c94f99a3066ff38d2245cb,"
                "spirekeeper\n",
            }
        }
    }
}

spirekeeper_fleet_router = api_router()


@spirekeeper_fleet_router.post(
    "/machines/pair", response_class=StreamingResponse, responses=_PAIRED
)
async def api_pair_machines(
    data: PairMachinesData, operator: Operator, clock: Now
) -> StreamingResponse:
    """Pair many machines. Codes are shown this once; whoever hangs up loses only those."""
    lines = await bulk_pairing.begin_pairing(data, operator_user_id=operator.id, clock=clock)
    headers = {
        "Cache-Control": "no-store",
        "Content-Encoding": "identity",  # compressed, lines would wait until there are more
    }
    return StreamingResponse(lines, media_type=NDJSON, headers=headers)


@spirekeeper_fleet_router.get("/emergency-stop", response_model=StopAnswer)
async def api_get_stop(operator: Operator) -> Response:
    """What the emergency stop would cut now, and what it has cut that was not paired since."""
    return many_answer(await bulk_pairing.describe_stop(operator.id))


@spirekeeper_fleet_router.post("/machines/revoke-all", response_model=RevokeAllResult)
async def api_revoke_all(data: RevokeAllData, operator: Operator, clock: Now) -> Response:
    """The emergency stop: cut all your machines that have a key or a seed, here at once, then at
    the bunker."""
    return many_answer(await bulk_pairing.revoke_all(operator.id, data.expect, clock=clock))


@spirekeeper_fleet_router.post("/machines/act")
async def api_act_on_machines(data: ActData, operator: Operator, clock: Now) -> ActResult:
    """Switch many machines off or on, put a tag on them or take it off, revoke or delete them."""
    return await bulk_acts.act(data, operator.id, clock)


@spirekeeper_fleet_router.post(
    "/machines/import",
    status_code=HTTPStatus.CREATED,
    response_model=MachinesAdded,
    responses={status: {"model": FileRefusedAnswer} for status in (400, 409)},
    openapi_extra=_FLEET,
)
async def api_import_machines(
    request: Request, operator: Operator, clock: Now, same_names: bool = False
) -> Response:
    """Add machines from a CSV file: name, location, and one of your wallets or `make one`.

    All rows are checked first. When any is wrong, every error names its line and nothing is added;
    nor when one is called as another machine is, unless `same_names` says that this is meant.
    """
    content = await _csv_body(request)
    try:
        made = await import_machines(content, operator.id, clock, same_names=same_names)
    except (FileRefused, SameNames) as error:
        return _refusal(error)
    added = MachinesAdded(machines=await machines.describe_all(made, clock))
    return many_answer(added, HTTPStatus.CREATED)


@spirekeeper_fleet_router.post(
    "/machines/import/check",
    response_model=FileChecked,
    responses={400: {"model": FileRefusedAnswer}},
    openapi_extra=_FLEET,
)
async def api_check_import(request: Request, operator: Operator) -> Response:
    """What an import of this file would add, and what it would have to ask. Nothing is written."""
    try:
        return many_answer(await check_file(await _csv_body(request), operator.id))
    except FileRefused as error:
        return _refusal(error)


def _refusal(error: FileRefused | SameNames) -> Response:
    """The error with all that is wrong, for a page that has words of its own for it."""
    problems = [FileProblemAnswer(**vars(each)) for each in error.problems]
    answer = FileRefusedAnswer(detail=error.detail, code=error.code, problems=problems)
    return many_answer(answer, error.status)


async def _csv_body(request: Request) -> bytes:
    """The file, read no further than it may be long."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != CSV:
        raise InvalidInput(f"Send the file itself, with Content-Type: {CSV}.")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            break
    return body


@spirekeeper_fleet_router.get("/machines/{machine_id}/pairings")
async def api_list_pairings(
    machine: OwnMachine,
    limit: Limit = 50,
    offset: Offset = 0,
) -> Page[PairingAnswer]:
    """Every pairing code that the machine was ever given, newest first; never a secret."""
    page = await pairing_rows.get_pairing_page(machine.id, limit, offset)
    answers = [machines.describe_pairing(pairing) for pairing in page.data]
    return Page[PairingAnswer](data=answers, total=page.total)


@spirekeeper_fleet_router.get("/journal", response_model=Page[JournalLine], responses=_LINES)
async def api_get_journal(
    operator: Operator,
    clock: Now,
    machine_id: Id | None = None,
    event: Event | None = None,
    form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
    limit: Limit = 50,
    offset: Offset = 0,
) -> Page[JournalLine] | StreamingResponse:
    """What happened to your machines, newest first, also to those that are gone.

    `format=csv` is a file with all of them. The superuser also sees what belongs to no operator.
    """
    with_nobodys = is_super_user(operator.id)
    if form == "csv":
        rows = await journal_export.as_csv(
            operator.id,
            with_nobodys=with_nobodys,
            machine_id=machine_id,
            event=event,
            clock=clock,
        )
        headers = {"Content-Disposition": 'attachment; filename="spirekeeper-journal.csv"'}
        return StreamingResponse(rows, media_type=CSV, headers=headers)
    return await journal_export.page(
        operator.id,
        with_nobodys=with_nobodys,
        machine_id=machine_id,
        event=event,
        limit=limit,
        offset=offset,
    )


@spirekeeper_fleet_router.get("/notices")
async def api_list_notices(
    operator: Operator,
    clock: Now,
    limit: Limit = 50,
    offset: Offset = 0,
) -> Page[NoticeAnswer]:
    """What you have to know of your machines now, newest first."""
    found = await notify.standing_notices(clock(), operator.id)
    shown = [notify.describe(notice) for notice in found[offset : offset + limit]]
    return Page[NoticeAnswer](data=shown, total=len(found))


@spirekeeper_fleet_router.get("/live")
async def api_get_live_channel(operator: Operator, response: Response) -> LiveChannel:
    """The websocket channel over which your pages are told that something of yours changed."""
    response.headers["Cache-Control"] = "no-store"
    return LiveChannel(channel=page_hints.channel_of(operator.id))
