"""Everybody who may call the API, with whatever they can show for it."""

from collections.abc import Mapping
from typing import Any

from support.host import NOBODY, PASSWORD, Caller, Host

Cast = Mapping[str, Caller]
"""By the names that tests/api/ownership/expected.txt gives them."""


async def made(host: Host) -> Cast:
    """New accounts, but for the superuser. Whoever is gone called while they were there."""
    operator = await host.newcomer("cast_operator")
    another = await host.newcomer("cast_another")
    admin = await host.newcomer("cast_admin")
    await _as_superuser(host, "PUT", f"/users/api/v1/user/{admin.user_id}/admin")
    deactivated, deleted = [await host.newcomer(f"cast_{each}") for each in ("off", "gone")]
    for caller in (deactivated, deleted):  # LNbits remembers whose their tokens are
        assert (await host.api("GET", "/machines", as_=caller)).status_code == 200
    await _as_superuser(host, "PUT", f"/users/api/v1/user/{deactivated.user_id}/activate")
    await _as_superuser(host, "DELETE", f"/users/api/v1/user/{deleted.user_id}")
    own_keys, others_keys = await _keys(host, operator), await _keys(host, another)
    return {
        "nobody": NOBODY,
        "invoice_key": Caller(headers={"X-Api-Key": own_keys["inkey"]}),
        "admin_key": Caller(headers={"X-Api-Key": own_keys["adminkey"]}),
        "anothers_key": Caller(headers={"X-Api-Key": others_keys["adminkey"]}),
        "forged": _bearer(_token(operator, secret="a secret that LNbits does not have")),
        "expired": _bearer(_token(operator, minutes=-1)),
        "deactivated": deactivated,
        "deleted": deleted,
        "stranger": host.stranger,
        "reader": _bearer(await _reading_token(host, operator)),
        "another": another,
        "admin": admin,
        "superuser": host.superuser,
        "operator": operator,
    }


def _bearer(token: str) -> Caller:
    return Caller(headers={"Authorization": f"Bearer {token}"})


def _token(caller: Caller, *, minutes: int = 5, secret: str = "") -> str:
    """As LNbits makes them at a log-in, or as one who does not have its secret would."""
    import jwt
    from lnbits.helpers import create_access_token
    from lnbits.settings import settings

    token: str = create_access_token({"sub": caller.username}, minutes)
    if not secret:
        return token
    return jwt.encode(jwt.decode(token, settings.auth_secret_key, ["HS256"]), secret, "HS256")


async def _keys(host: Host, caller: Caller) -> dict[str, str]:
    user = await host.client.get("/api/v1/auth", headers=caller.headers)
    keys: dict[str, str] = user.json()["wallets"][0]
    return keys


async def _as_superuser(host: Host, method: str, path: str) -> None:
    answer = await host.client.request(method, path, headers=host.superuser.headers)
    assert answer.json()["success"], answer.text


async def _reading_token(host: Host, caller: Caller) -> str:
    """One that the operator made for a script, which may only read, and only here."""
    path = "/api/v1/auth/acl"

    async def call(method: str, path: str, body: dict[str, Any]) -> Any:
        body["password"] = PASSWORD
        answer = await host.client.request(method, path, json=body, headers=caller.headers)
        assert answer.is_success, answer.text
        return answer.json()

    acls = await call("PUT", path, {"id": "", "name": "reads"})
    acl = next(each for each in acls["access_control_list"] if each["name"] == "reads")
    for endpoint in acl["endpoints"]:
        endpoint["read"] = endpoint["path"] == "/spirekeeper/api/v1"
    await call("PUT", path, acl)
    wanted = {"acl_id": acl["id"], "token_name": "reads", "expiration_time_minutes": 60}
    return str((await call("POST", f"{path}/token", wanted))["api_token"])
