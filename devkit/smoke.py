"""The whole job once: pair a machine, let it sign, pair it again, sell and take notes, cut it off.

One line a step.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from nostr_sdk import Event
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from ..spire.cash_in_orders import CashInOrders
from ..spire.cash_orders import Orders
from .api import Api, ApiError
from .customer import balance_sat, fetch, pay
from .kit import DevKit
from .lnbits import LNbitsError

SPIRE = Path(sys.executable).with_name("spire")
DEVKIT = SPIRE.with_name("devkit")
REFUSED = 3
"""The exit code of `spire` when the bunker refuses."""
CASH_OUT = 21000
SATS, BACK = 2000, 1000
"""What the customer pays for notes, and then inserts."""
CAPS = {"cap_order": 2000, "cap_hour": 2000, "cap_day": 2000, "cap_open": 2000}
WAIT_SECONDS = 20


class SmokeError(Exception):
    """A step did not do what it should; says which and why."""


class _Unexpected(Exception):
    """What a step found instead."""


@contextmanager
def step(words: str, say: Callable[[str], None]) -> Iterator[None]:
    """Says the step with its time once it has worked."""
    began = time.perf_counter()
    try:
        yield
    except (
        *(_Unexpected, ApiError, LNbitsError, OSError),
        *(httpx.HTTPError, WebSocketException, asyncio.TimeoutError),
    ) as error:
        why = str(error) or f"no answer within {WAIT_SECONDS} s"
        raise SmokeError(f"failed: {words}: {why}") from error
    say(f"{time.perf_counter() - began:7.2f} s  {words}")


async def smoke(folder: Path, say: Callable[[str], None]) -> None:
    """Does the whole job in an empty folder; SmokeError at the first step that fails."""
    kit = DevKit(folder)
    with step("relay, bunker and LNbits are up", say):
        await kit.__aenter__()
    try:
        async with Api(kit.lnbits, kit.operator) as api:
            await _tell(kit, api, folder / "spire", say)
    except SmokeError as error:
        raise SmokeError(str(kit.lnbits.error(str(error)))) from error
    finally:
        await kit.__aexit__(None, None, None)


async def _tell(kit: DevKit, api: Api, home: Path, say: Callable[[str], None]) -> None:
    operator, relay = kit.operator, kit.relay.url
    with step("a machine is added over REST with a Bearer token", say):
        machine = await api("POST", "/machines", name="Smoke", wallet_id=operator.wallet_id)
        path = f"/machines/{machine['id']}"
    with step("the machine is paired: the bunker mints its key, a pairing code comes back", say):
        paired = await api("POST", f"{path}/pair", relays=[relay], allow_private_relays=True)
        pubkey = paired["spire_pubkey"]
    with step("the machine boots from the pairing code and connects to the bunker", say):
        await _spire(home, "boot", "--seed-file", "-", said=paired["seed_url"])
    with step("the operator sees it connected", say):
        await asyncio.wait_for(_until_paired(api, path), WAIT_SECONDS)
    with step(f"the machine has a kind-{CASH_OUT} event signed and publishes it", say):
        event = await asyncio.wait_for(_published(home, relay), WAIT_SECONDS)
    with step("it arrives on the relay, signed by the minted key, and verifies", say):
        _expect(event.author().to_hex() == pubkey, "the event is by another key")
        _expect(event.verify(), "the signature is not valid")
    with step("the roster names the operator's wallet for that key", say):
        await _names_the_wallet(api, event, operator.wallet_id)
    with step("it is paired again; until the operator says Yes it works as before", say):
        again = {"relays": [relay], "allow_private_relays": True, "require_confirmation": True}
        paired = await api("POST", f"{path}/pair", **again)
        await _spire(home, "boot", "--seed-file", "-", said=paired["seed_url"])
        event = await asyncio.wait_for(_published(home, relay), WAIT_SECONDS)
        await _names_the_wallet(api, event, operator.wallet_id)
    with step("the operator says Yes, and the machine changes over by itself", say):
        client = await asyncio.wait_for(_until_redeemed(api, path), WAIT_SECONDS)
        await api("POST", f"{path}/pairing/confirm", client_pubkey=client)
        event = await asyncio.wait_for(_published(home, relay), WAIT_SECONDS)
        pubkey = event.author().to_hex()
        _expect(pubkey == paired["spire_pubkey"], "the event is by the older key")
        await _names_the_wallet(api, event, operator.wallet_id)
    await _sell(kit, api, path, home, say)
    await _take(kit, api, home, say)
    with step("the machine is revoked, here and in the bunker", say):
        revoked = await api("POST", f"{path}/revoke")
        _expect(revoked["bunker"] == "done", f"the bunker's part is {revoked['bunker']}")
    with step("the roster is silent", say):
        await _is_silent(api, pubkey)
    with step("the machine's next signature is refused", say):
        await _spire(home, "sign", "--kind", str(CASH_OUT), "--content", "again", code=REFUSED)


async def _sell(kit: DevKit, api: Api, path: str, home: Path, say: Callable[[str], None]) -> None:
    """A customer's sats for notes."""
    with step(
        "cash is switched on, with caps, and the machine is paired again: it learns who answers it",
        say,
    ):
        await api("PUT", f"{path}/cash", out_on=True, in_on=True, **CAPS)
        again = {"relays": [kit.relay.url], "allow_private_relays": True}
        paired = await api("POST", f"{path}/pair", **again)
        await _spire(home, "boot", "--seed-file", "-", said=paired["seed_url"])
        client = await asyncio.wait_for(_until_redeemed(api, path), WAIT_SECONDS)
        await api("POST", f"{path}/pairing/confirm", client_pubkey=client)
    with step(f"a customer pays {SATS} sats, and the machine dispenses once", say):
        ran = home.with_name("motor")
        sale = ("cash-out", "--sats", str(SATS), "--dispenser", f"{DEVKIT} motor --count {ran}")
        selling = asyncio.create_task(_spire(home, *sale))
        invoice = await asyncio.wait_for(_invoiced(home), WAIT_SECONDS)
        async with httpx.AsyncClient(base_url=kit.lnbits.base_url, trust_env=False) as http:
            await pay(http, kit.superuser.access_token, invoice)
        await asyncio.wait_for(selling, WAIT_SECONDS)
        _expect(ran.read_text() == f"{SATS}\n", "the motor has not run once")
    with step("the sats are in the machine's wallet, and the order is closed", say):
        [order] = (await api("GET", "/cash"))["data"]
        _expect(order["state"] == "dispensed", f"the order is {order['state']}")
        held = await balance_sat(kit.lnbits.base_url, kit.operator)
        _expect(held == SATS, f"the wallet has {held} sats")


async def _take(kit: DevKit, api: Api, home: Path, say: Callable[[str], None]) -> None:
    """A customer's notes for sats."""
    before = await balance_sat(kit.lnbits.base_url, kit.superuser)
    with step(f"a customer inserts {BACK} sats' worth, and a stock wallet fetches them", say):
        ran = home.with_name("slot")
        acceptor = f"{DEVKIT} acceptor --count {ran}"
        taking = asyncio.create_task(
            _spire(home, "cash-in", "--sats", str(BACK), "--lnurl", "--acceptor", acceptor)
        )
        link = await asyncio.wait_for(_linked(home), WAIT_SECONDS)
        async with httpx.AsyncClient(base_url=kit.lnbits.base_url, trust_env=False) as http:
            await fetch(http, kit.superuser.access_token, link)
        await asyncio.wait_for(taking, WAIT_SECONDS)
        _expect(ran.read_text() == f"{BACK}\n", "notes were not taken once")
    with step("the sats are in the customer's wallet, and the order is closed", say):
        order, _ = (await api("GET", "/cash"))["data"]
        _expect(order["state"] == "sent", f"the order is {order['state']}")
        got = await balance_sat(kit.lnbits.base_url, kit.superuser) - before
        _expect(got == BACK, f"the customer has got {got} sats")
        held = await balance_sat(kit.lnbits.base_url, kit.operator)
        _expect(held == SATS - BACK, f"the wallet has {held} sats")


async def _linked(home: Path) -> str:
    """The link that the machine shows."""
    while True:
        shown = next((order.lnurl for order in CashInOrders(home).all() if order.lnurl), None)
        if shown:
            return shown
        await asyncio.sleep(0.1)


async def _invoiced(home: Path) -> str:
    """The invoice that the machine shows."""
    while True:
        shown = next((order.bolt11 for order in Orders(home).all() if order.bolt11), None)
        if shown:
            return shown
        await asyncio.sleep(0.1)


async def _until_paired(api: Api, path: str) -> None:
    """Each question has the bunker asked; the page does the same."""
    while (await api("GET", f"{path}/pairing"))["state"] != "paired":  # noqa: ASYNC110
        await asyncio.sleep(0.1)


async def _until_redeemed(api: Api, path: str) -> str:
    """The client that waits for the operator's Yes."""
    while True:
        pairing = (await api("GET", f"{path}/pairing"))["pairing"]
        if pairing["state"] == "redeemed":
            return str(pairing["client_pubkey"])
        await asyncio.sleep(0.1)


async def _names_the_wallet(api: Api, event: Event, wallet_id: str) -> None:
    entry = await api("GET", f"/roster/{event.author().to_hex()}")
    _expect(entry["wallet_id"] == wallet_id, "the roster names another wallet")


async def _is_silent(api: Api, pubkey: str) -> None:
    try:
        await api("GET", f"/roster/{pubkey}")
    except ApiError as error:
        _expect(error.status == httpx.codes.NOT_FOUND, str(error))
    else:
        raise _Unexpected("the roster still answers")


async def _published(home: Path, relay: str) -> Event:
    """The event that the machine publishes, as somebody else on the relay receives it."""
    async with connect(relay, proxy=None) as listener:
        await listener.send(json.dumps(["REQ", "smoke", {"kinds": [CASH_OUT]}]))
        await _heard(listener, "EOSE")
        sign = ("sign", "--kind", str(CASH_OUT), "--content", "cash-out", "--publish")
        await _spire(home, *sign)
        return Event.from_json(json.dumps((await _heard(listener, "EVENT"))[2]))


async def _heard(listener: ClientConnection, kind: str) -> list[object]:
    while True:
        message: list[object] = json.loads(await listener.recv())
        if message[0] == kind:
            return message


async def _spire(home: Path, verb: str, *arguments: str, said: str = "", code: int = 0) -> None:
    """Runs the reference machine as its own process; `said` is its standard input."""
    process = await asyncio.create_subprocess_exec(
        *(str(SPIRE), verb, "--home", str(home), *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate(said.encode())
    if process.returncode != code:
        answer = output.decode(errors="replace").strip()
        raise _Unexpected(f"`spire {verb}` ended with {process.returncode}, not {code}: {answer}")


def _expect(held: bool, otherwise: str) -> None:
    if not held:
        raise _Unexpected(otherwise)
