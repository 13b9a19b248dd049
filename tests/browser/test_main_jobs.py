"""The nine main jobs, done by clicking, on phone and desktop, in each language.

None may take more clicks and letters than the table in docs/operators.md says.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from browser.jobs import FROM_FILE, STREETS, Work, connect_a_bunker
from browser.pictures import Picture
from browser.printing import HOLD_FRAMES
from spirekeeper.devkit.bunker import DevBunker
from support.browsing import DESKTOP, PHONE, SMALL_PHONE, Device, Visits
from support.by_hand import COUNTING, FIGURES, Hands
from support.figures import Figures
from support.host import Caller, Host
from support.many_rows import insert_many
from support.spires import NewSpire

IN_CI = [("es", SMALL_PHONE)]
AT_NIGHT = [("en", DESKTOP), ("en", PHONE), ("es", DESKTOP), ("de", DESKTOP), ("de", SMALL_PHONE)]


@pytest.fixture
async def unconnected(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[DevBunker]:
    """One that accepts no admin yet; LNbits knows of no bunker and no machine."""
    from spirekeeper import crud
    from spirekeeper.connection.open_bunker import close_bunker
    from spirekeeper.store.database import MACHINES, db

    for row in await db.fetchall(f"SELECT id FROM {MACHINES}"):
        await crud.delete_machine(row["id"])
    for name in ("BUNKER_URL", "ADMIN_NSEC", "KEY_PASSPHRASE"):
        monkeypatch.delenv(f"SPIREKEEPER_{name}")
    monkeypatch.setenv("SPIREKEEPER_SETTLE_SECONDS", "0")  # this one is ready at once
    await close_bunker()
    bunker = DevBunker(
        relays=[host.relay.url], admins=[], folder=tmp_path / "bunker", refusal_delay=0.05
    )
    await bunker.start()
    yield bunker
    await host.api("DELETE", "/bunker?force=true", as_=host.superuser)
    await bunker.stop()


async def add_to_three_hundred(operator: Caller) -> None:
    """The machines that are there already count."""
    from spirekeeper.clock import utc_now
    from spirekeeper.models import StoredMachine
    from spirekeeper.store.database import MACHINES
    from spirekeeper.store.search_key import search_key

    now = utc_now()
    others = [
        StoredMachine(
            id=uuid4().hex[:22],
            operator_user_id=operator.user_id,
            wallet_id=uuid4().hex,
            name=name,
            name_sought=search_key(name),
            location_sought="",
            tags_sought="",
            created_at=now,
            updated_at=now,
        )
        for name in STREETS
        if name not in FROM_FILE
    ]
    await insert_many(MACHINES, others)


@pytest.mark.parametrize(
    ("lang", "device"),
    [*IN_CI, *(pytest.param(*each, marks=pytest.mark.long) for each in AT_NIGHT)],
    ids=[f"{lang}-{device.width}px" for lang, device in [*IN_CI, *AT_NIGHT]],
)
async def test_the_nine_main_jobs(
    visit: Visits,
    host: Host,
    newcomer: Caller,
    unconnected: DevBunker,
    new_spire: NewSpire,
    picture: Picture,
    figures: Figures,
    tmp_path: Path,
    lang: str,
    device: Device,
) -> None:
    take = picture if lang == "en" else None
    page = await visit(host.superuser, device, lang=lang, show=False)
    await page.page.add_init_script(COUNTING)
    await page.page.goto("/spirekeeper/")
    superuser = Hands(page)
    async with superuser.do("connect a bunker"):
        await connect_a_bunker(superuser, unconnected)

    page = await visit(newcomer, device, lang=lang, show=False)
    await page.page.add_init_script(COUNTING)
    await page.page.add_init_script(f"({HOLD_FRAMES})()")
    await page.open()
    hands = Hands(page)
    kind = "desktop" if device == DESKTOP else "phone"
    work = Work(hands, host, newcomer, new_spire, tmp_path, kind, take)
    async with hands.do("add a machine"):
        await work.add_a_machine()
    async with hands.do("pair and compare it"):
        await work.pair_and_compare()
    async with hands.do("pair ten from a file, print their sheets, compare them"):
        ten = await work.pair_ten_from_a_file()
    await add_to_three_hundred(newcomer)
    async with hands.do("find one among 300"):
        await work.find()
    async with hands.do("pair it again"):
        newer = await work.pair_again(ten[6])
    async with hands.do("cut it off"):
        await work.cut_off(newer)
    async with hands.do("see what happened"):
        await work.see_what_happened()
    async with hands.do("stop everything"):
        await work.stop_everything(ten[0])

    efforts = {**superuser.efforts, **hands.efforts}
    seconds = {**superuser.seconds, **hands.seconds}
    for job, effort in efforts.items():
        figures.took(job, effort.clicks, effort.typed, seconds[job])
    assert efforts.keys() == FIGURES.keys()
    assert {
        job: effort
        for job, effort in efforts.items()
        if effort.clicks > FIGURES[job].clicks or effort.typed > FIGURES[job].typed
    } == {}
