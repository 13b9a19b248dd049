"""Somebody who can write to the database, and no more, puts an older connection back."""

import importlib
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from nostr_sdk import Keys
from support.host import Host
from system.secrets import unsealed
from system.secrets.sealed_bunker import PASSPHRASE, lnbits_secret, put, stored

LEAKED = "the passphrase before"


async def put_back(row: Any) -> None:
    """Whole: the seal, and the columns that it vouches for."""
    from spirekeeper.store import bunker_settings

    if await bunker_settings.get_bunker_settings() is None:
        await bunker_settings.create_bunker_settings(row)
    else:
        await bunker_settings.update_bunker_settings(row)


def resealed(row: Any, count: int | None) -> Any:
    """The same with another count, by whoever has LNbits' secret too; None: as older versions
    sealed, without one."""
    inside = json.loads(unsealed.opened(row.dict(), lnbits_secret()))
    inside.pop("count")
    if count is not None:
        inside["count"] = count
    blob = unsealed.sealed(json.dumps(inside).encode(), row.dict(), lnbits_secret())
    return row.copy(update={"sealed": blob})


async def count_of(row: Any) -> int:
    return int(json.loads(unsealed.opened(row.dict(), lnbits_secret()))["count"])


def restart() -> Path:
    """The process remembers nothing; its file is there. Answers with the file."""
    from lnbits.settings import settings
    from spirekeeper.connection import newest_seal

    importlib.reload(newest_seal)
    return Path(settings.lnbits_data_folder, newest_seal.FILE)


async def is_refused(host: Host) -> None:
    host.bunker.calls.clear()
    status = (await host.api("GET", "/bunker", as_=host.superuser)).json()
    assert (status["reachable"], status["problem_code"]) == (False, "no_bunker")
    assert "is an older one" in status["problem"]
    pair = await host.api("POST", f"/machines/{await host.add_machine()}/pair", host.pair_request())
    assert (pair.status_code, pair.json()["code"]) == (503, "no_bunker")
    assert host.bunker.calls == []


async def works(host: Host) -> bool:
    status = (await host.api("GET", "/bunker", as_=host.superuser)).json()
    return bool(status["reachable"])


@pytest.fixture
async def older(sealed: Host, host_admin: Keys) -> Any:
    """A row that was replaced, since its secrets leaked; the newer one has been in force."""
    await put(sealed, host_admin, key_passphrase=LEAKED)
    row = await stored()
    await put(sealed, host_admin)
    assert await works(sealed)
    return row


async def test_an_older_row_is_not_opened_again(sealed: Host, older: Any) -> None:
    newer = await stored()
    await put_back(older)
    await is_refused(sealed)
    await put_back(newer)
    assert await works(sealed)


async def test_nor_after_a_restart(sealed: Host, older: Any) -> None:
    file = restart()
    assert file.stat().st_mode & 0o777 == 0o600
    await put_back(older)
    await is_refused(sealed)


async def test_without_process_and_file_it_cannot_be_told(sealed: Host, older: Any) -> None:
    """As SECURITY.md says: where the data folder is lost, or is the database's own."""
    restart().unlink()
    await put_back(older)
    assert await works(sealed)


@pytest.mark.parametrize("text", [b"", b"not a number", b"\xff" * 30])
async def test_a_file_that_was_spoilt_is_written_anew(
    sealed: Host, older: Any, text: bytes
) -> None:
    file = restart()
    file.write_bytes(text)
    assert await works(sealed)
    restart()
    await put_back(older)
    await is_refused(sealed)


async def test_a_data_folder_that_takes_no_file_leaves_the_process_its_memory(
    sealed: Host, host_admin: Keys, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from spirekeeper.connection import newest_seal

    elsewhere = SimpleNamespace(lnbits_data_folder=tmp_path / "none")
    monkeypatch.setattr(newest_seal, "lnbits_settings", elsewhere)
    await put(sealed, host_admin, key_passphrase=LEAKED)
    older = await stored()
    await put(sealed, host_admin)
    assert await works(sealed)
    await put_back(older)
    await is_refused(sealed)


async def test_one_that_was_forgotten_does_not_come_back(sealed: Host, older: Any) -> None:
    """Neither the last one nor one before it."""
    last = await stored()
    gone = await sealed.api("DELETE", "/bunker?force=true", as_=sealed.superuser)
    assert gone.status_code == 204
    for row in (last, older):
        await put_back(row)
        await is_refused(sealed)


async def test_a_newer_one_of_another_process_is_taken(sealed: Host, older: Any) -> None:
    """And what this process had in force before is an older one from then on."""
    ours = await stored()
    await put_back(resealed(ours, await count_of(ours) + 100))
    assert await works(sealed)
    await put_back(ours)
    await is_refused(sealed)


async def test_a_seal_of_an_older_version_is_opened_until_it_is_stored_anew(
    sealed: Host, host_admin: Keys
) -> None:
    uncounted = resealed(await stored(), None)
    restart().unlink()
    await put_back(uncounted)
    assert await works(sealed)
    await put(sealed, host_admin)
    assert await count_of(await stored()) > 1_700_000_000
    assert await works(sealed)
    await put_back(uncounted)
    await is_refused(sealed)


@pytest.mark.parametrize("forced", [False, True])
async def test_entering_it_again_heals(sealed: Host, host_admin: Keys, forced: bool) -> None:
    """Passphrases are kept, which keys may need; an admin key that was put back is not."""
    await put(sealed, host_admin, key_passphrase=LEAKED)
    await sealed.pair(await sealed.add_machine())
    older = await stored()
    await put(sealed, host_admin)
    assert await works(sealed)
    await put_back(older)
    body: dict[str, Any] = {"bunker_url": sealed.bunker.url, "key_passphrase": PASSPHRASE}
    refused = await sealed.api("PUT", "/bunker", body, as_=sealed.superuser)
    assert (refused.status_code, refused.json()["code"]) == (503, "no_bunker")
    if forced:
        body["force"] = True
    else:
        body["admin_nsec"] = Keys.generate().secret_key().to_bech32()
    entered = await sealed.api("PUT", "/bunker", body, as_=sealed.superuser)
    assert entered.status_code == 200, entered.text
    assert entered.json()["admin_npub"] != host_admin.public_key().to_bech32()
    inside = json.loads(unsealed.opened((await stored()).dict(), lnbits_secret()))
    assert {LEAKED, PASSPHRASE} <= set(inside["passphrases"].values())
    await put_back(older)
    await is_refused(sealed)
    await put(sealed, host_admin, force=True)
    assert await works(sealed)


async def test_a_store_in_the_same_second_counts_on(sealed: Host, host_admin: Keys) -> None:
    counts = []
    for _ in range(5):
        await put(sealed, host_admin)
        counts.append(await count_of(await stored()))
    assert counts == sorted(set(counts))
