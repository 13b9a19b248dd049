"""Two LNbits: ours, with the extension, and the one that is its node, where the customers have
their wallets. So what they pay comes from outside, and what they get goes there.

    async with Bed(folder) as bed:
        async with selling(bed) as machine:
            bolt11 = (await machine.offer(new_id(), 1000))["bolt11"]
            await bed.pays(bolt11)
            bolt11 = await bed.customers_invoice(1000)

`bed.proxy` stands between the two, and does what is asked of it. Time does not pass faster here:
`let_pass` makes what is stored older instead.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
from spirekeeper.devkit.house import UNLIMITED, HouseHere
from spirekeeper.devkit.kept import free_port
from spirekeeper.devkit.lnbits import LNbits

from support.cash_at_machine import AtMachine
from support.cash_ledger import Books, Place, read_books
from support.fault_proxy import FaultProxy
from support.host import DCA, Caller, CallsTheApi, first_install, register

PATIENCE_S = 60.0
TOPPED_UP = 10_000_000
OURS, LNBITS = "ext_spirekeeper", "database"
READS_LINKS = {"LNBITS_LNURL_ALLOW_PRIVATE_IPS": "true", "LNBITS_CALLBACK_URL_RULES": "[]"}
"""For an LNbits that is a customer's wallet: ours is on loopback."""
STORED_TIMES = {
    LNBITS: ("apipayments", ("time", "created_at", "updated_at", "expiry")),
    OURS: (
        "cash_orders",
        (
            *("asked_at", "expires_at", "look_at", "made_until"),
            *("paid_at", "dispensing_at", "ended_at"),
        ),
    ),
}
"""By database, the table that has an invoice, and its times."""


class Bed(HouseHere, CallsTheApi):
    """All in `folder`. `servers` LNbits of ours share a database when there are several: the
    PostgreSQL at `database`; the first is up afterwards, and the others too."""

    superuser: Caller
    operator: Caller
    insider: Caller
    """A customer whose wallet is at our LNbits."""
    proxy: FaultProxy
    outsider: Caller
    """A customer with an account at the node, and more sats than needed."""
    banker: Caller
    """The superuser of the node."""
    node_wallet: str
    """The node's wallet that pays for ours."""

    def __init__(
        self, folder: Path, *, servers: int = 1, database: str | None = None, **environment: str
    ) -> None:
        super().__init__(
            folder,
            ports=[0] * servers,
            environment={
                **UNLIMITED,
                "AUTH_SECRET_KEY": "the secret of the test bed",
                "FUNDING_SOURCE_MAX_RETRIES": "0",
                **({"LNBITS_DATABASE_URL": database} if database else {}),
                **environment,
            },
            bunker_options={"refusal_delay": 0.05},
        )
        self._database = database
        self._http: list[httpx.AsyncClient] = []

    # Moving in

    async def _raise_bunker(self, running: AsyncExitStack) -> None:
        await super()._raise_bunker(running)
        settings = {"AUTH_SECRET_KEY": "the secret of the node", **READS_LINKS}
        self.node = LNbits(
            self.folder / "node", port=free_port(), environment=settings, linked=False
        )
        running.push_async_callback(self.node.stop)
        await self.node.start()
        self._at_node = await running.enter_async_context(_client(self.node))
        self.banker = banker = await first_install(self._at_node, enable=False)
        body = {"name": "the customers'"}
        wallet = await self._ask_node("POST", "/api/v1/wallet", body, banker.headers)
        self._customers = {"X-Api-Key": wallet["adminkey"]}
        topped_up = {"id": wallet["id"], "amount": TOPPED_UP}
        await self._ask_node("PUT", "/users/api/v1/balance", topped_up, banker.headers)
        self.outsider = await register(self._at_node, "outsider", enable=False)
        topped_up = {"id": self.outsider.wallet_id, "amount": TOPPED_UP}
        await self._ask_node("PUT", "/users/api/v1/balance", topped_up, banker.headers)
        [funding] = [
            each
            for each in (await self._ask_node("GET", "/api/v1/auth", None, banker.headers))[
                "wallets"
            ]
            if each["id"] == banker.wallet_id
        ]
        self.node_wallet = funding["id"]
        self.proxy = await running.enter_async_context(FaultProxy(self.node.port))
        self._environment |= {
            "LNBITS_BACKEND_WALLET_CLASS": "LNbitsWallet",
            "LNBITS_ENDPOINT": self.proxy.url,
            "LNBITS_KEY": funding["adminkey"],
        }

    async def _ask_node(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        answer = await self._at_node.request(method, path, json=body, headers=headers)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def _move_in(self) -> None:
        for lnbits in self.servers:
            self._http.append(await self._running.enter_async_context(_client(lnbits)))
        self.superuser = await first_install(self._http[0])
        for later in self.servers[1:]:  # it knows of the superuser then
            await later.start()
        self.operator = await register(self._http[0], "operator")
        self.insider = await register(self._http[0], "insider", enable=False)

    # Asking

    def wallet(self, *, inside: bool) -> tuple[httpx.AsyncClient, Caller]:
        """A customer, and the LNbits that the customer's wallet is at: ours, or the other one."""
        return (self._http[0], self.insider) if inside else (self._at_node, self.outsider)

    async def api(
        self,
        method: str,
        path: str,
        json: Any = None,
        *,
        as_: Caller | None = None,
        params: dict[str, Any] | None = None,
        server: int = 0,
    ) -> httpx.Response:
        """`path` begins after `/dca`; as the operator unless somebody is named."""
        headers = (as_ or self.operator).headers
        return await self._http[server].request(
            method, DCA + path, json=json, params=params, headers=headers
        )

    async def orders(self, machine_id: str, *, server: int = 0) -> list[dict[str, Any]]:
        """What the operator's list has of a machine, the newest first."""
        answer = await self.api("GET", "/cash", params={"machine_id": machine_id}, server=server)
        assert answer.status_code == 200, answer.text
        orders: list[dict[str, Any]] = answer.json()["data"]
        return orders

    async def polls(self, payment_hash: str, *, server: int = 0) -> dict[str, Any]:
        """What LNbits tells anybody who asks how a payment stands; it asks its node for that."""
        answer = await self._http[server].get(f"/api/v1/payments/{payment_hash}")
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def balance(self, machine_id: str) -> int:
        """Sats in a machine's wallet, as LNbits says."""
        wallet_id = (await self.api("GET", f"/machines/{machine_id}")).json()["wallet_id"]
        user = await self._http[0].get("/api/v1/auth", headers=self.operator.headers)
        [wallet] = [each for each in user.json()["wallets"] if each["id"] == wallet_id]
        return int(wallet["balance_msat"]) // 1000

    # Paying

    async def pays(self, bolt11: str) -> None:
        """The customer, from outside."""
        body = {"out": True, "bolt11": bolt11}
        await self._ask_node("POST", "/api/v1/payments", body, self._customers)

    async def pays_inside(self, bolt11: str, *, server: int = 0) -> None:
        """A customer whose wallet is at our LNbits."""
        http, insider = self._http[server], self.insider
        topped_up = {"id": insider.wallet_id, "amount": TOPPED_UP // 100}
        answer = await http.put(
            "/users/api/v1/balance", json=topped_up, headers=self.superuser.headers
        )
        assert answer.is_success, answer.text
        user = (await http.get("/api/v1/auth", headers=insider.headers)).json()
        key = {"X-Api-Key": user["wallets"][0]["adminkey"]}
        answer = await http.post(
            "/api/v1/payments", json={"out": True, "bolt11": bolt11}, headers=key
        )
        assert answer.is_success, answer.text

    # Being paid

    async def customers_invoice(self, sats: int) -> str:
        """One of a customer's, from outside."""
        body = {"out": False, "amount": sats, "memo": "a customer's"}
        made = await self._ask_node("POST", "/api/v1/payments", body, self._customers)
        return str(made["bolt11"])

    async def customer_scans(self, lnurl: str) -> str:
        """A customer's wallet at the other LNbits fetches what a link has; its invoice."""
        scanned = await self._ask_node("GET", f"/api/v1/lnurlscan/{lnurl}", None, self._customers)
        body = {
            "out": False,
            "amount": scanned["maxWithdrawable"] // 1000,
            "memo": "a customer's",
            "lnurl_withdraw": scanned,
        }
        made = await self._ask_node("POST", "/api/v1/payments", body, self._customers)
        assert made["extra"]["lnurl_response"] is True, made
        return str(made["bolt11"])

    async def insiders_invoice(self, sats: int, *, server: int = 0) -> str:
        """One of a customer whose wallet is at our LNbits."""
        http = self._http[server]
        user = (await http.get("/api/v1/auth", headers=self.insider.headers)).json()
        answer = await http.post(
            "/api/v1/payments",
            json={"out": False, "amount": sats, "memo": "an insider's"},
            headers={"X-Api-Key": user["wallets"][0]["inkey"]},
        )
        assert answer.is_success, answer.text
        return str(answer.json()["bolt11"])

    async def fund(self, sats: int) -> None:
        """The node has so much more to pay with."""
        body = {"id": self.node_wallet, "amount": sats}
        await self._ask_node("PUT", "/users/api/v1/balance", body, self.banker.headers)

    async def fill(self, machine_id: str, sats: int) -> None:
        """A machine's wallet has so much more, or less."""
        wallet_id = (await self.api("GET", f"/machines/{machine_id}")).json()["wallet_id"]
        answer = await self._http[0].put(
            "/users/api/v1/balance",
            json={"id": wallet_id, "amount": sats},
            headers=self.superuser.headers,
        )
        assert answer.is_success, answer.text

    async def limits_payments(self, most: int) -> None:
        """Sats that our LNbits pays at once, whoever asks."""
        answer = await self._http[0].patch(
            "/admin/api/v1/settings",
            json={"lnbits_max_outgoing_payment_amount_sats": most},
            headers=self.superuser.headers,
        )
        assert answer.is_success, answer.text

    def received(self, bolt11: str) -> bool:
        """Whether the customer, outside, has the sats of this invoice."""
        with closing(sqlite3.connect(self.node.folder / "data" / "database.sqlite3")) as database:
            query = "SELECT status FROM apipayments WHERE bolt11 = ? AND amount > 0"
            [status] = database.execute(query, [bolt11]).fetchone()
        return bool(status == "success")

    # What is stored

    @property
    def place(self) -> Place:
        """Where the checker reads what we, and our LNbits, have stored."""
        return self._database or self.lnbits.folder / "data"

    async def books(self, machines: Sequence[AtMachine] = ()) -> Books:
        return await read_books(
            self.place,
            payer=self.node.folder / "data",
            machines=machines,
            node_wallet=self.node_wallet,
        )

    def row(self, bolt11: str) -> dict[str, Any]:
        """LNbits' own of an invoice, as it is stored."""
        with closing(self._opened(LNBITS)) as database:
            database.row_factory = sqlite3.Row
            query = "SELECT * FROM apipayments WHERE bolt11 = ? AND amount > 0"
            return dict(database.execute(query, [bolt11]).fetchone())

    def let_pass(self, seconds: int, bolt11: str, *, of: Sequence[str] = (LNBITS, OURS)) -> None:
        """What is stored about this invoice, and of the order that it is for, is older by that."""
        for name in of:
            table, columns = STORED_TIMES[name]
            older = ", ".join(f"{column} = {column} - :by" for column in columns)
            query = f"UPDATE {table} SET {older} WHERE bolt11 = :bolt11"
            with closing(self._opened(name)) as database, database:
                changed = database.execute(query, {"by": seconds, "bolt11": bolt11})
                assert changed.rowcount >= 1

    def looks_now(self, bolt11: str) -> None:
        """What came of the payment of a customer's invoice is looked for at the next turn."""
        with closing(self._opened(OURS)) as database, database:
            query = "UPDATE cash_attempts SET look_at = look_at - 3600 WHERE bolt11 = ?"
            assert database.execute(query, [bolt11]).rowcount == 1

    def order(self, order_key: str) -> dict[str, Any]:
        """Our own of a machine's order, as it is stored."""
        with closing(self._opened(OURS)) as database:
            database.row_factory = sqlite3.Row
            query = "SELECT * FROM cash_orders WHERE order_key = ?"
            return dict(database.execute(query, [order_key]).fetchone())

    @contextmanager
    def breaking_off(self, bolt11: str) -> Iterator[None]:
        """Whoever pays this invoice inside is broken off between LNbits' two commits: the payer's
        row is written, and the receiver's is not."""
        self._break_off("one", f"NEW.bolt11 = '{bolt11}'")
        try:
            yield
        finally:
            self._script("DROP TRIGGER breaks_off_one")

    def breaks_off(self, memo: str) -> None:
        """The same from now on, for invoices that say this."""
        self._break_off("all", f"NEW.memo = '{memo}'")

    def _break_off(self, name: str, which: str) -> None:
        self._script(
            f"CREATE TRIGGER breaks_off_{name} BEFORE UPDATE ON apipayments "
            f"WHEN {which} AND NEW.amount > 0 AND NEW.status = 'success' "
            "BEGIN SELECT RAISE(ABORT, 'broken off'); END"
        )

    def _script(self, text: str) -> None:
        with closing(self._opened(LNBITS)) as database, database:
            database.execute(text)

    def _opened(self, name: str) -> sqlite3.Connection:
        return sqlite3.connect(self.lnbits.folder / "data" / f"{name}.sqlite3", timeout=PATIENCE_S)


def _client(lnbits: LNbits) -> httpx.AsyncClient:
    """A connection that is used again may just be closed by the other side."""
    limits = httpx.Limits(max_keepalive_connections=0)
    return httpx.AsyncClient(
        base_url=lnbits.base_url, trust_env=False, timeout=PATIENCE_S, limits=limits
    )
