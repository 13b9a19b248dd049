"""The REST API under /spirekeeper/api/v1/dca: parse, guard, call one function."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import Depends, Response

from . import roster
from .errors import NotFound
from .fleet import machines
from .models import Machine, MachineQuery, MachineState, Page, RosterEntry
from .pairing import pair_machine
from .routing import Limit, Now, Offset, Operator, api_router, is_super_user, many_answer
from .schemas.fields import AnyKey, Id, Search
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
    WalletAnswer,
)
from .schemas.relays import RelayCheck, RelaysToCheck
from .steps import redemption, verdict
from .steps.redemption import Look
from .steps.relay_checks import check_relays
from .steps.revoke import revoke_spire
from .upkeep import notices

ASK_SECONDS = 1.0

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


@spirekeeper_api_router.get("/machines", response_model=Page[MachineAnswer])
async def api_list_machines(
    operator: Operator,
    clock: Now,
    search: Search | None = None,
    state: MachineState | None = None,
    sortby: Literal[
        "name", "location", "state", "created_at", "paired_at", "last_seen_at"
    ] = "created_at",
    direction: Literal["asc", "desc"] = "asc",
    limit: Limit = 50,
    offset: Offset = 0,
) -> Response:
    """Your machines. `search` is the beginning of a name or a location, in whatever case."""
    query = MachineQuery(
        search=search or "",
        state=state,
        sort_by=sortby,
        descending=direction == "desc",
        limit=limit,
        offset=offset,
    )
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
