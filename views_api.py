"""The REST API under /spirekeeper/api/v1/dca: parse, guard, call one function."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Response
from fastapi.responses import StreamingResponse

from . import roster
from .errors import NotFound
from .fleet import machine_export, machines
from .models import Machine, MachineState, RosterEntry
from .pairing import pair_machine
from .routing import CSV, Limit, Now, Offset, Operator, api_router, is_super_user, many_answer
from .schemas.fields import AnyKey, Id, Search
from .schemas.machine_list import MachinesAnswer, WalletAnswer
from .schemas.machines import (
    CancelResult,
    Caution,
    ClientToJudge,
    CreateMachine,
    MachineAnswer,
    PairingStatus,
    PairMachineData,
    PairResult,
    RevokeResult,
    UpdateMachine,
)
from .schemas.relays import RelayCheck, RelaysToCheck
from .steps import redemption, verdict
from .steps.redemption import Look
from .steps.relay_checks import check_relays
from .steps.revoke import revoke_spire
from .store.machine_list import MachineQuery
from .upkeep import notices

ASK_SECONDS = 1.0
_LISTED: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            CSV: {
                "schema": {"type": "string"},
                "example": "name,location,tags,state,reason,since,is_active,wallet_id,fiat_code,"
                "spire_npub,spire_fingerprint,connected_since,last_seen_at,paired_at,created_at,id"
                "\nStation North,Hall 2,north,unpaired,,2026-11-23T12:00:00+00:00,true,"
                "fc36f2b333c94f99a3066ff38d2245cb,EUR,,,,,,2026-11-23T12:00:00+00:00,"
                "esi4f9JnFPECgHZXqpx28y\n",
            }
        }
    }
}

spirekeeper_api_router = api_router()


async def own_machine(machine_id: Id, operator: Operator) -> Machine:
    """The caller's machine; 404 alike for one that is not there and for somebody else's."""
    return await machines.get_own(machine_id, operator.id)


OwnMachine = Annotated[Machine, Depends(own_machine)]


@spirekeeper_api_router.post("/machines", status_code=HTTPStatus.CREATED)
async def api_create_machine(data: CreateMachine, operator: Operator, clock: Now) -> MachineAnswer:
    """Add a machine. Its npub comes from the bunker, when it is paired."""
    machine = await machines.add(data, operator.id, clock)
    return await machines.describe_one(machine, clock)


@spirekeeper_api_router.get("/machines", response_model=MachinesAnswer, responses=_LISTED)
async def api_list_machines(
    operator: Operator,
    clock: Now,
    search: Search | None = None,
    state: MachineState | None = None,
    active: bool | None = None,
    sortby: Literal[
        "name", "location", "state", "created_at", "paired_at", "last_seen_at"
    ] = "created_at",
    direction: Literal["asc", "desc"] = "asc",
    form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
    limit: Limit = 50,
    offset: Offset = 0,
) -> Response:
    """Your machines. `search` is any part of a name, location, tag, npub or fingerprint, in any
    case, with or without accents. `format=csv` is a file with all of them, on whatever page."""
    query = MachineQuery(
        search=search or "",
        state=state,
        active=active,
        sort_by=sortby,
        descending=direction == "desc",
        limit=limit,
        offset=offset,
    )
    if form == "csv":
        rows = await machine_export.as_csv(operator.id, query, clock)
        headers = {"Content-Disposition": 'attachment; filename="spirekeeper-machines.csv"'}
        return StreamingResponse(rows, media_type=CSV, headers=headers)
    return many_answer(await machines.list_page(operator.id, query, clock))


@spirekeeper_api_router.get("/machines/{machine_id}")
async def api_get_machine(machine: OwnMachine, clock: Now) -> MachineAnswer:
    """One of your machines."""
    return await machines.describe_one(machine, clock)


@spirekeeper_api_router.put("/machines/{machine_id}")
async def api_update_machine(
    machine: OwnMachine, data: UpdateMachine, operator: Operator, clock: Now
) -> MachineAnswer:
    """Change a machine. `is_active: false` silences the roster and asks nothing of the bunker."""
    edited = await machines.edit(machine, data, operator.id, clock)
    return await machines.describe_one(edited, clock)


@spirekeeper_api_router.delete("/machines/{machine_id}")
async def api_delete_machine(machine: OwnMachine, operator: Operator, clock: Now) -> RevokeResult:
    """Revoke a machine, then remove it. What the bunker still owes stays owed."""
    return await machines.remove(machine, actor=operator.id, clock=clock)


@spirekeeper_api_router.post("/machines/{machine_id}/pair")
async def api_pair_machine(
    machine: OwnMachine, data: PairMachineData, operator: Operator, clock: Now, response: Response
) -> PairResult:
    """A fresh pairing code for the machine, shown this once. An older unused one dies."""
    response.headers["Cache-Control"] = "no-store"
    return await pair_machine(machine, data, actor=operator.id, clock=clock)


@spirekeeper_api_router.get("/machines/{machine_id}/pairing")
async def api_get_pairing(machine: OwnMachine, clock: Now) -> PairingStatus:
    """Where the pairing stands, after asking the bunker for at most a second."""
    look = await redemption.look(machine, clock, ASK_SECONDS)
    return PairingStatus(
        state=look.standing.state,
        reason=look.standing.reason,
        since=look.standing.since,
        bunker="ok" if look.as_of else "unreachable",
        as_of=look.as_of,
        pairing=machines.describe_pairing(look.current) if look.current else None,
        warnings=_warnings(machine, look, clock()),
    )


def _warnings(machine: Machine, look: Look, now: datetime) -> list[Caution]:
    warnings = []
    if look.current is not None and look.current.bunker_listens is False:
        words = (
            "The bunker was not heard on the pairing code's relay; pair again over one it listens "
            "on."
        )
        warnings.append(Caution(code="bunker_not_heard", words=words))
    notice = notices.session_ending(machine, look.pairings, now)
    if notice is not None and machine.cut_at is None:
        warnings.append(Caution(code="session_ending", words=notice.words))
    return warnings


@spirekeeper_api_router.delete("/machines/{machine_id}/pairing")
async def api_cancel_pairing(machine: OwnMachine, operator: Operator, clock: Now) -> CancelResult:
    """Cancel the pairing code that waits to be scanned."""
    return await verdict.cancel(machine, actor=operator.id, clock=clock)


@spirekeeper_api_router.post("/machines/{machine_id}/pairing/confirm")
async def api_confirm_pairing(
    machine: OwnMachine, data: ClientToJudge, operator: Operator, clock: Now
) -> CancelResult:
    """The machine's screen shows this client's fingerprint: route, and end older connections."""
    return await verdict.confirm(machine, data.client_pubkey, actor=operator.id, clock=clock)


@spirekeeper_api_router.post("/machines/{machine_id}/pairing/reject")
async def api_reject_pairing(
    machine: OwnMachine, data: ClientToJudge, operator: Operator, clock: Now
) -> CancelResult:
    """It shows another fingerprint: cut this client and whoever else redeemed the pairing code."""
    return await verdict.reject(machine, data.client_pubkey, actor=operator.id, clock=clock)


@spirekeeper_api_router.post("/machines/{machine_id}/revoke")
async def api_revoke_machine(machine: OwnMachine, operator: Operator, clock: Now) -> RevokeResult:
    """Cut the machine off: here at once, then at the bunker."""
    return await revoke_spire(machine, actor=operator.id, clock=clock)


@spirekeeper_api_router.get("/roster/{key}")
async def api_get_roster(key: AnyKey, operator: Operator, clock: Now) -> RosterEntry:
    """Your machine and wallet behind a spire's npub or hex key; 404 whenever there is doubt."""
    entry = await roster.resolve(key, clock, operator.id)
    if entry is None:
        raise NotFound("No machine of yours answers to that key.")
    return entry


@spirekeeper_api_router.get("/wallets")
async def api_list_wallets(operator: Operator) -> list[WalletAnswer]:
    """Your wallets, and which machine each serves: a wallet serves one."""
    return await machines.wallets(operator.id)


@spirekeeper_api_router.post("/relays/check")
async def api_check_relays(data: RelaysToCheck, operator: Operator, clock: Now) -> list[RelayCheck]:
    """Try relays from the server: reachable or not, and nothing else."""
    for_superuser = is_super_user(operator.id)
    return await check_relays(data, operator.id, clock(), for_superuser=for_superuser)
