"""The real LNbits app in this process, with the extension, a relay and a development bunker.

LNbits reads its environment when it is first imported, so that is set right here, before any test
module is. At boot it imports the extension anew: tests import its modules where they use them.

The database is SQLite; with SPIREKEEPER_TEST_POSTGRES=1 it is a throw-away PostgreSQL.
"""

import atexit
import itertools
import os
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import httpx
import pytest
from asgi_lifespan import LifespanManager
from host import Caller, Host, by_hand, first_install, register
from movable_clock import MovableClock
from nostr_sdk import Keys
from spirekeeper.devkit.bunker import DevBunker, Lineage
from spirekeeper.devkit.lnbits import is_foreign, lay_out, lnbits_environment
from spirekeeper.devkit.postgres import Postgres, PostgresError
from spirekeeper.devkit.relay import DevRelay
from spirekeeper.spire.machine import Machine
from spires import NewSpire

BASE_URL = "http://lnbits.test"


def _database() -> Postgres | None:
    """The throw-away cluster that was asked for; None: SQLite."""
    if os.environ.get("SPIREKEEPER_TEST_POSTGRES") != "1":
        return None
    try:
        cluster = Postgres()
        cluster.start()
    except PostgresError as error:
        pytest.exit(str(error), returncode=1)
    atexit.register(cluster.stop)
    return cluster


def _prepare(cluster: Postgres | None) -> Path:
    if "lnbits" in sys.modules:
        raise RuntimeError("lnbits was imported before its environment was set")
    folder = Path(mkdtemp(prefix="spirekeeper-tests-"))
    atexit.register(shutil.rmtree, folder)
    lay_out(folder)
    for name in filter(is_foreign, list(os.environ)):
        del os.environ[name]
    os.environ.update(lnbits_environment(folder, BASE_URL))
    if cluster is not None:
        os.environ["LNBITS_DATABASE_URL"] = cluster.url()
    return folder


CLUSTER = _database()
FOLDER = _prepare(CLUSTER)


@pytest.fixture(scope="session")
def cluster() -> Postgres | None:
    """The PostgreSQL under LNbits; None: it is SQLite."""
    return CLUSTER


@pytest.fixture(scope="session")
async def host_relay() -> AsyncIterator[DevRelay]:
    async with DevRelay() as relay:
        yield relay


@pytest.fixture(scope="session")
def host_admin() -> Keys:
    """The key that the extension administrates the bunker with."""
    return Keys.generate()


@pytest.fixture(scope="session")
async def host_bunker(host_relay: DevRelay, host_admin: Keys) -> AsyncIterator[DevBunker]:
    """The bunker that the extension's environment names."""
    bunker = DevBunker(
        relays=[host_relay.url],
        admins=[host_admin.public_key().to_hex()],
        folder=FOLDER / "bunker",
        refusal_delay=0.05,
    )
    await bunker.start()
    yield bunker
    await bunker.stop()


@pytest.fixture(scope="session")
async def running_host(
    host_relay: DevRelay, host_bunker: DevBunker, host_admin: Keys
) -> AsyncIterator[Host]:
    """One LNbits for all tests; `host` hands it out."""
    os.environ.update(
        {
            "SPIREKEEPER_BUNKER_URL": host_bunker.url,
            "SPIREKEEPER_ADMIN_NSEC": host_admin.secret_key().to_bech32(),
            "SPIREKEEPER_KEY_PASSPHRASE": "a passphrase of the tests",
            "SPIREKEEPER_ALLOW_PRIVATE_RELAYS": "true",
            "SPIREKEEPER_PAIRS_A_MINUTE": "100000",  # one operator pairs in nearly every test
        }
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(FOLDER)
        from lnbits.app import create_app

        app = create_app()
        transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 50000))
        async with (
            LifespanManager(app, startup_timeout=60, shutdown_timeout=30),
            httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client,
        ):
            by_hand()
            yield Host(
                app=app,
                client=client,
                relay=host_relay,
                bunker=host_bunker,
                superuser=await first_install(client),
                operator=await register(client, "operator"),
                other_operator=await register(client, "other_operator"),
                stranger=await register(client, "stranger", enable=False),
            )


@pytest.fixture
async def host(running_host: Host) -> AsyncIterator[Host]:
    """LNbits and its bunker; what a test did to the bunker's manners is undone."""
    yield running_host
    running_host.bunker.levers.normal()


BOTH_BEHAVIOURS = (Lineage.NEWER_NDK, Lineage.LIVE_POLICY)


@pytest.fixture(params=BOTH_BEHAVIOURS, ids=lambda each: each.name)
async def alone(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> AsyncIterator[Host]:
    """The host with a bunker that no other test uses, on both behaviours; the environment's."""
    async with _own_bunker(host, tmp_path, monkeypatch, lineage=request.param) as own:
        yield own


@pytest.fixture(params=BOTH_BEHAVIOURS, ids=lambda each: each.name)
async def one_clock(
    host: Host,
    host_clock: MovableClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> AsyncIterator[Host]:
    """As `alone`, with the clock of the API handed to the bunker too."""
    async with _own_bunker(
        host, tmp_path, monkeypatch, lineage=request.param, clock=host_clock
    ) as own:
        yield own


@asynccontextmanager
async def _own_bunker(
    host: Host, folder: Path, monkeypatch: pytest.MonkeyPatch, **options: Any
) -> AsyncIterator[Host]:
    bunker = DevBunker(
        relays=[host.relay.url],
        admins=host.bunker.admins,
        folder=folder / "bunker",
        refusal_delay=0.05,
        **options,
    )
    await bunker.start()
    monkeypatch.setenv("SPIREKEEPER_BUNKER_URL", bunker.url)
    yield replace(host, bunker=bunker)
    bunker.levers.normal()
    await bunker.start()
    await _remove_machines(host, bunker)
    await bunker.stop()


async def _remove_machines(host: Host, bunker: DevBunker) -> None:
    """Machines that are paired through it would hold the settings fast."""
    from spirekeeper import crud_work

    for key in await crud_work.get_keys_in_use(bunker.pubkey):
        await host.api("DELETE", f"/machines/{key.machine_id}")


@pytest.fixture
def new_spire(tmp_path: Path) -> NewSpire:
    """A reference machine that has never been booted."""
    numbers = itertools.count(1)
    return lambda: Machine(tmp_path / f"spire-{next(numbers)}", timeout=5.0)


_numbers = itertools.count(1)


@pytest.fixture
async def newcomer(host: Host) -> Caller:
    """An operator who has no machine yet."""
    return await host.newcomer(f"newcomer{next(_numbers)}")


@pytest.fixture
def host_clock(host: Host) -> Iterator[MovableClock]:
    """The API's clock; it stands at the present moment until it is moved."""
    from spirekeeper.routing import get_clock

    clock = MovableClock(datetime.now(timezone.utc))
    host.app.dependency_overrides[get_clock] = lambda: clock
    yield clock
    del host.app.dependency_overrides[get_clock]
