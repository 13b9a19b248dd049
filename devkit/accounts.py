"""The two accounts of the kit: LNbits' superuser, and an operator with the extension enabled."""

import secrets
from dataclasses import dataclass, field

import httpx

from .kept import Kept
from .lnbits import EXTENSION, LNbits, LNbitsError

SUPERUSER = "superuser"
OPERATOR = "operator"


@dataclass(frozen=True)
class Account:
    """Somebody who is logged in. `access_token` goes into `Authorization: Bearer …`."""

    username: str
    password: str = field(repr=False)
    access_token: str = field(repr=False)
    wallet_id: str

    @property
    def headers(self) -> dict[str, str]:
        return bearer(self.access_token)


async def log_in(lnbits: LNbits, kept: Kept) -> tuple[Account, Account]:
    """Superuser and operator. Made at the first run, logged in again later."""
    door = _Door(lnbits, kept)
    async with httpx.AsyncClient(base_url=lnbits.base_url, trust_env=False, timeout=30) as http:
        superuser = await door.superuser(http)
        operator = await door.operator(http)
        await door.enable_extension(http, superuser, operator)
        return superuser, operator


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


class _Door:
    def __init__(self, lnbits: LNbits, kept: Kept) -> None:
        self._lnbits = lnbits
        self._kept = kept

    async def superuser(self, http: httpx.AsyncClient) -> Account:
        """Until somebody has done the first install, every path is redirected to its page."""
        health = await http.get("/api/v1/health")
        if health.is_redirect:
            await http.put("/api/v1/auth/first_install", json=self._credentials(SUPERUSER))
        return await self._enter(http, SUPERUSER)

    async def operator(self, http: httpx.AsyncClient) -> Account:
        """Registered unless the name is known; LNbits refuses to register it twice."""
        await http.post("/api/v1/auth/register", json=self._credentials(OPERATOR))
        return await self._enter(http, OPERATOR)

    async def _enter(self, http: httpx.AsyncClient, username: str) -> Account:
        credentials = self._credentials(username)
        answer = await http.post("/api/v1/auth", json=credentials)
        if answer.is_error:
            raise LNbitsError(
                f"LNbits does not let {username} in with the password of {self._kept.file}; "
                f"remove {self._lnbits.folder} to begin anew"
            )
        token = answer.json()["access_token"]
        http.cookies.clear()  # else the last one to log in answers for everybody
        user = await http.get("/api/v1/auth", headers=bearer(token))
        user.raise_for_status()
        wallet_id = user.json()["wallets"][0]["id"]
        return Account(username, credentials["password"], token, wallet_id)

    def _credentials(self, username: str) -> dict[str, str]:
        password = self._kept.text(f"{username}_password", lambda: secrets.token_urlsafe(12))
        return {"username": username, "password": password, "password_repeat": password}

    async def enable_extension(
        self, http: httpx.AsyncClient, superuser: Account, operator: Account
    ) -> None:
        """For both; LNbits keeps an extension deactivated once it failed to load."""
        path = f"/api/v1/extension/{EXTENSION}"
        if (await http.put(f"{path}/enable", headers=superuser.headers)).is_error:
            activated = await http.put(f"{path}/activate", headers=superuser.headers)
            if activated.is_error:
                raise self._lnbits.error(f"LNbits cannot load {EXTENSION}")
        for account in (superuser, operator):
            enabled = await http.put(f"{path}/enable", headers=account.headers)
            if enabled.is_error:
                raise self._lnbits.error(f"LNbits does not enable {EXTENSION}: {enabled.text}")
