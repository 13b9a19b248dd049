"""The daemon's error texts can quote a token, so they are never shown, logged or stored."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.figures import Figures
from support.host import Host
from support.settling import background_work
from unit.traps.trapped import connected

MARK = "5ec4e7d0f00dfeedc0ffee"
WORDS = f"""
Invalid `prisma.token.create()` invocation in
/app/dist/index.js:1183:52

→ 1183   const record = await prisma.token.create({{ data: {{ token: "{MARK}" }} }})
"""


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], str]]:
    """What every logger has said, values of variables in tracebacks included."""
    from loguru import logger

    lines: list[str] = []
    sink = logger.add(lines.append, level=0, backtrace=True, diagnose=True)
    caplog.set_level(0)
    for name in ("aiosqlite", "websockets", "httpx", "asyncio", "spirekeeper"):
        caplog.set_level(logging.DEBUG, logger=name)
    yield lambda: "\n".join(["".join(lines), caplog.text])
    logger.remove(sink)


def stored() -> bytes:
    from lnbits.settings import settings

    folder = Path(settings.lnbits_data_folder)
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


async def everything(host: Host, machine_id: str, client_pubkey: str) -> list[str]:
    """The answers to all that makes the bunker work."""
    from spirekeeper.connection.open_bunker import close_bunker

    judged = {"client_pubkey": client_pubkey}
    legacy = host.pair_request(legacy_nip04=True)
    answers = []
    for method, path, body in (
        ("GET", "/bunker", None),
        ("POST", "/bunker/test", {"bunker_url": host.bunker.url}),
        ("GET", f"/machines/{machine_id}/pairing", None),
        ("POST", f"/machines/{machine_id}/pair", legacy),
        ("POST", f"/machines/{machine_id}/pair", {**legacy, "rotate": True}),
        ("POST", "/machines/pair", {**legacy, "machine_ids": [machine_id]}),
        ("POST", f"/machines/{machine_id}/pairing/confirm", judged),
        ("POST", f"/machines/{machine_id}/pairing/reject", judged),
        ("DELETE", f"/machines/{machine_id}/pairing", None),
        ("POST", "/bunker/reconcile", None),
        ("POST", f"/machines/{machine_id}/revoke", None),
        ("GET", "/notices", None),
        ("GET", "/journal", None),
        ("DELETE", f"/machines/{machine_id}", None),
    ):
        caller = host.superuser if path.startswith("/bunker") else host.operator
        answers.append((await host.api(method, path, body, as_=caller)).text)
    await background_work()
    await close_bunker()
    await background_work()
    answers.append((await host.api("GET", "/journal", params={"limit": 500})).text)
    return answers


METHODS: dict[str, tuple[str | None, ...]] = {
    "all": (None,),
    "reads": ("get_key_tokens", "get_key_users"),
    "changes": ("create_new_key", "create_new_token", "unlock_key", "revoke_user"),
    "policies": ("get_policies", "create_new_policy"),
}


@pytest.mark.parametrize(
    "refused",
    [pytest.param(each, marks=[] if each == "all" else pytest.mark.long) for each in METHODS],
)
async def test_they_are_kept_nowhere(
    any_bunker: Host,
    logged: Callable[[], str],
    tmp_path: Path,
    figures: Figures,
    refused: str,
) -> None:
    machine_id, _, spire = await connected(any_bunker, tmp_path)
    await any_bunker.bunker.restart()
    for method in METHODS[refused]:
        any_bunker.bunker.levers.refuse(WORDS, method)
    answers: list[Any] = await everything(any_bunker, machine_id, spire.client_pubkey)
    said = logged()
    assert len(said) > 1000, "the loggers have talked"
    for what in (MARK, "prisma"):
        assert [answer for answer in answers if what in answer] == []
        assert what not in said
        assert what.encode() not in stored()
    figures.add("places searched for secrets", len(answers) + 2)
