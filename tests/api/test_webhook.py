"""The webhook that the superuser enters: what is shown of it, what it is sent, and how that is
signed. And that two windows do not overwrite each other's settings, of this or another kind."""

import asyncio
import logging
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from support.host import Caller, Host
from support.movable_clock import MovableClock
from support.webhook_docs import verifier
from support.webhook_ear import WebhookEar, headers_of


@pytest.fixture(autouse=True)
async def restored(host: Host) -> AsyncIterator[None]:
    """None is entered, before and afterwards."""
    await ask(host, "DELETE", "")
    yield
    await ask(host, "DELETE", "")


@pytest.fixture
async def ear() -> AsyncIterator[WebhookEar]:
    async with WebhookEar() as heard:
        yield heard


async def ask(
    host: Host, method: str, path: str, body: Any = None, as_: Caller | None = None
) -> httpx.Response:
    return await host.api(method, f"/webhook{path}", body, as_=as_ or host.superuser)


async def put(host: Host, url: str) -> dict[str, Any]:
    answer = await ask(host, "PUT", "", {"url": url})
    assert answer.status_code == 200, answer.text
    stored: dict[str, Any] = answer.json()
    return stored


async def shown(host: Host) -> dict[str, Any]:
    told: dict[str, Any] = (await ask(host, "GET", "")).json()
    del told["version"]
    return told


async def delivered(host: Host) -> tuple[str, int | None]:
    delivery = (await ask(host, "POST", "/test")).json()
    return delivery["outcome"], delivery["status"]


async def test_address_and_secret_go_in_and_never_come_back(
    host: Host, ear: WebhookEar, caplog: pytest.LogCaptureFixture
) -> None:
    """Not by the API, from the database, in the log of whatever level, or in the journal."""
    from lnbits.settings import settings as lnbits_settings

    url = ear.url.replace("//", "//somebody:a-password@")
    server = ear.url.partition("/notices")[0]
    with caplog.at_level(logging.DEBUG):
        answer = await ask(host, "PUT", "", {"url": url})
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        secret = answer.json()["signing_secret"]
        assert len(secret) > 40
        assert await delivered(host) == ("taken", 200)
        assert (await put(host, url))["signing_secret"] is None
        told = await shown(host)
    assert told == {"source": "database", "server": server, "signed": True, "problem": None}
    credentials = b64encode(b"somebody:a-password").decode()
    assert headers_of(ear.heads[0])["authorization"] == f"Basic {credentials}"
    assert ear.heads[0].startswith("POST /notices?key=secret ")
    journal = await host.api("GET", "/journal", as_=host.superuser, params={"event": "webhook"})
    assert [line["outcome"] for line in journal.json()["data"]][:2] == ["stored", "stored"]
    written = b"".join(
        path.read_bytes() for path in Path(lnbits_settings.lnbits_data_folder).glob("ext_spire*")
    ).decode(errors="replace")
    for place in (str(told), journal.text, caplog.text, written):
        for needle in (secret, "a-password", credentials, "key=secret"):
            assert needle not in place


async def test_whoever_has_the_secret_sees_that_it_is_from_here(
    host: Host, ear: WebhookEar, host_clock: MovableClock
) -> None:
    """By what docs/webhook.md has receivers do; a newer secret ends the one before."""
    is_from_spirekeeper = verifier()

    async def accepted(secret: str) -> bool:
        assert await delivered(host) == ("taken", 200)
        signed = headers_of(ear.heads[-1])["spirekeeper-signature"]
        return is_from_spirekeeper(secret, signed, ear.bodies[-1], host_clock().timestamp())

    first = (await put(host, ear.url))["signing_secret"]
    assert await accepted(first)
    answer = await ask(host, "POST", "/secret")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert not await accepted(first)
    assert await accepted(answer.json()["signing_secret"])


async def test_a_notice_that_is_sent_again_is_known_again(
    host: Host, ear: WebhookEar, host_clock: MovableClock
) -> None:
    """By the id in its head and in its body, which is another one when it is another notice."""
    from spirekeeper import crud
    from spirekeeper.store import database
    from spirekeeper.upkeep import notify

    await database.db.execute(f"DELETE FROM {database.LEASES} WHERE name = '{notify.WORK}'")
    machine_id = await host.add_machine()

    async def sent() -> list[str]:
        ear.heard.clear()
        ear.heads.clear()
        await notify.notify_new(host_clock)
        ids = [headers_of(head)["spirekeeper-event"] for head in ear.heads]
        assert ids == [body["id"] for body in ear.heard]
        return [body["id"] for body in ear.heard if body["machine_id"] == machine_id]

    await put(host, ear.url)
    await crud.set_machine_flag(machine_id, "second_client", host_clock())
    ear.status = 503
    first = await sent()
    ear.status = 200
    assert await sent() == first != []
    assert await sent() == []
    host_clock.move(minutes=1)
    await crud.set_machine_flag(machine_id, None, host_clock())
    assert await sent() == []
    await crud.set_machine_flag(machine_id, "second_client", host_clock())
    assert len(again := await sent()) == 1
    assert again != first


@asynccontextmanager
async def mute() -> AsyncIterator[str]:
    """The address of who takes everything and never answers."""

    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(never, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


async def test_a_test_says_what_was_answered(
    host: Host, ear: WebhookEar, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a redirect is not followed."""
    from spirekeeper.upkeep import webhook

    await put(host, ear.url)
    for status in (204, 302, 500):
        ear.status = status
        outcome = "taken" if status == 204 else "refused"
        assert await delivered(host) == (outcome, status)
    assert [body["code"] for body in ear.heard] == ["test"] * 3
    await put(host, "http://127.0.0.1:9/")
    assert await delivered(host) == ("unreachable", None)
    monkeypatch.setattr(webhook, "SECONDS", 0.1)
    async with mute() as url:
        await put(host, url)
        assert await delivered(host) == ("timeout", None)


async def test_the_environments_counts_as_long_as_none_is_entered(
    host: Host, ear: WebhookEar, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And is not signed."""
    nothing = {"source": None, "server": None, "signed": False, "problem": None}
    assert await shown(host) == nothing
    for path in ("/test", "/secret"):
        answer = await ask(host, "POST", path)
        assert (answer.status_code, answer.json()["code"]) == (409, "no_webhook")
    monkeypatch.setenv("SPIREKEEPER_WEBHOOK_URL", ear.url)
    assert (await shown(host))["source"] == "environment"
    assert await delivered(host) == ("taken", 200)
    assert "spirekeeper-signature" not in headers_of(ear.heads[-1])
    assert (await ask(host, "POST", "/secret")).json()["code"] == "no_webhook"
    async with WebhookEar() as entered:
        await put(host, entered.url)
        assert await delivered(host) == ("taken", 200)
        assert "spirekeeper-signature" in headers_of(entered.heads[-1])
        assert len(ear.heads) == 1
    assert (await ask(host, "DELETE", "")).status_code == 204
    assert (await shown(host))["source"] == "environment"
    monkeypatch.setenv("SPIREKEEPER_WEBHOOK_URL", "nonsense")
    told = await shown(host)
    assert (told["source"], told["server"]) == ("environment", None)
    assert "SPIREKEEPER_WEBHOOK_URL" in told["problem"]


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/a-password",
        "ftp://somebody:a-password@127.0.0.1/",
        "http://",
        "https://somebody:a-password@/",
        "https://example.com:99999/a-password",
        "https://exa mple.com/a-password",
        f"https://{'a' * 64}.example/a-password",
        "http://[::1/a-password",
        "a-password",
    ],
)
async def test_what_nothing_can_be_sent_to_is_refused(host: Host, url: str) -> None:
    answer = await ask(host, "PUT", "", {"url": url})
    assert answer.status_code == 400
    refusal = answer.json()
    assert (refusal["field"], refusal["reason"]) == ("url", "no_web_address")
    assert "a-password" not in answer.text
    assert (await shown(host))["source"] is None


async def test_a_changed_lnbits_secret_is_said_and_the_webhook_entered_again(
    host: Host, ear: WebhookEar, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper.connection import sealing

    await put(host, ear.url)
    monkeypatch.setattr(sealing, "lnbits_settings", SimpleNamespace(auth_secret_key="another"))
    told = await shown(host)
    assert (told["source"], told["server"], told["signed"]) == ("database", None, False)
    assert "AUTH_SECRET_KEY has changed" in told["problem"]
    for path in ("/test", "/secret"):
        assert (await ask(host, "POST", path)).json()["code"] == "no_webhook"
    assert (await put(host, ear.url))["signing_secret"]
    assert await delivered(host) == ("taken", 200)


async def test_two_windows_do_not_overwrite_each_others_settings(
    host: Host, ear: WebhookEar
) -> None:
    """Of bunker, limits and webhook: whoever says what they have read is told of a newer one."""
    bunker = {"bunker_url": host.bunker.url, "allow_private_relays": True, "force": True}

    async def version(path: str) -> int:
        read: int = (await host.api("GET", path, as_=host.superuser)).json()["version"]
        return read

    async def refused(method: str, path: str, body: Any = None) -> bool:
        answer = await host.api(method, path, body, as_=host.superuser)
        if answer.status_code == 409:
            assert answer.json()["code"] == "edited_meanwhile"
        else:
            assert answer.is_success, answer.text
        return answer.status_code == 409

    ways = {
        "/bunker": bunker,
        "/bunker/limits": {"max_keys": 1_000_000},
        "/webhook": {"url": ear.url},
    }
    try:
        for path, body in ways.items():
            read = await version(path)
            assert not await refused("PUT", path, {**body, "version": read})
            assert await version(path) == read + 1
            assert await refused("PUT", path, {**body, "version": read})
            assert await version(path) == read + 1
            assert not await refused("PUT", path, body)  # a script has the last word
            assert await version(path) == read + 2
            answers = await asyncio.gather(
                *(refused("PUT", path, {**body, "version": read + 2}) for _ in range(3))
            )
            assert answers.count(False) == 1
        for path in ("/bunker", "/webhook"):
            read = await version(path)
            assert await refused("DELETE", f"{path}?force=true&version={read - 1}")
            assert not await refused("DELETE", f"{path}?force=true&version={read}")
            # It goes on where it was, so that no window from before fits by chance.
            assert await version(path) == read + 1
        read = await version("/webhook")
        assert not await refused("PUT", "/webhook", {"url": ear.url, "version": read})
        assert await refused("POST", f"/webhook/secret?version={read}")
    finally:
        await host.api("DELETE", "/bunker?force=true", as_=host.superuser)
        await host.api("PUT", "/bunker/limits", {}, as_=host.superuser)


async def test_a_passphrase_that_is_made_beside_a_change_is_not_lost(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that has read the settings before is refused, also without a number."""
    from spirekeeper.connection import settings

    body = {"bunker_url": host.bunker.url, "allow_private_relays": True, "force": True}
    await host.api("PUT", "/bunker", body, as_=host.superuser)
    made: list[str] = []

    async def meanwhile(*_: Any) -> set[str]:
        monkeypatch.undo()
        answer = await host.api("POST", "/bunker/passphrase", as_=host.superuser)
        made.append(answer.json()["generated_passphrase"])
        return set()

    monkeypatch.setattr(settings.key_rows, "get_passphrase_ids", meanwhile)
    try:
        answer = await host.api("PUT", "/bunker", body, as_=host.superuser)
        assert (answer.status_code, answer.json()["code"]) == (409, "edited_meanwhile")
        config = await settings.get_bunker_config()
        assert config is not None
        assert config.passphrases[config.passphrase_id] == made[0]
    finally:
        await host.api("DELETE", "/bunker?force=true", as_=host.superuser)
