"""The REST API of the bunker: how it answers, and the superuser's settings of it."""

from http import HTTPStatus

from fastapi import Response

from .connection import bunker_status, open_bunker, settings
from .fleet import abandoned
from .models import Page
from .routing import (
    Limit,
    Now,
    Offset,
    Operator,
    SuperUser,
    Version,
    api_router,
    is_super_user,
)
from .schemas.bunker import (
    AbandonedMachine,
    BunkerConnectionData,
    BunkerStatus,
    BunkerStored,
    LimitsAnswer,
    LimitsData,
    PassphraseKept,
    ReconcileReport,
)
from .schemas.fields import Id
from .schemas.machines import RevokeResult
from .steps import quotas
from .upkeep import reconcile

spirekeeper_bunker_router = api_router()


@spirekeeper_bunker_router.get("/bunker")
async def api_get_bunker(operator: Operator) -> BunkerStatus:
    """Whether and how the bunker answers."""
    return await bunker_status.ask(
        operator.id, quotas.share_of_keys, for_superuser=is_super_user(operator.id)
    )


@spirekeeper_bunker_router.put("/bunker")
async def api_put_bunker(
    data: BunkerConnectionData, account: SuperUser, clock: Now, response: Response
) -> BunkerStored:
    """Store the admin connection. A generated passphrase is shown this once."""
    response.headers["Cache-Control"] = "no-store"
    return await open_bunker.enter_bunker(data, actor=account.id, now=clock)


@spirekeeper_bunker_router.post("/bunker/test")
async def api_test_bunker(data: BunkerConnectionData, _account: SuperUser) -> BunkerStatus:
    """Try an admin connection without storing it. The admin key left out: the one in force."""
    return await bunker_status.try_out(data, quotas.share_of_keys)


@spirekeeper_bunker_router.post("/bunker/passphrase")
async def api_make_passphrase(account: SuperUser, clock: Now, response: Response) -> BunkerStored:
    """Make a new passphrase, for keys that are made from now on. It is shown this once."""
    response.headers["Cache-Control"] = "no-store"
    return await open_bunker.make_passphrase(actor=account.id, now=clock)


@spirekeeper_bunker_router.post("/bunker/passphrase/kept", status_code=HTTPStatus.NO_CONTENT)
async def api_keep_passphrase(data: PassphraseKept, _account: SuperUser) -> None:
    """Confirm that the passphrase that was made is kept: its last four letters show it."""
    await settings.keep_passphrase(data.last_four)


@spirekeeper_bunker_router.get("/bunker/limits")
async def api_get_limits(_account: SuperUser) -> LimitsAnswer:
    """How many keys the bunker may be asked for, and was."""
    return await quotas.tell_limits()


@spirekeeper_bunker_router.put("/bunker/limits")
async def api_put_limits(data: LimitsData, account: SuperUser, clock: Now) -> LimitsAnswer:
    """Allow more keys, or fewer. Counts at once; what is left out is as the environment says."""
    return await quotas.set_limits(data, actor=account.id, now=clock())


@spirekeeper_bunker_router.delete("/bunker", status_code=HTTPStatus.NO_CONTENT)
async def api_delete_bunker(
    account: SuperUser, clock: Now, force: bool = False, version: Version = None
) -> None:
    """Forget the stored admin connection; that of the environment is then in force."""
    await open_bunker.forget_bunker(actor=account.id, now=clock, force=force, version=version)


@spirekeeper_bunker_router.post("/bunker/reconcile")
async def api_reconcile_bunker(account: SuperUser, clock: Now) -> ReconcileReport:
    """Compare everything of ours in the bunker with what is written here, and mend what is safe."""
    return await reconcile.reconcile(actor=account.id, clock=clock)


@spirekeeper_bunker_router.get("/abandoned")
async def api_list_abandoned(
    _account: SuperUser, limit: Limit = 50, offset: Offset = 0
) -> Page[AbandonedMachine]:
    """Machines whose operator's account is deleted or deactivated."""
    return await abandoned.list_page(limit, offset)


@spirekeeper_bunker_router.post("/abandoned/{machine_id}/revoke")
async def api_revoke_abandoned(machine_id: Id, account: SuperUser, clock: Now) -> RevokeResult:
    """Cut such a machine off: here at once, then at the bunker."""
    machine = await abandoned.get(machine_id)
    return await abandoned.cut(machine, actor=account.id, clock=clock)


@spirekeeper_bunker_router.delete("/abandoned/{machine_id}")
async def api_delete_abandoned(machine_id: Id, account: SuperUser, clock: Now) -> RevokeResult:
    """Cut such a machine off, then remove it. What the bunker still owes stays owed."""
    machine = await abandoned.get(machine_id)
    return await abandoned.remove(machine, actor=account.id, clock=clock)
