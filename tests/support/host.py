"""The real LNbits app in this process, and the people who use it."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import FastAPI
from spirekeeper.devkit.bunker import DevBunker
from spirekeeper.devkit.hostile_relay import HostileRelay
from spirekeeper.devkit.lnbits import EXTENSION
from spirekeeper.devkit.relay import DevRelay

DCA = f"/{EXTENSION}/api/v1/dca"
PASSWORD = "a password of the tests"


@dataclass(frozen=True)
class Caller:
    """Who asks. `headers` carry a Bearer token, or nothing for nobody."""

    username: str = ""
    user_id: str = ""
    wallet_id: str = ""
    headers: dict[str, str] = field(default_factory=dict, repr=False)


NOBODY = Caller()


@dataclass(frozen=True)
class NamedRelay:
    """One that runs elsewhere."""

    url: str


class CallsTheApi(ABC):
    """Whoever asks our API as an operator does; `path` begins after `/dca`."""

    relay: DevRelay | HostileRelay | NamedRelay
    bunker: DevBunker

    @abstractmethod
    async def api(
        self, method: str, path: str, json: Any = None, *, as_: Caller | None = None
    ) -> httpx.Response: ...

    async def add_machine(self, as_: Caller | None = None, **data: Any) -> str:
        """The id of a new machine."""
        answer = await self.api("POST", "/machines", {"name": "North", **data}, as_=as_)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def pair_request(self, **data: Any) -> dict[str, Any]:
        return {"relays": [self.relay.url], "allow_private_relays": True, **data}

    async def pair(
        self, machine_id: str, *, as_: Caller | None = None, **data: Any
    ) -> dict[str, Any]:
        """A seed, as the API answers it."""
        path, request = f"/machines/{machine_id}/pair", self.pair_request(**data)
        answer = await self.api("POST", path, request, as_=as_)
        assert answer.status_code == 200, answer.text
        result: dict[str, Any] = answer.json()
        return result

    async def pairing(self, machine_id: str, *, as_: Caller | None = None) -> dict[str, Any]:
        """Where the machine's pairing stands."""
        answer = await self.api("GET", f"/machines/{machine_id}/pairing", as_=as_)
        assert answer.status_code == 200, answer.text
        result: dict[str, Any] = answer.json()
        return result


@dataclass(frozen=True)
class Host(CallsTheApi):
    """LNbits with spirekeeper, a relay and a development bunker, and those who call it."""

    client: httpx.AsyncClient
    app: FastAPI
    relay: DevRelay | HostileRelay | NamedRelay
    bunker: DevBunker
    superuser: Caller
    operator: Caller
    other_operator: Caller
    stranger: Caller
    """Has an account, and has not enabled the extension."""

    async def api(
        self,
        method: str,
        path: str,
        json: Any = None,
        *,
        as_: Caller | None = None,
        params: dict[str, Any] | None = None,
    ) -> httpx.Response:
        """Calls our API; `path` begins after `/dca`. As the operator unless somebody is named."""
        caller = self.operator if as_ is None else as_
        return await self.client.request(
            method, DCA + path, json=json, params=params, headers=caller.headers
        )

    async def journaled(self, machine_id: str) -> list[tuple[str, str]]:
        """What the journal tells of a machine, newest first: event and outcome."""
        answer = await self.api("GET", "/journal", params={"machine_id": machine_id})
        assert answer.status_code == 200, answer.text
        return [(line["event"], line["outcome"]) for line in answer.json()["data"]]

    async def credit(self, wallet_id: str, sats: int) -> None:
        """As the superuser tops up a wallet."""
        answer = await self.client.put(
            "/users/api/v1/balance",
            json={"id": wallet_id, "amount": sats},
            headers=self.superuser.headers,
        )
        assert answer.is_success, answer.text

    async def newcomer(self, username: str) -> Caller:
        """An operator with nothing yet."""
        return await register(self.client, username)


def by_hand(*, watched: bool = False) -> None:
    """Ends the background work that a test does by hand when it wants it done.

    `watched`: the relays are listened to all the same; from time to time the bunker is asked then.
    """
    from lnbits.task_manager import task_manager
    from spirekeeper import tasks

    names = [tasks.FINISH, tasks.SETTLE, tasks.CLOCKS, tasks.REMEMBER, tasks.UNLOCK]
    names += [tasks.RECONCILE, tasks.ABANDONED, tasks.AGES, tasks.TELL, tasks.FOLLOW, tasks.BOOKS]
    for name in (*names, tasks.NOTICES) if watched else (*names, tasks.NOTICES, tasks.WATCH):
        task = task_manager.get_task(name)
        assert task is not None
        task_manager.cancel_task(task)


async def first_install(client: httpx.AsyncClient, *, enable: bool = True) -> Caller:
    return await _enter(client, "PUT", "/api/v1/auth/first_install", "superuser", enable=enable)


async def register(client: httpx.AsyncClient, username: str, *, enable: bool = True) -> Caller:
    return await _enter(client, "POST", "/api/v1/auth/register", username, enable=enable)


async def _enter(
    client: httpx.AsyncClient, method: str, path: str, username: str, *, enable: bool
) -> Caller:
    body = {"username": username, "password": PASSWORD, "password_repeat": PASSWORD}
    token = (await _ok(client, method, path, json=body))["access_token"]
    client.cookies.clear()  # a cookie would answer for everybody who calls later
    headers = {"Authorization": f"Bearer {token}"}
    user = await _ok(client, "GET", "/api/v1/auth", headers=headers)
    if enable:
        await _ok(client, "PUT", f"/api/v1/extension/{EXTENSION}/enable", headers=headers)
    return Caller(username, user["id"], user["wallets"][0]["id"], headers)


async def _ok(client: httpx.AsyncClient, method: str, path: str, **more: Any) -> Any:
    answer = await client.request(method, path, **more)
    assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
    return answer.json()
