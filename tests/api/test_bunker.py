"""The admin connection: who may set it, what it keeps, what it never shows."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from nostr_sdk import Keys, PublicKey
from spirekeeper.devkit.bunker import DevBunker
from support.host import NOBODY, Caller, Host

PASSPHRASE = "a passphrase of this test"
SECRETS = ("admin_secret", "admin_nsec", "passphrases", "sealed")


@pytest.fixture(autouse=True)
async def restored(host: Host) -> AsyncIterator[None]:
    """The connection of the environment is in force again afterwards."""
    yield
    await host.api("DELETE", "/bunker?force=true", as_=host.superuser)


async def put(host: Host, as_: Caller | None = None, **data: Any) -> Any:
    body = {"bunker_url": host.bunker.url, "allow_private_relays": True, **data}
    return await host.api("PUT", "/bunker", body, as_=as_ or host.superuser)


async def second_bunker(host: Host, folder: Path) -> DevBunker:
    bunker = DevBunker(relays=[host.relay.url], admins=[], folder=folder, refusal_delay=0.05)
    await bunker.start()
    return bunker


async def test_its_status_tells_where_only_to_the_superuser(host: Host) -> None:
    status = (await host.api("GET", "/bunker")).json()
    assert (status["configured"], status["reachable"], status["problem"]) == (True, True, None)
    assert status["source"] == "environment"
    assert status["round_trip_ms"] > 0
    assert "0.10.5" in status["lineage"]
    assert isinstance(status["keys"], int)
    assert (status["bunker_npub"], status["relays"], status["admin_npub"]) == (None, None, None)
    full = (await host.api("GET", "/bunker", as_=host.superuser)).json()
    assert PublicKey.parse(full["bunker_npub"]).to_hex() == host.bunker.pubkey
    assert full["relays"] == [host.relay.url]


async def test_how_many_keys_others_have_is_told_to_nobody_but_the_superuser(
    host: Host, newcomer: Caller
) -> None:
    """As it was found: a newcomer could watch the others' fleets grow."""

    async def counted(as_: Caller) -> tuple[int, int]:
        status = (await host.api("GET", "/bunker", as_=as_)).json()
        return status["keys"], status["locked_keys"]

    assert await counted(newcomer) == (0, 0)
    before, _ = await counted(host.superuser)
    await host.pair(await host.add_machine())
    assert await counted(newcomer) == (0, 0)
    assert await counted(host.superuser) == (before + 1, 0)
    machine_id = await host.add_machine(newcomer)
    await host.api("POST", f"/machines/{machine_id}/pair", host.pair_request(), as_=newcomer)
    assert await counted(newcomer) == (1, 0)


async def test_its_status_without_one(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPIREKEEPER_BUNKER_URL")
    status = (await host.api("GET", "/bunker")).json()
    assert (status["configured"], status["reachable"]) == (False, False)
    assert status["problem"] == "The superuser has to enter a bunker."


async def test_its_status_when_the_environment_is_incomplete(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPIREKEEPER_ADMIN_NSEC")
    status = (await host.api("GET", "/bunker")).json()
    assert status["configured"] is True
    assert "set SPIREKEEPER_ADMIN_NSEC" in status["problem"]


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_only_the_superuser_sets_it(host: Host, method: str) -> None:
    body = {"bunker_url": host.bunker.url} if method == "PUT" else None
    assert (await host.api(method, "/bunker", body)).status_code == 403
    assert (await host.api(method, "/bunker", body, as_=NOBODY)).status_code == 401
    assert (await host.api("GET", "/bunker")).json()["source"] == "environment"


async def try_out(host: Host, as_: Caller | None = None, **data: Any) -> Any:
    body = {"bunker_url": host.bunker.url, **data}
    return await host.api("POST", "/bunker/test", body, as_=as_ or host.superuser)


async def test_a_connection_is_tried_and_not_stored(host: Host, tmp_path: Path) -> None:
    """With the key in force, with one that the bunker does not know, and where nobody answers."""
    status = (await try_out(host)).json()
    assert (status["reachable"], status["problem"]) == (True, None)
    assert status["relays"] == [host.relay.url]

    stranger = Keys.generate().secret_key().to_bech32()
    refused = (await try_out(host, admin_nsec=stranger)).json()
    assert (refused["reachable"], refused["problem_code"]) == (False, "not_accepted")
    assert stranger not in str(refused)

    nowhere = f"bunker://{host.bunker.pubkey}?relay=ws://127.0.0.1:9"
    assert (await try_out(host, bunker_url=nowhere)).json()["reachable"] is False
    assert (await host.api("GET", "/bunker")).json()["source"] == "environment"


async def test_without_any_admin_key_it_is_found_out_whether_a_bunker_is_there(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bunker that answers, one that does not, a relay that is not there, and what is no address.

    The key that it was asked with is told to nobody, who might let it in.
    """
    from spirekeeper.connection import open_bunker

    monkeypatch.delenv("SPIREKEEPER_BUNKER_URL")
    monkeypatch.setattr(open_bunker, "CALL_SECONDS", 1.0)

    async def found(**data: Any) -> Any:
        status = (await try_out(host, **data)).json()
        assert (status["reachable"], status["admin_npub"]) == (False, None)
        return status["problem_code"]

    assert await found() == "key_needed"
    host.bunker.levers.silent()
    assert await found() == "silent_to_strangers"
    host.bunker.levers.normal()
    assert await found(bunker_url=f"bunker://{host.bunker.pubkey}?relay=127.0.0.1:9") == "no_relay"
    assert (await try_out(host, bunker_url="nonsense")).json()["detail"].startswith("bunker_url: ")


async def test_only_the_superuser_tries_one(host: Host) -> None:
    assert (await try_out(host, as_=host.operator)).status_code == 403
    assert (await try_out(host, as_=NOBODY)).status_code == 401


async def test_whether_private_relays_are_allowed_is_told_to_operators(host: Host) -> None:
    assert (await host.api("GET", "/bunker")).json()["private_relays_allowed"] is True
    await put(host, allow_private_relays=False)
    assert (await host.api("GET", "/bunker")).json()["private_relays_allowed"] is False


async def test_an_admin_key_is_made_and_its_npub_shown(host: Host) -> None:
    answer = await put(host)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    stored = answer.json()
    assert stored["admin_npub"].startswith("npub1")
    assert len(stored["generated_passphrase"]) >= 24
    status = (await host.api("GET", "/bunker", as_=host.superuser)).json()
    assert (status["source"], status["admin_npub"]) == ("database", stored["admin_npub"])
    # The bunker does not know the new key yet, and that is what the status says to do.
    assert (status["reachable"], "ADMIN_NPUBS" in status["problem"]) == (False, True)


async def test_what_is_not_given_is_kept_and_shown_no_more(host: Host, host_admin: Keys) -> None:
    nsec = host_admin.secret_key().to_bech32()
    first = (await put(host, admin_nsec=nsec)).json()
    assert first["generated_passphrase"]
    second = (await put(host)).json()
    assert second["generated_passphrase"] is None
    assert second["admin_npub"] == first["admin_npub"] == host_admin.public_key().to_bech32()
    status = await host.api("GET", "/bunker", as_=host.superuser)
    assert status.json()["reachable"] is True
    for answer in (second, status.json()):
        assert nsec not in str(answer)
        assert first["generated_passphrase"] not in str(answer)


async def test_a_passphrase_that_was_made_is_a_notice_until_it_is_kept(
    host: Host, host_admin: Keys
) -> None:
    """A new one can be made in its place; its last four letters show that it is kept."""
    from spirekeeper.clock import utc_now
    from spirekeeper.upkeep.notify import notify_new

    async def unkept(as_: Caller) -> tuple[bool, bool]:
        status = (await host.api("GET", "/bunker", as_=as_)).json()
        told = (await host.api("GET", "/notices", as_=as_)).json()["data"]
        codes = {notice["code"] for notice in told}
        return status["passphrase_unkept_since"] is not None, "passphrase_unkept" in codes

    async def keep(passphrase: str) -> int:
        body = {"last_four": passphrase[-4:]}
        path = "/bunker/passphrase/kept"
        return (await host.api("POST", path, body, as_=host.superuser)).status_code

    nsec = host_admin.secret_key().to_bech32()
    made = (await put(host, admin_nsec=nsec)).json()["generated_passphrase"]
    await notify_new(utc_now)
    assert await unkept(host.superuser) == (True, True)
    assert await unkept(host.operator) == (False, False)
    assert await keep("not this") == 400
    answer = await host.api("POST", "/bunker/passphrase", as_=host.superuser)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    newer = answer.json()["generated_passphrase"]
    assert newer not in (made, None)
    assert await keep(made) == 400
    assert await unkept(host.superuser) == (True, True)
    assert await keep(newer) == 204
    assert await unkept(host.superuser) == (False, False)
    assert (await host.api("GET", "/bunker", as_=host.superuser)).json()["reachable"]


async def test_its_secrets_are_sealed(host: Host, host_admin: Keys) -> None:
    from lnbits.settings import settings as lnbits_settings
    from spirekeeper.store import bunker_settings

    nsec = host_admin.secret_key().to_bech32()
    await put(host, admin_nsec=nsec, key_passphrase="correct horse battery")
    row = await bunker_settings.get_bunker_settings()
    assert row is not None
    stored = b"".join(
        path.read_bytes() for path in Path(lnbits_settings.lnbits_data_folder).glob("ext_spire*")
    )
    for secret in (nsec, host_admin.secret_key().to_hex(), "correct horse battery"):
        assert secret.encode() not in stored
    assert not any(name in row.sealed for name in SECRETS)


async def test_a_changed_lnbits_secret_is_said_and_can_be_mended(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lnbits.settings import settings as lnbits_settings

    await put(host)
    with monkeypatch.context() as patch:
        patch.setattr(lnbits_settings, "auth_secret_key", "another secret")
        from spirekeeper.connection import settings
        from spirekeeper.errors import NoBunker

        with pytest.raises(NoBunker, match="AUTH_SECRET_KEY has changed"):
            await settings.get_bunker_config()


async def test_a_tampered_seal_is_not_opened(host: Host) -> None:
    from spirekeeper.store import bunker_settings

    await put(host)
    row = await bunker_settings.get_bunker_settings()
    assert row is not None
    flipped = row.sealed[:60] + ("A" if row.sealed[60] != "A" else "B") + row.sealed[61:]
    await bunker_settings.update_bunker_settings(row.copy(update={"sealed": flipped}))
    status = (await host.api("GET", "/bunker")).json()
    assert "cannot be opened" in status["problem"]


async def test_older_passphrases_stay_while_keys_need_them(host: Host, host_admin: Keys) -> None:
    from spirekeeper.connection.settings import get_bunker_config

    nsec = host_admin.secret_key().to_bech32()
    await put(host, admin_nsec=nsec, key_passphrase="the unused one")
    await put(host, key_passphrase="the first one")
    machine_id = await host.add_machine()
    await host.pair(machine_id)
    await put(host, key_passphrase="the second one")
    config = await get_bunker_config()
    assert config is not None
    assert set(config.passphrases.values()) == {"the first one", "the second one"}
    assert config.passphrases[config.passphrase_id] == "the second one"
    await host.bunker.restart()
    await host.pair(machine_id)  # unlocks with the one that the key was made with


async def test_paired_machines_hold_the_bunker_unless_forced(host: Host, tmp_path: Path) -> None:
    other = await second_bunker(host, tmp_path)
    try:
        await host.pair(await host.add_machine())
        answer = await put(host, bunker_url=other.url)
        assert (answer.status_code, answer.json()["code"]) == (409, "machines_paired")
        assert "machine(s) are paired through another bunker" in answer.json()["detail"]
        assert (await host.api("GET", "/bunker")).json()["source"] == "environment"
        assert (await put(host, bunker_url=other.url, force=True)).status_code == 200
        assert (await host.api("GET", "/bunker")).json()["source"] == "database"
    finally:
        await other.stop()


async def test_the_line_that_nsecbunkerd_prints_is_taken(host: Host) -> None:
    npub = PublicKey.parse(host.bunker.pubkey).to_bech32()
    relay = host.relay.url.replace(":", "%3A").replace("/", "%2F")
    answer = await put(host, bunker_url=f"bunker://{npub}@{relay}")
    assert answer.json()["relays"] == [host.relay.url]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"bunker_url": "https://bunker.example"}, "bunker_url"),
        ({"bunker_url": "bunker://abc?relay=wss://a.example"}, "bunker_url"),
        ({"bunker_url": "bunker://" + "a" * 64}, "bunker_url"),
        ({"admin_nsec": "nsec1nope"}, "admin_nsec is no Nostr secret key"),
        ({"key_passphrase": "short"}, "key_passphrase"),
    ],
)
async def test_bad_settings_say_which_field(host: Host, data: dict[str, str], words: str) -> None:
    answer = await put(host, **data)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")
    assert words in answer.json()["detail"]
    assert "nsec1nope" not in answer.text
    assert (await host.api("GET", "/bunker")).json()["source"] == "environment"


async def test_relays_are_checked_from_the_server(host: Host, newcomer: Caller) -> None:
    async def check(*relays: str, private: bool) -> list[str | None]:
        body = {"relays": relays, "allow_private_relays": private}
        answer = await host.api("POST", "/relays/check", body, as_=newcomer)
        assert answer.status_code == 200, answer.text
        assert [each["url"] for each in answer.json()] == list(relays)
        assert all(each["reachable"] is (each["code"] is None) for each in answer.json())
        return [each["code"] for each in answer.json()]

    assert await check(host.relay.url, "ws://127.0.0.1:9", private=True) == [None, "silent"]
    assert await check(host.relay.url, "wss://127.0.0.1", "https://a.example", private=False) == [
        "not_encrypted",
        "private",
        "malformed",
    ]


async def test_relay_checks_are_limited(
    host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPIREKEEPER_RELAY_CHECKS_A_MINUTE", "30")
    body = {"relays": [host.relay.url] * 5, "allow_private_relays": True}
    statuses = [
        (await host.api("POST", "/relays/check", body, as_=newcomer)).status_code for _ in range(7)
    ]
    assert statuses == [200] * 6 + [429]


async def _in_force(host: Host, host_admin: Keys, bunker: DevBunker, **data: Any) -> None:
    nsec = host_admin.secret_key().to_bech32()
    answer = await put(
        host, bunker_url=bunker.url, admin_nsec=nsec, key_passphrase=PASSPHRASE, force=True, **data
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["mint"] == data.get("mint", "bunker")


async def test_the_bunker_mints_unless_the_superuser_says_otherwise(
    alone: Host, host_admin: Keys
) -> None:
    """Handed over, the key is the one that signs; it is told to nobody else, and never again."""
    for mint, handed in (("bunker", False), ("local", True)):
        await _in_force(alone, host_admin, alone.bunker, mint=mint)
        alone.bunker.calls.clear()
        seed = await alone.pair(await alone.add_machine())
        [call] = [call for call in alone.bunker.calls if call.method == "create_new_key"]
        nsecs = [str(param) for param in call.params if str(param).startswith("nsec1")]
        assert bool(nsecs) is handed
        for nsec in nsecs:
            assert Keys.parse(nsec).public_key().to_hex() == seed["spire_pubkey"]
            assert nsec not in str(seed)
        status = (await alone.api("GET", "/bunker")).json()
        publishes = "publishes_what_it_mints" in {each["code"] for each in status["hazards"]}
        assert (status["mint"], publishes) == (mint, not handed)


async def test_a_bunker_that_keeps_another_key_than_it_was_handed_is_not_trusted(
    alone: Host, host_admin: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper.steps import mint

    await _in_force(alone, host_admin, alone.bunker, mint="local")
    monkeypatch.setattr(mint, "new_nsec", lambda: (None, "0" * 64))
    machine_id = await alone.add_machine()
    answer = await alone.api("POST", f"/machines/{machine_id}/pair", alone.pair_request())
    assert (answer.status_code, answer.json()["code"]) == (502, "bunker_failed")
    machine = (await alone.api("GET", f"/machines/{machine_id}")).json()
    assert machine["machine_npub"] is None
