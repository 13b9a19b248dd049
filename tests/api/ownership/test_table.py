"""Every route, asked by everybody: a table of expected answers, which a new route has to be in."""

import pytest
from api.ownership.cast import Cast
from api.ownership.scene import NAME, ROOT, ROWS, Row, Scene
from starlette.routing import BaseRoute, Route
from support.figures import Figures
from support.host import Host
from support.stored_here import of, stored


def _ours(routes: list[BaseRoute]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for route in routes:
        if isinstance(route, Route) and route.path.startswith(ROOT):
            found |= {(method, route.path) for method in (route.methods or ()) if method != "HEAD"}
        else:
            assert not getattr(route, "path", "").startswith(ROOT), f"what is {route}?"
    return found


def test_every_route_has_a_row_and_every_row_a_route(host: Host) -> None:
    ours = _ours(host.app.routes)
    rows = {(row.method, ROOT + row.path) for row in ROWS}
    static = {(method, path) for method, path in rows if path.startswith(f"{ROOT}/static/")}
    assert static
    assert rows - static | {("GET", f"{ROOT}/static/{{path:path}}")} == ours


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.method} {row.path} {row.machine}")
async def test_each_caller_is_answered_as_the_table_says(
    alone: Host, cast: Cast, row: Row, figures: Figures
) -> None:
    """Whoever is refused has changed nothing; whoever is not has changed nothing of the operator's.

    Nobody but the operator, and a script that may read for them, is told of the operator's machine.
    """
    operator = cast["operator"]
    marks = (operator.user_id, operator.wallet_id)
    scene = Scene(alone, cast)
    await scene.set(row.machine)
    try:
        for who, expected in row.expected.items():
            before = await stored()
            answer = await scene.ask(row, cast[who])
            after = await stored()
            figures.add("requests")
            assert answer.status_code == expected, f"{who}: {answer.text}"
            if expected >= 400:
                assert after == before, who
            if who not in ("operator", "reader"):
                mine = (*marks, scene.machine_id)
                assert of(after, *mine) == of(before, *mine), who
                told = answer.text.replace("&#39;", "'")
                assert NAME not in told, who
                assert not [mark for mark in marks if mark in told], who
    finally:
        await scene.clear()
