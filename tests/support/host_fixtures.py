"""The real LNbits app in this process, with the extension, a relay and a development bunker.

A pytest plugin, so that all tests share the one app. LNbits reads its environment when it is first
imported, and at boot it imports the extension anew: tests import its modules where they use them.

The database is SQLite; with SPIREKEEPER_TEST_POSTGRES=1 it is a throw-away PostgreSQL, and tests
that use no database are left out.
"""

import itertools
import os
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timezone
from pathlib import Path
from tempfile import mkdtemp

import httpx
import pytest
from asgi_lifespan import LifespanManager
from nostr_sdk import Keys
from spirekeeper.devkit.bunker import DevBunker
from spirekeeper.devkit.house import UNLIMITED
from spirekeeper.devkit.lnbits import is_foreign, lay_out, lnbits_environment
from spirekeeper.devkit.postgres import Postgres
from spirekeeper.devkit.relay import DevRelay
from spirekeeper.spire.machine import Machine

from support.cash_ledger import Place
from support.databases import ON_POSTGRES
from support.host import Caller, Host, by_hand, first_install, register
from support.movable_clock import MovableClock
from support.own_bunker import forget_machines_elsewhere
from support.serving import served
from support.spires import NewSpire

BASE_URL = "http://lnbits.test"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Whatever uses a database asks for `cluster`, most by way of `host`."""
    if not ON_POSTGRES:
        return
    found = {True: [], False: []}
    for item in items:
        found["cluster" in getattr(item, "fixturenames", ())].append(item)
    items[:] = found[True]
    config.hook.pytest_deselected(items=found[False])


@pytest.fixture(scope="session")
def cluster() -> Iterator[Postgres | None]:
    """The PostgreSQL under LNbits; None: it is SQLite."""
    if not ON_POSTGRES:
        yield None
        return
    with Postgres() as running:
        yield running


@pytest.fixture
async def server(host: Host, cluster: Postgres) -> AsyncIterator[Postgres]:
    """The PostgreSQL, to be restarted. LNbits' own connections end with it, and would be noticed by
    whoever asks next."""
    from lnbits.core.db import db

    assert host
    yield cluster
    await db.engine.dispose()


@pytest.fixture(scope="session")
def host_folder(cluster: Postgres | None) -> Iterator[Path]:
    """The directory that LNbits runs in; its environment is set."""
    if "lnbits" in sys.modules:
        raise RuntimeError("lnbits was imported before its environment was set")
    folder = Path(mkdtemp(prefix="spirekeeper-tests-"))
    lay_out(folder)
    for name in filter(is_foreign, list(os.environ)):
        del os.environ[name]
    os.environ.update(lnbits_environment(folder, BASE_URL))
    if cluster is not None:
        os.environ["LNBITS_DATABASE_URL"] = cluster.url()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def books_place(host_folder: Path, cluster: Postgres | None) -> Place:
    """Where the tables of this LNbits are, for `support.cash_ledger`."""
    return host_folder / "data" if cluster is None else cluster.url()


@pytest.fixture(scope="session")
async def host_relay() -> AsyncIterator[DevRelay]:
    async with DevRelay() as relay:
        yield relay


@pytest.fixture(scope="session")
def host_admin() -> Keys:
    """The key that the extension administrates the bunker with."""
    return Keys.generate()


@pytest.fixture(scope="session")
async def host_bunker(
    host_relay: DevRelay, host_admin: Keys, host_folder: Path
) -> AsyncIterator[DevBunker]:
    """The bunker that the extension's environment names."""
    bunker = DevBunker(
        relays=[host_relay.url],
        admins=[host_admin.public_key().to_hex()],
        folder=host_folder / "bunker",
        refusal_delay=0.05,
    )
    await bunker.start()
    yield bunker
    await bunker.stop()


@pytest.fixture(scope="session")
async def running_host(
    host_folder: Path, host_relay: DevRelay, host_bunker: DevBunker, host_admin: Keys
) -> AsyncIterator[Host]:
    """One LNbits for all tests; `host` hands it out."""
    os.environ.update(
        {
            "SPIREKEEPER_BUNKER_URL": host_bunker.url,
            "SPIREKEEPER_ADMIN_NSEC": host_admin.secret_key().to_bech32(),
            "SPIREKEEPER_KEY_PASSPHRASE": "a passphrase of the tests",
            "SPIREKEEPER_ALLOW_PRIVATE_RELAYS": "true",
            **UNLIMITED,  # one operator pairs in nearly every test
        }
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(host_folder)
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


@pytest.fixture(scope="session")
async def base_url(running_host: Host) -> AsyncIterator[str]:
    """The same LNbits behind a real server."""
    async with served(running_host.app) as url:
        yield url


@pytest.fixture
async def host(running_host: Host) -> AsyncIterator[Host]:
    """LNbits and its bunker; what a test did to the bunker's manners and keys is undone.

    The page would tell every later test of a bunker that was away here, and of a key that was made
    with a passphrase of the test's own: nothing unlocks it any more, so its machine is removed. So
    is one that is paired through a bunker that only the test had.
    """
    starts = running_host.bunker.starts
    yield running_host
    from spirekeeper.store import notice_rows

    await notice_rows.delete_notice("", "bunker_away")
    running_host.bunker.levers.normal()
    if running_host.bunker.starts != starts:
        from spirekeeper import crud
        from spirekeeper.clock import utc_now
        from spirekeeper.connection.open_bunker import open_bunker
        from spirekeeper.upkeep import unlocking

        for left in await unlocking.check_and_unlock(await open_bunker(), utc_now):
            if left.reason is not None:
                await crud.delete_machine(left.key.machine_id)
    await forget_machines_elsewhere(running_host.bunker)


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
