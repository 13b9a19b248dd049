"""The rows of tests/api/ownership/expected.txt, and what is sent on each route."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from api.ownership.cast import Cast
from nostr_sdk import Keys
from support.host import DCA, Caller, Host
from support.redeeming import redeem

TABLE = Path(__file__).with_name("expected.txt")
ROOT = "/spirekeeper"
NAME = "Unmistakably the operator's"
SETTINGS: dict[tuple[str, str], Any] = {
    ("POST", "/bunker/passphrase/kept"): {"last_four": "abcd"},
    ("PUT", "/bunker/limits"): {"max_keys": 100_000},
    ("PUT", "/webhook"): {"url": "http://127.0.0.1:9/notices"},
    ("PUT", "/cash/stop"): {"stopped": True},
    ("POST", "/service-key/rotate"): {"expect": 0},
    ("POST", "/cash/{order_id}/settle"): {"how": "refunded"},
    ("PUT", "/machines/{machine_id}/cash"): {"smallest": 2},
}


@dataclass(frozen=True)
class Row:
    machine: str
    method: str
    path: str
    expected: dict[str, int]


def _rows() -> list[Row]:
    lines = [line.split() for line in TABLE.read_text().splitlines()]
    heading, *rows = (cells for cells in lines if cells and cells[0] != "#")
    assert heading[:2] == ["machine", "route"]
    return [
        Row(machine, method, path, dict(zip(heading[2:], map(int, answers), strict=True)))
        for machine, method, path, *answers in rows
    ]


ROWS = _rows()


@dataclass
class Scene:
    """The operator's machine as a row wants it, and what is sent on each route."""

    host: Host
    cast: Cast
    machine_id: str = "none"
    spire_pubkey: str = ""
    client_pubkey: str = ""
    order_id: str = "none"

    async def set(self, machine: str) -> None:
        operator = self.cast["operator"]
        if machine == "none":
            return
        self.machine_id = await self.host.add_machine(operator, name=NAME, location=NAME)
        if machine == "owing":
            self.order_id = await owed_order(self.machine_id, operator)
        if machine in ("bare", "owing"):
            return
        ask = self.host.pair_request(require_confirmation=machine == "redeemed")
        seed = await self._done("POST", f"/machines/{self.machine_id}/pair", ask)
        self.spire_pubkey = seed["spire_pubkey"]
        if machine == "seeded":
            return
        keys = Keys.generate()
        self.client_pubkey = keys.public_key().to_hex()
        assert (await redeem(self.host, seed["seed_url"], keys))["result"] == "ack"
        now = await self._done("GET", f"/machines/{self.machine_id}/pairing")
        assert now["pairing"]["client_pubkey"] == self.client_pubkey

    async def _done(self, method: str, path: str, body: Any = None) -> Any:
        answer = await self.host.api(method, path, body, as_=self.cast["operator"])
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def clear(self) -> None:
        for who in ("another", "admin", "superuser", "operator"):
            caller = self.cast[who]
            for machine in (await self.host.api("GET", "/machines?limit=500", as_=caller)).json()[
                "data"
            ]:
                await self.host.api("DELETE", f"/machines/{machine['id']}", as_=caller)
        await self.host.api("DELETE", "/bunker?force=true", as_=self.cast["superuser"])

    async def ask(self, row: Row, caller: Caller) -> httpx.Response:
        path = self.path(row, self.machine_id)
        body = await self.body(row, caller)
        headers = dict(caller.headers)
        # Other tests may have left machines that are paired through a bunker of theirs.
        params = {"force": True} if (row.method, body) == ("DELETE", None) else None
        if isinstance(body, str):
            headers["Content-Type"] = "text/csv"
            return await self.host.client.request(row.method, path, content=body, headers=headers)
        return await self.host.client.request(
            row.method, path, json=body, headers=headers, params=params
        )

    def path(self, row: Row, machine_id: str) -> str:
        return ROOT + row.path.format(
            machine_id=machine_id,
            key=self.spire_pubkey,
            order_id=self.order_id,
            link_id="0" * 32,
            word="0" * 32,
        )

    async def body(self, row: Row, caller: Caller) -> Any:
        pair = self.host.pair_request()
        match row.method, row.path.removeprefix(DCA.removeprefix(ROOT)):
            case "POST", "/machines":
                return {"name": "New"}
            case "PUT", "/machines/{machine_id}":
                return {"name": "Changed", "is_active": False}
            case "POST", "/machines/{machine_id}/pair":
                return pair
            case "POST", "/machines/pair":
                return {**pair, "machine_ids": [self.machine_id]}
            case "POST", "/machines/revoke-all":
                return {"expect": await self._to_stop(caller)}
            case "POST", "/machines/act":
                return {"act": "delete", "machine_ids": [self.machine_id]}
            case "POST", ("/machines/import" | "/machines/import/check"):
                return f"name,location,wallet\nNew {uuid4()},,make one\n"
            case "POST", (
                "/machines/{machine_id}/pairing/confirm" | "/machines/{machine_id}/pairing/reject"
            ):
                return {"client_pubkey": self.client_pubkey}
            case "POST", "/relays/check":
                return {"relays": [self.host.relay.url], "allow_private_relays": True}
            case route if route in SETTINGS:
                return SETTINGS[route]
            case ("PUT", "/bunker") | ("POST", "/bunker/test"):
                url = self.host.bunker.url
                return {"bunker_url": url, "allow_private_relays": True, "force": True}
        return None

    async def _to_stop(self, caller: Caller) -> int:
        """What would cut all of the caller's; of one who has none, all of the operator's."""
        from spirekeeper.store.stops import count_to_stop

        return (await count_to_stop(caller.user_id or self.cast["operator"].user_id)).machines


async def owed_order(machine_id: str, operator: Caller) -> str:
    """An order of this machine that was paid too late, as if it had been asked for; its id."""
    from spirekeeper.clock import utc_now
    from spirekeeper.orders import CashOrder, CashState
    from spirekeeper.store import cash_orders

    order = CashOrder(
        id=f"spirekeeper-{uuid4().hex}",
        machine_id=machine_id,
        order_key=uuid4().hex,
        operator_user_id=operator.user_id,
        machine_name=NAME,
        wallet_id=operator.wallet_id,
        state=CashState.PAID_LATE,
        sats=1000,
        content="",
        short_code="7KQ4M",
        asked_by="a" * 64,
        asked_event="e" * 64,
        asked_at=utc_now(),
    )
    assert await cash_orders.create_order(order)
    return order.id
