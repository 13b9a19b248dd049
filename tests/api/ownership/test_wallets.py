"""A wallet from a request is the operator's own, standing, and serves no other machine."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from api.ownership.cast import Cast
from support.figures import Figures
from support.host import DCA, Caller, Host
from support.stored_here import stored

Ask = Callable[[str], Awaitable[httpx.Response]]

GONE_OR_ANOTHERS = [
    "another's",
    "another machine's operator's",
    "deleted",
    "of one who was deleted",
    "of one who was deactivated",
    "nobody's",
    "in markup",
    "in capitals",
]


@pytest.fixture
async def mine(host: Host, cast: Cast) -> Any:
    """The machine that is edited, with a wallet made for it."""
    machine_id = await host.add_machine(cast["operator"], name="Mine")
    yield (await host.api("GET", f"/machines/{machine_id}", as_=cast["operator"])).json()
    await host.api("DELETE", f"/machines/{machine_id}", as_=cast["operator"])


@pytest.fixture(params=["create", "edit", "import"])
def ask(request: pytest.FixtureRequest, host: Host, cast: Cast, mine: Any, figures: Figures) -> Ask:
    """Sends a wallet id on each route that takes one, as the operator."""
    operator = cast["operator"]

    async def send(wallet_id: str) -> httpx.Response:
        figures.add("requests")
        if request.param == "import":
            headers = {**operator.headers, "Content-Type": "text/csv"}
            rows = f"name,location,wallet\nFirst,,make one\nSecond,,{wallet_id}\n"
            return await host.client.post(f"{DCA}/machines/import", content=rows, headers=headers)
        body = {"name": "New", "wallet_id": wallet_id}
        if request.param == "edit":
            return await host.api("PUT", f"/machines/{mine['id']}", body, as_=operator)
        return await host.api("POST", "/machines", body, as_=operator)

    return send


async def new_wallet(caller: Caller) -> str:
    from lnbits.core.crud import create_wallet

    return str((await create_wallet(user_id=caller.user_id, wallet_name="Another")).id)


async def deleted_wallet(host: Host, caller: Caller) -> str:
    from lnbits.core.crud import delete_wallet

    wallet_id = await new_wallet(caller)
    await delete_wallet(user_id=caller.user_id, wallet_id=wallet_id)
    return wallet_id


async def _wallet(host: Host, cast: Cast, which: str) -> str:
    own, another = cast["operator"], cast["another"]
    match which:
        case "another's":
            return another.wallet_id
        case "another machine's operator's":
            machine_id = await host.add_machine(another)
            answer = await host.api("GET", f"/machines/{machine_id}", as_=another)
            return str(answer.json()["wallet_id"])
        case "deleted":
            return await deleted_wallet(host, own)
        case "of one who was deleted":
            return cast["deleted"].wallet_id
        case "of one who was deactivated":
            return cast["deactivated"].wallet_id
        case "in markup":
            return f"<b>{await new_wallet(own)}</b>"
        case "in capitals":
            return f"A{await new_wallet(own)}".upper()
    return "0" * 32


@pytest.mark.parametrize("which", GONE_OR_ANOTHERS)
async def test_no_other_wallet_is_taken(host: Host, cast: Cast, ask: Ask, which: str) -> None:
    wallet_id = await _wallet(host, cast, which)
    before = await stored()
    answer = await ask(wallet_id)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input"), answer.text
    assert await stored() == before


async def test_a_wallet_that_serves_another_machine_is_not_taken(
    host: Host, cast: Cast, mine: Any, ask: Ask
) -> None:
    other = await host.add_machine(cast["operator"], name="Other")
    machine = (await host.api("GET", f"/machines/{other}", as_=cast["operator"])).json()
    before = await stored()
    answer = await ask(machine["wallet_id"])
    assert answer.status_code in (400, 409)  # an import tells of every wrong line at once
    assert "serves another machine" in answer.text
    assert await stored() == before
    await host.api("DELETE", f"/machines/{other}", as_=cast["operator"])


async def test_a_wallet_deleted_later_silences_the_machine(host: Host, cast: Cast) -> None:
    from lnbits.core.crud import delete_wallet

    operator = cast["operator"]
    wallet_id = await new_wallet(operator)
    await host.credit(wallet_id, 21_000)
    machine_id = await host.add_machine(operator, wallet_id=wallet_id)
    path = f"/machines/{machine_id}"
    machine = (await host.api("GET", path, as_=operator)).json()
    told = ("wallet_ok", "wallet_name", "balance_sat")
    assert [machine[name] for name in told] == [True, "Another", 21_000]
    assert machine in (await host.api("GET", "/machines", as_=operator)).json()["data"]
    await delete_wallet(user_id=operator.user_id, wallet_id=wallet_id)
    machine = (await host.api("GET", path, as_=operator)).json()
    assert [machine[name] for name in told] == [False, None, None]
    await host.api("DELETE", f"/machines/{machine_id}", as_=operator)


async def test_ones_own_free_wallet_is_taken(cast: Cast, ask: Ask, host: Host) -> None:
    wallet_id = await new_wallet(cast["operator"])
    answer = await ask(wallet_id)
    assert answer.is_success, answer.text
    assert wallet_id in answer.text
    for machine in (await host.api("GET", "/machines", as_=cast["operator"])).json()["data"]:
        if machine["wallet_id"] == wallet_id or machine["name"] == "First":
            await host.api("DELETE", f"/machines/{machine['id']}", as_=cast["operator"])
