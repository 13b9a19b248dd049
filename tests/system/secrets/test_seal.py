"""The seal of the bunker's settings: what breaks it is said, and what needs no bunker goes on."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from nostr_sdk import Keys
from support.host import Host
from support.redeeming import redeem, sign
from support.settling import background_work, settle
from system.secrets import unsealed
from system.secrets.sealed_bunker import PASSPHRASE, lnbits_secret, put, stored

LOST = "another secret of LNbits"
OTHER = Keys.generate()


def flipped(bit: int) -> Callable[[Any, Any], dict[str, Any]]:
    def flip(row: Any, _: Any) -> dict[str, Any]:
        blob = bytearray(base64.b64decode(row.sealed))
        blob[bit // 8 % len(blob)] ^= 1 << bit % 8
        return {"sealed": base64.b64encode(bytes(blob)).decode()}

    return flip


def cut_to(length: int) -> Callable[[Any, Any], dict[str, Any]]:
    def cut(row: Any, _: Any) -> dict[str, Any]:
        return {"sealed": base64.b64encode(base64.b64decode(row.sealed)[:length]).decode()}

    return cut


def under_another_secret(row: Any, _: Any) -> dict[str, Any]:
    """What LNbits sees whose secret was lost or changed."""
    plain = unsealed.opened(row.dict(), lnbits_secret())
    return {"sealed": unsealed.sealed(plain, row.dict(), LOST)}


def column(**changed: Any) -> Callable[[Any, Any], dict[str, Any]]:
    return lambda _row, _other: changed


HARM: dict[str, Callable[[Any, Any], dict[str, Any]]] = {
    "a bit of the nonce": flipped(3),
    "a bit of the tag": flipped(16 * 8 + 5),
    "a bit of the text": flipped(40 * 8),
    "the last bit": flipped(-1),
    "no nonce": cut_to(0),
    "half a nonce": cut_to(7),
    "no tag": cut_to(16),
    "half a tag": cut_to(20),
    "no text": cut_to(32),
    "half a text": cut_to(60),
    "nothing": column(sealed=""),
    "no base64": column(sealed="not base64!"),
    "base64 that ends too soon": column(sealed="QUJD="),
    LOST: under_another_secret,
    "another row's": lambda _row, other: {"sealed": other.sealed},
    "another bunker": column(bunker_pubkey=OTHER.public_key().to_hex()),
    "another relay": column(relays=["wss://relay.example.com"]),
    "another admin": column(admin_pubkey=OTHER.public_key().to_hex()),
    "private relays": column(allow_private_relays=False),
    "another mint": column(mint="local"),
    "relays for machines": column(machine_relays=["wss://relay.example.com"]),
    "the bunker's relays for machines": column(bunker_relays_for_machines=True),
}


async def says_so(host: Host) -> None:
    """The state that everybody is told of, in the same words wherever it matters."""
    for caller in (host.operator, host.superuser):
        status = (await host.api("GET", "/bunker", as_=caller)).json()
        assert (status["configured"], status["reachable"]) == (True, False)
        assert status["problem_code"] == "no_bunker"
        assert "cannot be opened" in status["problem"]
        assert "enter the connection again" in status["problem"]
    machine_id = await host.add_machine()
    for method, path, body in (
        ("POST", f"/machines/{machine_id}/pair", host.pair_request()),
        ("POST", "/machines/pair", host.pair_request(machine_ids=[machine_id])),
        ("POST", "/bunker/reconcile", None),
        ("POST", "/bunker/test", {"bunker_url": host.bunker.url}),
        ("PUT", "/bunker", {"bunker_url": host.bunker.url}),
    ):
        answer = await host.api(method, path, body, as_=host.superuser)
        if "machines" in path:
            answer = await host.api(method, path, body)
        assert (answer.status_code, answer.json()["code"]) == (503, "no_bunker"), answer.text
        assert "cannot be opened" in answer.json()["detail"]


@pytest.mark.parametrize("harm", HARM)
async def test_a_row_that_was_changed_is_not_used(
    sealed: Host, host_admin: Keys, harm: str
) -> None:
    """Where its bunker or relays were, passphrases would be sent to whoever wrote them there."""
    from spirekeeper.store import bunker_settings

    row = await stored()
    await put(sealed, host_admin, bunker_url=sealed.bunker.url + "&relay=ws%3A%2F%2F127.0.0.1%3A9")
    other = await stored()
    assert other.relays != row.relays
    await bunker_settings.update_bunker_settings(row.copy(update=HARM[harm](row, other)))
    sealed.bunker.calls.clear()
    status = (await sealed.api("GET", "/bunker")).json()
    assert (status["problem_code"], status["reachable"]) == ("no_bunker", False)
    assert "cannot be opened" in status["problem"]
    assert sealed.bunker.calls == []
    await bunker_settings.update_bunker_settings(other)
    assert (await sealed.api("GET", "/bunker")).json()["reachable"] is True


@pytest.mark.parametrize("harm", ["no nonce", "a bit of the text", LOST])
async def test_it_is_said_wherever_it_matters(sealed: Host, harm: str) -> None:
    await harmed(harm)
    await says_so(sealed)
    sealed.bunker.calls.clear()
    await background_work(later=timedelta())
    assert sealed.bunker.calls == []


async def harmed(harm: str) -> Any:
    """The row as it was."""
    from spirekeeper.store import bunker_settings

    row = await stored()
    await bunker_settings.update_bunker_settings(row.copy(update=HARM[harm](row, row)))
    return row


async def test_what_needs_no_bunker_goes_on_when_the_secret_is_lost(sealed: Host) -> None:
    """The roster, the list, a cut; what the bunker then owes is done when the secret is back."""
    from spirekeeper.store import bunker_settings

    machine_id, client = await sealed.add_machine(), Keys.generate()
    seed = await sealed.pair(machine_id)
    await redeem(sealed, seed["seed_url"], client)
    assert (await sealed.pairing(machine_id))["state"] == "paired"
    row = await harmed(LOST)
    roster = f"/roster/{seed['spire_npub']}"

    await background_work(later=timedelta())
    assert (await sealed.api("GET", roster)).status_code == 200
    assert (await sealed.api("GET", "/machines")).status_code == 200
    assert (await sealed.api("GET", "/notices")).status_code == 200
    pairing = await sealed.pairing(machine_id)
    assert (pairing["state"], pairing["bunker"]) == ("paired", "unreachable")
    cut = (await sealed.api("POST", f"/machines/{machine_id}/revoke")).json()
    assert (cut["bunker"], cut["outstanding"]) == ("pending", 1)
    assert (await sealed.api("GET", roster)).status_code == 404
    await background_work(later=timedelta())
    assert "error" not in await sign(sealed, seed["spire_pubkey"], client)

    await bunker_settings.update_bunker_settings(row)
    await settle()
    assert "error" in await sign(sealed, seed["spire_pubkey"], client)


@pytest.mark.parametrize("forced", [False, True])
async def test_entering_it_again_heals(sealed: Host, host_admin: Keys, forced: bool) -> None:
    """All of it; or what is given, where that is forced. The machine is paired again."""
    machine_id = await sealed.add_machine()
    seed = await sealed.pair(machine_id)
    await harmed(LOST)
    body = {"bunker_url": sealed.bunker.url, "key_passphrase": PASSPHRASE}
    answer = await sealed.api("PUT", "/bunker", body, as_=sealed.superuser)
    assert (answer.status_code, answer.json()["code"]) == (503, "no_bunker")
    assert PASSPHRASE not in answer.text
    await put(sealed, host_admin, force=forced)
    assert (await sealed.api("GET", "/bunker")).json()["reachable"] is True
    assert (await sealed.pair(machine_id))["spire_npub"] == seed["spire_npub"]


async def test_no_nonce_is_used_twice(sealed: Host, host_admin: Keys) -> None:
    """The same secrets, sealed again and again."""
    blobs = []
    for _ in range(20):
        await put(sealed, host_admin)
        blobs.append(base64.b64decode((await stored()).sealed))
    assert len({blob[:16] for blob in blobs}) == len({blob[32:48] for blob in blobs}) == 20


async def test_it_is_what_it_is_said_to_be(sealed: Host, host_admin: Keys) -> None:
    """AES-GCM under HKDF-SHA256 of LNbits' secret, opened without the product's code."""
    row = (await stored()).dict()
    inside = json.loads(unsealed.opened(row, lnbits_secret()))
    assert inside["admin_secret"] == host_admin.secret_key().to_hex()
    assert PASSPHRASE in inside["passphrases"].values()
    for secret in (LOST, lnbits_secret() + "x", ""):
        with pytest.raises(InvalidTag):
            unsealed.opened(row, secret)
