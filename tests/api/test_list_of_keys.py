"""What is done for one machine asks the bunker about its keys alone: the list of all keys grows
with every machine of everybody, and never shrinks."""

from typing import Any

import httpx
import pytest
from support.host import Host
from support.redeeming import redeem
from support.work_done import recorded


async def test_no_step_of_a_machines_life_reads_the_list_of_all_keys(
    alone: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    await alone.pair(await alone.add_machine())  # the list is read once a connection
    machine_id = await alone.add_machine()

    async def done(method: str, path: str, body: Any = None) -> httpx.Response:
        answer = await alone.api(method, f"/machines/{machine_id}{path}", body)
        assert answer.is_success, answer.text
        return answer

    with recorded(monkeypatch) as work:
        await done("POST", "/pair", alone.pair_request())
        await done("DELETE", "/pairing")
        seed = await done("POST", "/pair", alone.pair_request(require_confirmation=True))
        await redeem(alone, seed.json()["seed_url"])
        status = (await done("GET", "/pairing")).json()
        client = {"client_pubkey": status["pairing"]["client_pubkey"]}
        await done("POST", "/pairing/confirm", client)
        await done("POST", "/pair", alone.pair_request())
        await done("GET", "/pairing")
        assert (await done("POST", "/revoke")).json()["bunker"] == "done"
        await done("POST", "/pair", alone.pair_request())
        assert (await done("DELETE", "")).json()["bunker"] == "done"
    asked = [line for line in work if line.startswith("bunker: ")]
    assert len(asked) > 20
    assert [line for line in asked if "get_keys" in line] == []


async def test_a_key_that_shows_no_token_is_looked_up_before_it_is_taken_for_clean(
    alone: Host,
) -> None:
    """After a restart all keys are locked and hide their tokens: a revoke unlocks its own, and
    ends the seed that waits."""
    machine_id = await alone.add_machine()
    seed = await alone.pair(machine_id)
    await alone.bunker.restart()
    answer = (await alone.api("POST", f"/machines/{machine_id}/revoke")).json()
    assert (answer["bunker"], answer["burned_count"]) == ("done", 1)
    assert (await redeem(alone, seed["seed_url"])).get("result") != "ack"
