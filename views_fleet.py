"""The REST API for many machines at once, and for what operators are told: the journal, notices,
and hints to an open page."""

from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from fastapi.responses import StreamingResponse

from .errors import InvalidInput
from .fleet import bulk_acts, bulk_pairing, journal_export, machines
from .fleet.csv_import import MOST_BYTES, import_machines
from .models import Page
from .routing import CSV, Limit, Now, Offset, Operator, api_router, is_super_user, many_answer
from .schemas.bulk_acts import ActData, ActResult
from .schemas.fields import Event, Id
from .schemas.fleet import (
    JournalLine,
    MachinesAdded,
    PairMachinesData,
    RevokeAllData,
    RevokeAllResult,
)
from .schemas.machines import PairingAnswer
from .schemas.notices import LiveChannel, NoticeAnswer
from .store import pairing_rows
from .upkeep import notify, page_hints
from .views_api import OwnMachine

NDJSON = "application/x-ndjson"

_PAIRED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A line for each machine, as soon as it is done: its seed, as a single pair "
        "answers it, or why it has none.",
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
                "example": "at,actor,machine_id,event,outcome,detail\n"
                "2026-11-23T12:00:00+00:00,spirekeeper,esi4f9JnFPECgHZXqpx28y,listening,silent,\n",
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
    """Pair many machines. Seeds are shown this once; whoever hangs up loses only those."""
    lines = await bulk_pairing.begin_pairing(data, operator_user_id=operator.id, clock=clock)
    headers = {
        "Cache-Control": "no-store",
        "Content-Encoding": "identity",  # compressed, lines would wait until there are more
    }
    return StreamingResponse(lines, media_type=NDJSON, headers=headers)


@spirekeeper_fleet_router.post("/machines/revoke-all", response_model=RevokeAllResult)
async def api_revoke_all(data: RevokeAllData, operator: Operator, clock: Now) -> Response:
    """The emergency stop: cut all your machines here at once, then at the bunker."""
    return many_answer(await bulk_pairing.revoke_all(operator.id, data.expect, clock=clock))


@spirekeeper_fleet_router.post("/machines/act")
async def api_act_on_machines(data: ActData, operator: Operator, clock: Now) -> ActResult:
    """Switch many machines off or on, put a tag on them or take it off, revoke or delete them."""
    return await bulk_acts.act(data, operator.id, clock)


@spirekeeper_fleet_router.post(
    "/machines/import",
    status_code=HTTPStatus.CREATED,
    response_model=MachinesAdded,
    openapi_extra=_FLEET,
)
async def api_import_machines(request: Request, operator: Operator, clock: Now) -> Response:
    """Add machines from a CSV file: name, location, and one of your wallets or `make one`.

    All rows are checked first. When any is wrong, every error names its line and nothing is added.
    """
    made = await import_machines(await _csv_body(request), operator.id, clock)
    added = MachinesAdded(machines=await machines.describe_all(made, clock))
    return many_answer(added, HTTPStatus.CREATED)


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
    """Every seed that the machine was ever given, newest first; never a secret."""
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
