"""Every error of the API, brought about at a real site: `code -> how`, which answers with it.

Each is had with a secret near by: in the request, or in the bunker's own words.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from nostr_sdk import Keys
from spirekeeper.devkit.bunker import DevBunker, Lineage
from spirekeeper.devkit.hostile_relay import HostileRelay, demanding_login
from support.host import register
from support.raw_wire import RawClient
from system.secrets.talkative_site import TalkativeSite

How = Callable[[TalkativeSite], Awaitable[httpx.Response]]
REFUSALS: dict[str, How] = {}
BRANCHES = {"internal", "conflict", "too_many", "pairing_failed"}
"""Codes of the tree's branches, which nothing raises."""
ELSEWHERE = {
    "settings_wrong",
    "not_to_settle",
    "no_link",
    "service_key_lost",
    "database_away",
    "database_full",
}
"""They take another environment, a paid order or a database in need: tests/api has them."""
QUOTAS = {
    "SPIREKEEPER_MAX_MACHINES": "100",
    "SPIREKEEPER_ROTATIONS_A_DAY": "1",
    "SPIREKEEPER_PAIRS_A_MINUTE": "100",
    "SPIREKEEPER_RELAY_CHECKS_A_MINUTE": "200",
}
NOWHERE = "ws://127.0.0.1:9"


def had(code: str) -> Callable[[How], How]:
    def note(how: How) -> How:
        REFUSALS[code] = how
        return how

    return note


async def pair(site: TalkativeSite, machine_id: str, **data: Any) -> httpx.Response:
    return await site.api("POST", f"/machines/{machine_id}/pair", site.pair_request(**data))


async def connected(site: TalkativeSite, **data: Any) -> tuple[str, Keys]:
    """A machine whose seed was redeemed: its id, and its client key."""
    machine_id, client = await site.add_machine(), Keys.generate()
    await site.redeem(await site.pair(machine_id, **data), client)
    await site.api("GET", f"/machines/{machine_id}/pairing")
    return machine_id, client


async def other_bunker(site: TalkativeSite, lineage: Lineage) -> DevBunker:
    bunker = DevBunker(
        relays=site.bunker.relays,
        admins=site.bunker.admins,
        folder=site.folder / lineage.name,
        lineage=lineage,
        refusal_delay=0.05,
    )
    await bunker.start()
    return bunker


@had("no_bunker")
async def _no_bunker(site: TalkativeSite) -> httpx.Response:
    answer = await site.api("DELETE", "/bunker?force=true", as_=site.superuser)
    assert answer.status_code == 204
    refused = await pair(site, await site.add_machine())
    await site.use(site.bunker)
    return refused


@had("invalid_input")
async def _invalid_input(site: TalkativeSite) -> httpx.Response:
    relay = f"wss://user:{site.relay_password}@relay.example.com"
    await pair(site, await site.add_machine(), relays=[relay])
    await pair(site, await site.add_machine(), bunker_relay=relay)
    for url in (relay, f"bunker://{site.bunker.pubkey}?relay={relay}"):
        for method, path in (("PUT", "/bunker"), ("POST", "/bunker/test")):
            answer = await site.api(method, path, {"bunker_url": url}, as_=site.superuser)
    return answer


@had("login_demanded")
async def _login_demanded(site: TalkativeSite) -> httpx.Response:
    async with HostileRelay(site.relay.url) as closed:
        closed.behave(up=demanding_login(closed.url))
        return await pair(site, await site.add_machine(), relays=[closed.url])


@had("seed_too_long")
async def _seed_too_long(site: TalkativeSite) -> httpx.Response:
    relays = [f"{site.relay.url}/{letter * 480}" for letter in "abc"]
    return await pair(site, await site.add_machine(), relays=relays)


@had("not_found")
async def _not_found(site: TalkativeSite) -> httpx.Response:
    return await pair(site, "nobodys")


@had("machine_busy")
async def _machine_busy(site: TalkativeSite) -> httpx.Response:
    machine_id = await site.add_machine()
    held = site.bunker.levers.hold(lambda method, _: method == "get_key_tokens")
    first = asyncio.ensure_future(pair(site, machine_id))
    await held.arrived.wait()
    refused = await pair(site, machine_id)
    held.let_go()
    assert (await first).status_code == 200
    return refused


@had("wallet_in_use")
async def _wallet_in_use(site: TalkativeSite) -> httpx.Response:
    machine = (await site.api("GET", f"/machines/{await site.add_machine()}")).json()
    return await site.api("POST", "/machines", {"name": "B", "wallet_id": machine["wallet_id"]})


@had("edited_meanwhile")
async def _edited_meanwhile(site: TalkativeSite) -> httpx.Response:
    path = f"/machines/{await site.add_machine()}"
    version = (await site.api("GET", path)).json()["version"]
    change = {"name": "B", "version": version}
    assert (await site.api("PUT", path, change)).status_code == 200
    return await site.api("PUT", path, change)


@had("pubkey_taken")
async def _pubkey_taken(site: TalkativeSite) -> httpx.Response:
    """Somebody with the admin key has put one machine's key under another's name."""
    first, second = await site.add_machine(), await site.add_machine()
    await site.pair(first)
    nsec = site.key_of(first).secret_key().to_bech32()
    async with RawClient(site.relay.url, site.admin) as admin:
        by_hand = (f"spire-{second}", "a passphrase by hand", nsec)
        await admin.ask(site.bunker.pubkey, "create_new_key", *by_hand)
    await site.use(site.bunker)
    return await pair(site, second)


@had("another_client")
async def _another_client(site: TalkativeSite) -> httpx.Response:
    machine_id, _ = await connected(site, require_confirmation=True)
    body = {"client_pubkey": "c" * 64}
    return await site.api("POST", f"/machines/{machine_id}/pairing/confirm", body)


@had("unexpected_client")
async def _unexpected_client(site: TalkativeSite) -> httpx.Response:
    machine_id, client = await connected(site, require_confirmation=True)
    key_name = f"spire-{machine_id}"
    async with RawClient(site.relay.url, site.admin) as admin:
        policies = await admin.ask(site.bunker.pubkey, "get_policies")
        policy_id = json.loads(policies.content["result"])[0]["id"]
        by_hand = (key_name, "by hand", policy_id)
        await admin.ask(site.bunker.pubkey, "create_new_token", *by_hand)
        listed = await admin.ask(site.bunker.pubkey, "get_key_tokens", key_name)
    tokens = {each["client_name"]: each for each in json.loads(listed.content["result"])}
    secret = tokens["by hand"]["token"].partition("#")[2]
    spire_pubkey = site.key_of(machine_id).public_key().to_hex()
    await site.connect(spire_pubkey, secret, Keys.generate())
    body = {"client_pubkey": client.public_key().to_hex()}
    return await site.api("POST", f"/machines/{machine_id}/pairing/confirm", body)


@had("nothing_waits")
async def _nothing_waits(site: TalkativeSite) -> httpx.Response:
    return await site.api("DELETE", f"/machines/{await site.add_machine()}/pairing")


@had("revoke_owed")
async def _revoke_owed(site: TalkativeSite) -> httpx.Response:
    machine_id, _ = await connected(site)
    site.bunker.levers.refuse(site.told_secrets(), "revoke_user")
    await site.api("POST", f"/machines/{machine_id}/revoke")
    refused = await pair(site, machine_id, keep_identity=True)
    site.bunker.levers.normal()
    return refused


@had("key_not_kept")
async def _key_not_kept(site: TalkativeSite) -> httpx.Response:
    """By a client whom nobody was asked about."""
    machine_id, _ = await connected(site)
    return await pair(site, machine_id, keep_identity=True, require_confirmation=True)


@had("ends_on_nip44")
async def _ends_on_nip44(site: TalkativeSite) -> httpx.Response:
    old = await other_bunker(site, Lineage.OLD_NDK)
    await site.use(old)
    machine_id = await site.add_machine()
    refused = await pair(site, machine_id)
    seed = await pair(site, machine_id, legacy_nip04=True)
    assert seed.status_code == 200, seed.text
    site.learn(old, site.folder / Lineage.OLD_NDK.name)
    await site.use(site.bunker)
    await old.stop()
    return refused


@had("already_running")
async def _already_running(site: TalkativeSite) -> httpx.Response:
    held = site.bunker.levers.hold(lambda method, _: method == "get_key_tokens")
    first = asyncio.ensure_future(site.api("POST", "/bunker/reconcile", as_=site.superuser))
    await held.arrived.wait()
    refused = await site.api("POST", "/bunker/reconcile", as_=site.superuser)
    held.let_go()
    assert (await first).status_code == 200
    return refused


@had("machines_paired")
async def _machines_paired(site: TalkativeSite) -> httpx.Response:
    url = site.bunker.url.replace(site.bunker.pubkey, Keys.generate().public_key().to_hex())
    body = {
        "bunker_url": url,
        "admin_nsec": site.made_up_nsec,
        "key_passphrase": site.made_up_passphrase,
    }
    return await site.api("PUT", "/bunker", body, as_=site.superuser)


@had("not_that_many")
async def _not_that_many(site: TalkativeSite) -> httpx.Response:
    return await site.api("POST", "/machines/revoke-all", {"expect": 999})


@had("cash_needs_nip44")
async def _cash_needs_nip44(site: TalkativeSite) -> httpx.Response:
    old = await other_bunker(site, Lineage.OLD_NDK)
    await site.use(old)
    path = f"/machines/{await site.add_machine()}/cash"
    refused = await site.api("PUT", path, {"out_on": True})
    await site.use(site.bunker)
    await old.stop()
    return refused


@had("no_webhook")
async def _no_webhook(site: TalkativeSite) -> httpx.Response:
    return await site.api("POST", "/webhook/secret", as_=site.superuser)


@had("machines_told")
async def _machines_told(site: TalkativeSite) -> httpx.Response:
    return await site.api("POST", "/service-key/rotate", {"expect": 999})


@had("cash_unconfirmed")
async def _cash_unconfirmed(site: TalkativeSite) -> httpx.Response:
    machine_id = await site.add_machine()
    await site.pair(machine_id)
    return await site.api("PUT", f"/machines/{machine_id}/cash", {"out_on": True})


@had("too_many_checks")
async def _too_many_checks(site: TalkativeSite) -> httpx.Response:
    curious = await register(site.client, "curious")
    for _ in range(41):
        body = {"relays": [NOWHERE] * 5}
        answer = await site.api("POST", "/relays/check", body, as_=curious)
    return answer


@had("too_many_keys")
async def _too_many_keys(site: TalkativeSite) -> httpx.Response:
    await site.api("PUT", "/bunker/limits", {"max_keys": 1}, as_=site.superuser)
    refused = await pair(site, await site.add_machine())
    await site.api("PUT", "/bunker/limits", {}, as_=site.superuser)
    return refused


@had("too_many_machines")
async def _too_many_machines(site: TalkativeSite) -> httpx.Response:
    rows = "".join(f"Station {number},\n" for number in range(101))
    return await site.import_csv(f"name,location\n{rows}")


@had("same_names")
async def _same_names(site: TalkativeSite) -> httpx.Response:
    return await site.import_csv("name\nTwin\nTwin\n")


@had("too_many_rotations")
async def _too_many_rotations(site: TalkativeSite) -> httpx.Response:
    """A seed that ends unused leaves its key to the next, so this one is used."""
    machine_id, _ = await connected(site)
    await site.redeem(await site.pair(machine_id, rotate=True), Keys.generate())
    return await pair(site, machine_id, rotate=True)


@had("too_many_pairs")
async def _too_many_pairs(site: TalkativeSite) -> httpx.Response:
    hasty = await register(site.client, "hasty")
    made = await site.api("POST", "/machines", {"name": "Hasty"}, as_=hasty)
    body, path = {"relays": ["https://no.relay"]}, f"/machines/{made.json()['id']}/pair"
    answers = [await site.api("POST", path, body, as_=hasty) for _ in range(101)]
    return answers[-1]


@had("bunker_failed")
async def _bunker_failed(site: TalkativeSite) -> httpx.Response:
    """In its own words, which hold whatever it knows; for each call of a pairing, and for all."""
    answers = []
    for method in ("create_new_key", "create_new_token", "get_key_tokens", None):
        site.bunker.levers.refuse(site.told_secrets(), method)
        machine_id = await site.add_machine()
        answers.append(await pair(site, machine_id))
        await site.api("GET", "/bunker", as_=site.superuser)
        await site.api("POST", "/bunker/reconcile", as_=site.superuser)
        await site.api("POST", f"/machines/{machine_id}/revoke")
        site.bunker.levers.normal()
    assert {answer.json()["code"] for answer in answers} == {"bunker_failed"}
    return answers[-1]


@had("not_accepted")
async def _not_accepted(site: TalkativeSite) -> httpx.Response:
    await site.use(site.bunker, admin_nsec=site.made_up_nsec)
    refused = await pair(site, await site.add_machine())
    await site.use(site.bunker)
    return refused


@had("no_relay")
async def _no_relay(site: TalkativeSite) -> httpx.Response:
    return await pair(site, await site.add_machine(), relays=[NOWHERE])


@had("bunker_silent")
async def _bunker_silent(site: TalkativeSite) -> httpx.Response:
    site.bunker.levers.silent("create_new_token")
    refused = await pair(site, await site.add_machine())
    site.bunker.levers.normal()
    return refused


@had("too_large")
async def _too_large(site: TalkativeSite) -> httpx.Response:
    body = {"bunker_url": site.bunker.url, "admin_nsec": site.made_up_nsec * 30_000}
    return await site.api("PUT", "/bunker", body, as_=site.superuser)


@had("another_site")
async def _another_site(site: TalkativeSite) -> httpx.Response:
    body = {"bunker_url": site.bunker.url, "admin_nsec": site.made_up_nsec}
    headers = {"Authorization": "", "Cookie": "cookie_access_token=a", "Origin": "http://a.example"}
    return await site.api("PUT", "/bunker", body, as_=site.superuser, headers=headers)
