"""The extension's REST API, as an operator's script calls it."""

from typing import Any

import httpx

from .accounts import Account
from .lnbits import LNbits

DCA = "/spirekeeper/api/v1/dca"


class ApiError(Exception):
    """The API refused; says what it was asked and why not."""

    def __init__(self, asked: str, answer: httpx.Response) -> None:
        self.status = answer.status_code
        super().__init__(f"{asked} was answered {answer.status_code}: {_detail(answer)}")


class Api:
    """Calls with one account's Bearer token: `await api("POST", "/machines", name="North")`."""

    def __init__(self, lnbits: LNbits, account: Account) -> None:
        self._http = httpx.AsyncClient(
            base_url=lnbits.base_url + DCA,
            headers=account.headers,
            trust_env=False,
            timeout=60,
        )

    async def __call__(self, method: str, path: str, **body: object) -> Any:
        """The answer's JSON; ApiError when the status says no."""
        answer = await self._http.request(method, path, json=body or None)
        if not answer.is_success:
            raise ApiError(f"{method} {path}", answer)
        return answer.json() if answer.content else None

    async def __aenter__(self) -> "Api":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return answer.text[:200]
