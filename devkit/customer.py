"""A customer with a wallet at the same LNbits: the superuser's own, which makes sats of nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from .accounts import SUPERUSER, Account, bearer
from .kept import Kept
from .lnbits import LNbitsError
from .relay import HOST

TOPPED_UP = 100_000
"""Sats that the wallet gets before each payment: LNbits' FakeWallet has as many as one likes."""


async def pay_from(folder: Path, bolt11: str) -> None:
    """Pays in the kit that runs in this folder. LNbitsError when that fails."""
    async with _let_in(folder) as (http, token):
        await pay(http, token, bolt11)


async def fetch_from(folder: Path, lnurl: str) -> int:
    """Fetches the sats of a withdraw link, in the kit that runs in this folder; how many.
    LNbitsError when that fails."""
    async with _let_in(folder) as (http, token):
        return await fetch(http, token, lnurl)


@asynccontextmanager
async def _let_in(folder: Path) -> AsyncIterator[tuple[httpx.AsyncClient, str]]:
    """The kit's LNbits, and the customer's token there."""
    kept = Kept(folder / "kept.json")
    port, password = kept.text("lnbits_port", str), kept.text(f"{SUPERUSER}_password", str)
    if not port or not password:
        raise LNbitsError(f"no kit has run in {folder}: `make demo` starts one")
    base_url = f"http://{HOST}:{port}"
    async with httpx.AsyncClient(base_url=base_url, trust_env=False, timeout=30) as http:
        body = {"username": SUPERUSER, "password": password}
        answer = await http.post("/api/v1/auth", json=body)
        if answer.is_error:
            raise LNbitsError(f"the kit in {folder} does not let the customer in")
        yield http, answer.json()["access_token"]


async def balance_sat(base_url: str, account: Account) -> int:
    """What is in the account's first wallet, as LNbits itself says now."""
    async with httpx.AsyncClient(base_url=base_url, trust_env=False) as http:
        answer = await http.get("/api/v1/auth", headers=account.headers)
        answer.raise_for_status()
        return int(answer.json()["wallets"][0]["balance_msat"]) // 1000


async def pay(http: httpx.AsyncClient, superuser_token: str, bolt11: str) -> None:
    """Pays an invoice. LNbitsError when LNbits does not."""
    headers = bearer(superuser_token)
    wallet = await _wallet(http, superuser_token)
    body = {"id": wallet["id"], "amount": TOPPED_UP}
    (await http.put("/users/api/v1/balance", json=body, headers=headers)).raise_for_status()
    paid = await http.post(
        "/api/v1/payments",
        json={"out": True, "bolt11": bolt11},
        headers={"X-Api-Key": wallet["adminkey"]},
    )
    if paid.is_error:
        raise LNbitsError(f"the customer's payment failed: {paid.text[:200]}")


async def fetch(http: httpx.AsyncClient, superuser_token: str, lnurl: str) -> int:
    """Fetches all that a withdraw link has, as LNbits' own wallet does: it asks the link, makes an
    invoice, and hands that over. LNbitsError when the link says no."""
    key = {"X-Api-Key": (await _wallet(http, superuser_token))["adminkey"]}
    link = lnurl.strip().lower().removeprefix("lightning:")
    asked = await http.post("/api/v1/lnurlscan", json={"lnurl": link}, headers=key)
    offer = asked.json()
    if asked.is_error or offer.get("tag") != "withdrawRequest":
        raise LNbitsError(f"the link gives nothing: {asked.text[:200]}")
    sats = int(offer["maxWithdrawable"]) // 1000
    invoice = {"out": False, "amount": sats, "memo": offer["defaultDescription"]}
    body = {**invoice, "lnurl_withdraw": offer}
    made = await http.post("/api/v1/payments", json=body, headers=key)
    taken = made.json()
    if made.is_error or taken["extra"].get("lnurl_response") is not True:
        raise LNbitsError(f"the link does not take the invoice: {made.text[:200]}")
    return sats


async def _wallet(http: httpx.AsyncClient, token: str) -> dict[str, Any]:
    """The account's first."""
    account = await http.get("/api/v1/auth", headers=bearer(token))
    account.raise_for_status()
    wallet: dict[str, Any] = account.json()["wallets"][0]
    return wallet
