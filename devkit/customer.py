"""A customer with a wallet at the same LNbits: the superuser's own, which makes sats of nothing."""

from pathlib import Path

import httpx

from .accounts import SUPERUSER, Account, bearer
from .kept import Kept
from .lnbits import LNbitsError
from .relay import HOST

TOPPED_UP = 100_000
"""Sats that the wallet gets before each payment: LNbits' FakeWallet has as many as one likes."""


async def pay_from(folder: Path, bolt11: str) -> None:
    """Pays in the kit that runs in this folder. LNbitsError when that fails."""
    kept = Kept(folder / "kept.json")
    port, password = kept.text("lnbits_port", str), kept.text(f"{SUPERUSER}_password", str)
    if not port or not password:
        raise LNbitsError(f"no kit has run in {folder}: `make demo` starts one")
    async with httpx.AsyncClient(
        base_url=f"http://{HOST}:{port}", trust_env=False, timeout=30
    ) as http:
        body = {"username": SUPERUSER, "password": password}
        answer = await http.post("/api/v1/auth", json=body)
        if answer.is_error:
            raise LNbitsError(f"the kit in {folder} does not let the customer in")
        await pay(http, answer.json()["access_token"], bolt11)


async def balance_sat(base_url: str, account: Account) -> int:
    """What is in the account's first wallet, as LNbits itself says now."""
    async with httpx.AsyncClient(base_url=base_url, trust_env=False) as http:
        answer = await http.get("/api/v1/auth", headers=account.headers)
        answer.raise_for_status()
        return int(answer.json()["wallets"][0]["balance_msat"]) // 1000


async def pay(http: httpx.AsyncClient, superuser_token: str, bolt11: str) -> None:
    """Pays an invoice. LNbitsError when LNbits does not."""
    headers = bearer(superuser_token)
    account = await http.get("/api/v1/auth", headers=headers)
    account.raise_for_status()
    wallet = account.json()["wallets"][0]
    body = {"id": wallet["id"], "amount": TOPPED_UP}
    (await http.put("/users/api/v1/balance", json=body, headers=headers)).raise_for_status()
    paid = await http.post(
        "/api/v1/payments",
        json={"out": True, "bolt11": bolt11},
        headers={"X-Api-Key": wallet["adminkey"]},
    )
    if paid.is_error:
        raise LNbitsError(f"the customer's payment failed: {paid.text[:200]}")
