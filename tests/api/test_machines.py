"""Adding, listing, changing and removing machines, and whose they are."""

import asyncio
from typing import Any

import pytest
from support.host import NOBODY, PASSWORD, Caller, Host


async def test_a_machine_asks_for_a_name_and_nothing_else(host: Host, newcomer: Caller) -> None:
    answer = await host.api("POST", "/machines", {"name": "Station North"}, as_=newcomer)
    machine = answer.json()
    assert answer.status_code == 201
    assert machine["machine_npub"] is None
    assert machine["spire_npub"] is None
    assert machine["state"] == "unpaired"
    wallets = (await host.client.get("/api/v1/auth", headers=newcomer.headers)).json()["wallets"]
    named = {wallet["id"]: wallet["name"] for wallet in wallets}
    assert named[machine["wallet_id"]] == "Station North"


async def test_an_npub_from_the_request_is_not_taken(host: Host, newcomer: Caller) -> None:
    answer = await host.api(
        "POST", "/machines", {"name": "North", "machine_npub": "a" * 64}, as_=newcomer
    )
    assert answer.json()["machine_npub"] is None


async def test_text_is_kept_as_typed(host: Host, newcomer: Caller) -> None:
    name = "<b>Café</b> &amp; 'Bar' ; ? 100%"
    machine_id = await host.add_machine(newcomer, name=name, location="<Halle 2>")
    machine = (await host.api("GET", f"/machines/{machine_id}", as_=newcomer)).json()
    assert (machine["name"], machine["location"]) == (name, "<Halle 2>")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "name: field required"),
        ({"name": "  "}, "name: must not be blank"),
        ({"name": "a\x07b"}, "name: must not hold control characters"),
        ({"name": "x" * 101}, "name: ensure this value has at most 100 characters"),
        ({"name": "North", "fiat_code": "eur"}, "fiat_code: string does not match regex"),
        ({"name": "North", "wallet_id": "nope"}, "wallet_id: you have no such wallet"),
    ],
)
async def test_bad_input_says_which_field(
    host: Host, newcomer: Caller, data: dict[str, str], words: str
) -> None:
    answer = await host.api("POST", "/machines", data, as_=newcomer)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_input"
    assert words in answer.json()["detail"]
    assert (await host.api("GET", "/machines", as_=newcomer)).json()["total"] == 0


async def test_a_wallet_of_somebody_else_is_refused(host: Host, newcomer: Caller) -> None:
    answer = await host.api(
        "POST", "/machines", {"name": "North", "wallet_id": host.operator.wallet_id}, as_=newcomer
    )
    assert answer.status_code == 400
    assert "you have no such wallet" in answer.json()["detail"]


async def test_one_wallet_serves_one_machine(host: Host, newcomer: Caller) -> None:
    await host.add_machine(newcomer, wallet_id=newcomer.wallet_id)
    second = {"name": "South", "wallet_id": newcomer.wallet_id}
    answer = await host.api("POST", "/machines", second, as_=newcomer)
    assert (answer.status_code, answer.json()["code"]) == (409, "wallet_in_use")
    other = await host.add_machine(newcomer, name="South")
    change = {"wallet_id": newcomer.wallet_id}
    answer = await host.api("PUT", f"/machines/{other}", change, as_=newcomer)
    assert (answer.status_code, answer.json()["code"]) == (409, "wallet_in_use")


async def test_a_change_leaves_the_rest(host: Host, newcomer: Caller) -> None:
    machine_id = await host.add_machine(newcomer, location="Hall 1")
    answer = await host.api("PUT", f"/machines/{machine_id}", {"name": "South"}, as_=newcomer)
    assert (answer.json()["name"], answer.json()["location"]) == ("South", "Hall 1")


async def test_two_who_change_a_machine_do_not_overwrite_each_other_unseen(
    host: Host, newcomer: Caller
) -> None:
    """Those who say which version they have read. A script that does not has the last word."""
    machine_id = await host.add_machine(newcomer, location="Hall 1")

    async def put(**change: Any) -> Any:
        return await host.api("PUT", f"/machines/{machine_id}", change, as_=newcomer)

    read = (await host.api("GET", f"/machines/{machine_id}", as_=newcomer)).json()["version"]
    first = await put(name="South", version=read)
    assert (first.status_code, first.json()["version"]) == (200, read + 1)
    second = await put(name="West", location="Hall 2", version=read)
    assert (second.status_code, second.json()["code"]) == (409, "edited_meanwhile")
    now = (await host.api("GET", f"/machines/{machine_id}", as_=newcomer)).json()
    assert (now["name"], now["location"], now["version"]) == ("South", "Hall 1", read + 1)
    await host.pair(machine_id, as_=newcomer)  # no change of the operator's
    answers = await asyncio.gather(*(put(name=f"{n}", version=read + 1) for n in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert (await put(name="East")).json()["version"] == read + 3
    for wrong in (-1, 2**40, True, "1.5"):
        assert (await put(name="North", version=wrong)).status_code == 400


ROUTES = [
    ("GET", "", None),
    ("PUT", "", {"name": "Mine now"}),
    ("DELETE", "", None),
    ("POST", "/pair", {"relays": ["wss://relay.example.com"]}),
    ("GET", "/pairing", None),
    ("DELETE", "/pairing", None),
    ("POST", "/pairing/confirm", {"client_pubkey": "a" * 64}),
    ("POST", "/pairing/reject", {"client_pubkey": "a" * 64}),
    ("POST", "/revoke", None),
]


@pytest.mark.parametrize(("method", "path", "data"), ROUTES)
async def test_anothers_machine_and_no_machine_answer_alike(
    host: Host, method: str, path: str, data: dict[str, object] | None
) -> None:
    mine = await host.add_machine()
    before = (await host.api("GET", f"/machines/{mine}")).json()
    for somebody in (host.other_operator, host.superuser):
        theirs = await host.api(method, f"/machines/{mine}{path}", data, as_=somebody)
        nobodys = await host.api(method, f"/machines/NobodysMachine{path}", data, as_=somebody)
        assert theirs.status_code == nobodys.status_code == 404
        assert theirs.json() == nobodys.json()
    stranger = await host.api(method, f"/machines/{mine}{path}", data, as_=NOBODY)
    assert stranger.status_code == 401
    assert (await host.api("GET", f"/machines/{mine}")).json() == before


async def test_a_deleted_machine_is_gone_and_its_wallet_free(host: Host, newcomer: Caller) -> None:
    machine_id = await host.add_machine(newcomer, wallet_id=newcomer.wallet_id)
    answer = await host.api("DELETE", f"/machines/{machine_id}", as_=newcomer)
    assert answer.json()["bunker"] == "done"
    assert (await host.api("GET", f"/machines/{machine_id}", as_=newcomer)).status_code == 404
    await host.add_machine(newcomer, wallet_id=newcomer.wallet_id)


async def test_every_route_is_in_the_openapi_page(host: Host) -> None:
    paths = (await host.client.get("/openapi.json")).json()["paths"]
    ours = {path.removeprefix("/spirekeeper/api/v1/dca"): set(paths[path]) for path in paths}
    assert ours["/machines"] == {"get", "post"}
    assert ours["/machines/{machine_id}"] == {"get", "put", "delete"}
    assert ours["/machines/{machine_id}/pair"] == {"post"}
    assert ours["/machines/{machine_id}/pairing"] == {"get", "delete"}
    assert ours["/machines/{machine_id}/revoke"] == {"post"}
    assert ours["/roster/{key}"] == {"get"}
    assert ours["/bunker"] == {"get", "put", "delete"}
    assert ours["/relays/check"] == {"post"}


async def test_every_body_and_answer_has_an_example(host: Host) -> None:
    page = (await host.client.get("/openapi.json")).json()
    named = page["components"]["schemas"]
    shapes = set()
    for path, operations in page["paths"].items():
        if path.startswith("/spirekeeper/"):
            shapes |= {
                reference.rsplit("/", 1)[1]
                for operation in operations.values()
                for reference in _references(
                    {"body": operation.get("requestBody"), "ok": operation["responses"]}
                )
            }
    lists = {name for name in shapes if name.startswith("Page_")}
    assert {"CreateMachine", "PairResult", "ErrorAnswer"} <= shapes
    shapes -= lists | {"HTTPValidationError"}
    assert [name for name in sorted(shapes) if "example" not in named[name]] == []


def _references(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if "$ref" in part else []
        return own + [ref for value in part.values() for ref in _references(value)]
    return [ref for value in part for ref in _references(value)] if isinstance(part, list) else []


async def test_the_login_cookie_opens_the_api_as_a_token_does(host: Host) -> None:
    login = {"username": host.operator.username, "password": PASSWORD}
    answer = await host.client.post("/api/v1/auth", json=login)
    try:
        assert answer.cookies
        assert (await host.api("GET", "/machines", as_=NOBODY)).status_code == 200
    finally:
        host.client.cookies.clear()
    assert (await host.api("GET", "/machines", as_=NOBODY)).status_code == 401


async def test_wallets_are_listed_with_the_machine_that_each_serves(
    host: Host, newcomer: Caller
) -> None:
    async def serving(caller: Caller) -> dict[str, str | None]:
        answer = await host.api("GET", "/wallets", as_=caller)
        assert answer.status_code == 200, answer.text
        return {wallet["name"]: wallet["machine_id"] for wallet in answer.json()}

    [(only, free)] = (await serving(newcomer)).items()
    assert free is None
    north = await host.add_machine(newcomer, name="North", wallet_id=newcomer.wallet_id)
    south = await host.add_machine(newcomer, name="South")
    assert await serving(newcomer) == {only: north, "South": south}
    assert north not in (await serving(host.other_operator)).values()
    assert (await host.api("GET", "/wallets", as_=NOBODY)).status_code == 401
    assert (await host.api("GET", "/wallets", as_=host.stranger)).status_code == 403


async def test_two_machines_cannot_take_one_wallet_at_once(host: Host, newcomer: Caller) -> None:
    data = {"name": "North", "wallet_id": newcomer.wallet_id}
    answers = await asyncio.gather(
        *(host.api("POST", "/machines", data, as_=newcomer) for _ in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
