"""Every field has its limits, says so in the API's description, and keeps them.

What is refused is refused with 400 and our own words, before it comes near the database or the
bunker, and nothing has changed.
"""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from api.ownership.cast import Cast
from api.ownership.scene import Scene
from api.ownership.schema_fields import Place, places, unlimited
from support.figures import Figures
from support.host import DCA, Host
from support.stored_here import stored

HUGE = "1" + "0" * 400
SUPERUSERS = ("/bunker", "/webhook", "/abandoned")
NO_TEXT = {
    "NUL": "a\0b",
    "lone surrogate": "a\ud800b",
    "C0": "a\x1bb",
    "C1": "a\x9bb",
    "line break": "a\nb",
    "line separator": "a\u2028b",
    "override": "a\u202eb",
    "isolate": "a\u2067b",
    "piled up": "a" + "\u0301" * 40,
}


def test_every_field_says_its_limits(host: Host) -> None:
    fields = places(host.app.openapi())
    assert len(fields) > 30
    assert [f"{field}: {unlimited(field)}" for field in fields if unlimited(field)] == []


def _no_texts(schema: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """JSON of what no such text may be."""
    for what, text in NO_TEXT.items():
        yield what, json.dumps(text.ljust(schema.get("minLength", 0), "a"))
    if "maxLength" in schema:
        yield "too long", json.dumps("a" * (schema["maxLength"] + 1))
        yield "much too long", json.dumps("a" * 100_000)
    yield "list", "[]"
    yield "object", "{}"


def _no_numbers(schema: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield from (("NaN", "NaN"), ("Infinity", "Infinity"), ("-Infinity", "-Infinity"))
    yield from (("true", "true"), ("fraction", "1.5"), ("word", '"many"'), ("list", "[1]"))
    yield from (("huge", HUGE), ("beyond parsing", "9" * 5000), ("float", "1e308"))
    yield "too small", str(schema["minimum"] - 1)
    yield "too large", str(schema["maximum"] + 1)
    yield "beyond 64 bits", str(2**63)


def _no_lists(schema: dict[str, Any]) -> Iterator[tuple[str, str]]:
    too_many = [f"a{n}" for n in range(schema["maxItems"] + 1)]
    yield from (("text", '"a"'), ("object", "{}"), ("number", "1"), ("list of null", "[null]"))
    yield "too many", json.dumps(too_many)
    if "minItems" in schema:
        yield "empty", "[]"
    yield "deep", "[" * 50_000 + "]" * 50_000


def wrong(schema: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What it is, and JSON of it."""
    match schema["type"]:
        case "string":
            yield from _no_texts(schema)
        case "integer":
            yield from _no_numbers(schema)
        case "array":
            yield from _no_lists(schema)
        case "boolean":
            yield from (("NaN", "NaN"), ("number", "5"), ("word", '"perhaps"'), ("list", "[]"))


PLACEHOLDER = "spirekeeper's placeholder"


def _with(body: dict[str, Any], at: tuple[str | int, ...], text: str) -> str:
    """The body as JSON with this raw JSON in one place; NaN, too, can be put there."""
    copy = json.loads(json.dumps(body))
    inner: Any = copy
    for step in at[:-1]:
        inner = inner[step]
    inner[at[-1]] = PLACEHOLDER
    return json.dumps(copy).replace(json.dumps(PLACEHOLDER), text)


@pytest.fixture
async def scene(alone: Host, cast: Cast) -> AsyncIterator[Scene]:
    made = Scene(alone, cast)
    await made.set("owing")
    yield made
    await made.clear()


def _body(place: Place, scene: Scene) -> dict[str, Any]:
    """One that is taken, but for what is put into it."""
    relays = scene.host.pair_request()
    bunker = {"bunker_url": scene.host.bunker.url, "machine_relays": ["wss://a.example"]}
    bodies: dict[tuple[str, str], dict[str, Any]] = {
        ("POST", "/machines"): {"name": "New", "tags": ["a"]},
        ("PUT", "/machines/{machine_id}"): {"name": "New", "tags": ["a"]},
        ("POST", "/machines/act"): {"act": "tag", "tag": "a", "machine_ids": [scene.machine_id]},
        ("POST", "/machines/{machine_id}/pair"): relays,
        ("POST", "/machines/pair"): {**relays, "machine_ids": [scene.machine_id]},
        ("POST", "/machines/revoke-all"): {"expect": 1},
        ("POST", "/machines/{machine_id}/pairing/confirm"): {"client_pubkey": "a" * 64},
        ("POST", "/machines/{machine_id}/pairing/reject"): {"client_pubkey": "a" * 64},
        ("POST", "/relays/check"): relays,
        ("PUT", "/bunker"): bunker,
        ("PUT", "/bunker/limits"): {"max_keys": 1_000_000},
        ("PUT", "/webhook"): {"url": "https://example.com/notices"},
        ("POST", "/bunker/passphrase/kept"): {"last_four": "abcd"},
        ("POST", "/bunker/test"): bunker,
        ("PUT", "/machines/{machine_id}/cash"): {"smallest": 2},
        ("PUT", "/cash/stop"): {"stopped": True},
        ("POST", "/service-key/rotate"): {"expect": 0},
        ("POST", "/cash/{order_id}/settle"): {"how": "other"},
    }
    return bodies[place.method, place.path]


@pytest.mark.long
async def test_what_no_field_may_hold_is_refused_by_each(
    scene: Scene, cast: Cast, figures: Figures
) -> None:
    before = await stored()
    host = scene.host
    taken = []
    for place in places(host.app.openapi()):
        if place.kind != "body":
            continue
        caller = cast["superuser" if place.path.startswith(SUPERUSERS) else "operator"]
        path = DCA + place.path.format(machine_id=scene.machine_id, order_id=scene.order_id)
        for what, text in wrong(place.schema):
            body = _with(_body(place, scene), place.at, text)
            headers = {**caller.headers, "Content-Type": "application/json"}
            answer = await host.client.request(place.method, path, content=body, headers=headers)
            figures.add("requests")
            if answer.status_code != 400:
                taken.append(f"{place} {what}: {answer.status_code} {answer.text:.200}")
            assert answer.headers["content-type"] == "application/json"
            assert "Traceback" not in answer.text
    assert taken == []
    assert await stored() == before


IN_URL = {
    "string": ["a\0b", "a\x1bb", "a\x9bb", "a\u2028", "\u202ea", "a" * 20_000],
    "integer": ["NaN", "inf", "1.5", "-1", HUGE, str(2**63), "1e3", "٣" * 40],
}


async def test_nor_by_any_parameter(scene: Scene, cast: Cast, figures: Figures) -> None:
    """A word of the journal or a key that cannot be is no error where 404 says as much."""
    before = await stored()
    host = scene.host
    taken = []
    for place in places(host.app.openapi()):
        if place.kind not in ("path", "query"):
            continue
        caller = cast["superuser" if place.path.startswith(SUPERUSERS) else "operator"]
        for text in IN_URL.get(place.schema["type"], []):
            [name] = map(str, place.at)
            given = {"machine_id": scene.machine_id, "key": "a", name: quote(text, safe="")}
            path = DCA + place.path.format(**given)
            if place.kind == "query":
                path += f"?{name}={given[name]}"
            body = _body(place, scene) if place.method in ("POST", "PUT") and "{" in path else None
            answer = await host.client.request(
                place.method, path, json=body, headers=caller.headers
            )
            figures.add("requests")
            refused = (400, 404) if name == "key" else (400,)
            if answer.status_code not in refused:
                taken.append(f"{place} {text[:9]!r}: {answer.status_code} {answer.text:.200}")
    assert taken == []
    assert await stored() == before


async def test_a_body_is_read_no_further_than_it_may_be_long(
    scene: Scene, cast: Cast, figures: Figures
) -> None:
    from spirekeeper.routing import MOST_BYTES

    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        yield b'{"name": "'
        while read < 100 * MOST_BYTES:
            read += 65536
            yield b"a" * 65536

    headers = {**cast["operator"].headers, "Content-Type": "application/json"}
    for content in (endless(), b'{"name": "' + b"a" * MOST_BYTES + b'"}'):
        answer = await scene.host.client.post(f"{DCA}/machines", content=content, headers=headers)
        figures.add("requests")
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert read <= MOST_BYTES + 2 * 65536
    headers["Content-Type"] = "text/csv"
    long_file = b"name\n" + b"a\n" * 200_000
    answer = await scene.host.client.post(
        f"{DCA}/machines/import", content=long_file, headers=headers
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")
    assert "split it" in answer.json()["detail"]


@pytest.mark.parametrize("letter", NO_TEXT.values(), ids=NO_TEXT)
async def test_a_file_may_hold_no_more_than_a_form(
    scene: Scene, cast: Cast, letter: str, figures: Figures
) -> None:
    before = await stored()
    headers = {**cast["operator"].headers, "Content-Type": "text/csv"}
    for row in (f'"{letter}",,make one', f'A,"{letter}",make one', f'A,,"{letter}"'):
        content = f"name,location,wallet\n{row}\n".encode("utf-8", "surrogatepass")
        answer = await scene.host.client.post(
            f"{DCA}/machines/import", content=content, headers=headers
        )
        figures.add("requests")
        assert answer.status_code == 400, answer.text
    assert await stored() == before
