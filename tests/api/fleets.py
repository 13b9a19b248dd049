"""Many machines at once, as an operator handles them."""

import json
from typing import Any

from support.host import Caller, Host

Answer = dict[str, Any]


async def add(host: Host, number: int, as_: Caller) -> list[str]:
    return [await host.add_machine(as_, name=f"Number {each}") for each in range(number)]


async def pair_all(host: Host, machine_ids: list[str], as_: Caller, **data: Any) -> list[Answer]:
    """The lines of a bulk, in the order in which they came."""
    body = host.pair_request(machine_ids=machine_ids, **data)
    answer = await host.api("POST", "/machines/pair", body, as_=as_)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert answer.headers["cache-control"] == "no-store"
    return [json.loads(line) for line in answer.text.splitlines()]


async def revoke_all(host: Host, expect: int, as_: Caller) -> Answer:
    answer = await host.api("POST", "/machines/revoke-all", {"expect": expect}, as_=as_)
    assert answer.status_code == 200, answer.text
    result: Answer = answer.json()
    return result
