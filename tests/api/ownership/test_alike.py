"""Another's machine, wallet or key, and one that does not exist: nobody can tell which it was.

Not in words: the whole answer is the same. Not in time: the same is done for it, statement by
statement, and the bunker is not asked.
"""

import re
from typing import Any

import pytest
from api.ownership.cast import Cast
from api.ownership.scene import ROWS, Row, Scene
from nostr_sdk import Keys
from support.figures import Figures
from support.host import DCA, Caller, Host
from support.movable_clock import MovableClock
from support.work_done import recorded

IN_PATH = [row for row in ROWS if "{machine_id}" in row.path and row.path.startswith("/api/")]
"""The page's own address of a machine leads to the page, whatever machine it names."""
OTHERS = ("another", "admin", "superuser")


_HOLDER = re.compile(r"'[0-9a-f]{16}'")
"""Of a lease; made at random."""


class Asked:
    """Sends a request twice, with what is another's and with what is not there."""

    def __init__(self, host: Host, monkeypatch: pytest.MonkeyPatch, figures: Figures) -> None:
        self._host = host
        self._monkeypatch = monkeypatch
        self._figures = figures

    async def once(
        self, caller: Caller, method: str, path: str, given: str, **sent: Any
    ) -> tuple[int, str, dict[str, str], list[str]]:
        """Status, body, headers and work; `given` is blotted out in all of them."""
        with recorded(self._monkeypatch) as work:
            headers = {**caller.headers, **sent.pop("headers", {})}
            answer = await self._host.client.request(method, path, headers=headers, **sent)
        self._figures.add("requests")
        assert any("SELECT" in each for each in work)
        said = {name: text for name, text in answer.headers.items() if name != "date"}
        blotted = [each.replace(given, "GIVEN") for each in (answer.text, *work)]
        blotted = [_HOLDER.sub("'HOLDER'", each) for each in blotted]
        return answer.status_code, blotted[0], said, blotted[1:]


@pytest.fixture
def asked(
    alone: Host, host_clock: MovableClock, monkeypatch: pytest.MonkeyPatch, figures: Figures
) -> Asked:
    """The clock stands, for some statements hold the time."""
    return Asked(alone, monkeypatch, figures)


@pytest.fixture
async def scene(alone: Host, cast: Cast) -> Any:
    made = Scene(alone, cast)
    yield made
    await made.clear()


def _unlike(text: str) -> str:
    """Of the same form, and nobody's."""
    return text[::-1].swapcase()


@pytest.mark.parametrize("row", IN_PATH, ids=lambda row: f"{row.method} {row.path}")
async def test_another_s_machine_is_as_one_that_is_not_there(
    scene: Scene, asked: Asked, cast: Cast, row: Row
) -> None:
    await scene.set(row.machine)
    body = await scene.body(row, cast["another"])
    for who in OTHERS:
        answers = [
            await asked.once(
                cast[who], row.method, scene.path(row, machine_id), machine_id, json=body
            )
            for machine_id in (scene.machine_id, _unlike(scene.machine_id)) * 2
        ]
        theirs, nobodys = answers[2:]  # LNbits has remembered by then whose the token is
        assert theirs == nobodys
        status, _, _, work = theirs
        assert status == row.expected[who]
        assert not [each for each in work if each.startswith("bunker")]


@pytest.mark.parametrize("machine", ["seeded", "redeemed", "connected"])
async def test_another_s_key_is_as_one_that_is_not_there(
    scene: Scene, asked: Asked, cast: Cast, machine: str
) -> None:
    """Also where the bunker would be asked for the operator themselves: a seed waits."""
    await scene.set(machine)
    key = scene.spire_pubkey
    unknown = Keys.generate().public_key().to_hex()
    for who in OTHERS:
        answers = [
            await asked.once(cast[who], "GET", f"{DCA}/roster/{each}", each)
            for each in (key, unknown) * 2
        ]
        theirs, nobodys = answers[2:]
        assert theirs == nobodys
        assert theirs[0] == 404
        for *_, work in answers:
            assert not [each for each in work if each.startswith("bunker")]


async def test_in_a_bulk_too(scene: Scene, asked: Asked, cast: Cast) -> None:
    await scene.set("seeded")
    answers = []
    for machine_id in (scene.machine_id, _unlike(scene.machine_id)) * 2:
        body = {**scene.host.pair_request(), "machine_ids": [machine_id]}
        path = f"{DCA}/machines/pair"
        answers.append(await asked.once(cast["another"], "POST", path, machine_id, json=body))
    theirs, nobodys = answers[2:]
    assert theirs == nobodys
    assert '"status": 404' in theirs[1]
    assert not [each for each in theirs[3] if each.startswith("bunker")]


@pytest.mark.parametrize("form", ["json", "csv"])
async def test_the_journal_of_another_s_machine_is_empty(
    scene: Scene, asked: Asked, cast: Cast, form: str
) -> None:
    await scene.set("seeded")
    theirs, nobodys = [
        await asked.once(
            cast["another"], "GET", f"{DCA}/journal?format={form}&machine_id={each}", each
        )
        for each in (scene.machine_id, _unlike(scene.machine_id))
    ]
    assert theirs == nobodys
    assert theirs[0] == 200
    assert "pair" not in theirs[1]


@pytest.mark.parametrize("route", ["create", "edit", "import"])
async def test_another_s_wallet_is_as_one_that_is_not_there(
    scene: Scene, asked: Asked, cast: Cast, route: str
) -> None:
    """Also one that serves a machine of theirs."""
    another, operator = cast["another"], cast["operator"]
    own = await scene.host.add_machine(another)
    used = (await scene.host.api("GET", f"/machines/{own}", as_=another)).json()["wallet_id"]
    await scene.set("bare")
    serving = await scene.host.api("GET", f"/machines/{scene.machine_id}", as_=operator)
    free, taken = operator.wallet_id, serving.json()["wallet_id"]
    assert used not in (free, taken)

    async def ask(wallet_id: str) -> tuple[int, str, dict[str, str], list[str]]:
        if route == "import":
            rows = f"name,location,wallet\nNew,,{wallet_id}\n"
            sent: dict[str, Any] = {"content": rows, "headers": {"Content-Type": "text/csv"}}
            return await asked.once(another, "POST", f"{DCA}/machines/import", wallet_id, **sent)
        body = {"name": "New", "wallet_id": wallet_id}
        if route == "create":
            return await asked.once(another, "POST", f"{DCA}/machines", wallet_id, json=body)
        return await asked.once(another, "PUT", f"{DCA}/machines/{own}", wallet_id, json=body)

    nobodys = await ask(free[::-1])
    assert nobodys[0] == 400
    for wallet_id in (free, taken):
        assert await ask(wallet_id) == nobodys


async def test_another_s_channel_cannot_be_asked_for(alone: Host, cast: Cast) -> None:
    async def channel(who: str, **params: str) -> str:
        answer = await alone.api("GET", "/live", as_=cast[who], params=params)
        return str(answer.json()["channel"])

    theirs = await channel("operator")
    operator = cast["operator"].user_id
    for who in OTHERS:
        own = await channel(who)
        assert own != theirs
        assert await channel(who, usr=operator, user_id=operator, channel=theirs) == own
