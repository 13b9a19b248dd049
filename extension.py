"""What LNbits runs: the routes, start and stop. It mounts no static files: `views.py`."""

from fastapi import APIRouter

from . import tasks
from .cash import host_transport
from .connection import environment
from .store.database import aside, both, core, db, ledger
from .upkeep import host_roster
from .views import spirekeeper_page_router
from .views_api import spirekeeper_api_router
from .views_bunker import spirekeeper_bunker_router
from .views_cash import spirekeeper_cash_router
from .views_fleet import spirekeeper_fleet_router
from .views_health import spirekeeper_health_router
from .views_lnurl import spirekeeper_lnurl_router
from .views_webhook import spirekeeper_webhook_router

spirekeeper_ext = APIRouter(prefix="/spirekeeper", tags=["spirekeeper"])
spirekeeper_ext.include_router(spirekeeper_page_router)
spirekeeper_ext.include_router(spirekeeper_api_router)
spirekeeper_ext.include_router(spirekeeper_bunker_router)
spirekeeper_ext.include_router(spirekeeper_cash_router)
spirekeeper_ext.include_router(spirekeeper_fleet_router)
spirekeeper_ext.include_router(spirekeeper_health_router)
spirekeeper_ext.include_router(spirekeeper_lnurl_router)
spirekeeper_ext.include_router(spirekeeper_webhook_router)


def spirekeeper_start() -> None:
    environment.read()
    tasks.start()
    host_roster.start()
    host_transport.start()


async def spirekeeper_stop() -> None:
    host_transport.stop()
    host_roster.stop()
    await tasks.stop()
    for database in (db, aside, core, both, ledger):
        await database.close()


__all__ = [
    "db",
    "spirekeeper_ext",
    "spirekeeper_start",
    "spirekeeper_stop",
]
