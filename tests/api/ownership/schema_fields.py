"""Every field that the API takes, from its own description."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

LNBITS_OWN = {"usr", "cookie_access_token"}
"""What its log-in reads on every route."""
PREFIX = "/spirekeeper/api/v1/dca"


@dataclass(frozen=True)
class Place:
    """One field of one operation; `at` is where in the body it stands, or a parameter's name."""

    method: str
    path: str
    kind: str
    """path, query, body, or file: a body that is not JSON."""
    at: tuple[str | int, ...]
    schema: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.kind} {'.'.join(map(str, self.at))}"


def places(openapi: dict[str, Any]) -> list[Place]:
    """Without what it is made of: an object is its fields, a list itself and what is in it."""
    found: list[Place] = []
    for path, operations in openapi["paths"].items():
        if not path.startswith(PREFIX):
            continue
        for method, operation in operations.items():
            route = (method.upper(), path.removeprefix(PREFIX))
            for parameter in operation.get("parameters", []):
                if parameter["name"] in LNBITS_OWN:
                    continue
                schema = _plain(parameter["schema"], openapi)
                found.append(Place(*route, parameter["in"], (parameter["name"],), schema))
            for media, content in operation.get("requestBody", {}).get("content", {}).items():
                kind = "body" if media == "application/json" else "file"
                for at, schema in _leaves(content["schema"], (), openapi):
                    found.append(Place(*route, kind, at, schema))
    return found


def _leaves(
    schema: dict[str, Any], at: tuple[str | int, ...], openapi: dict[str, Any]
) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
    schema = _plain(schema, openapi)
    if schema.get("type") == "object":
        assert schema.get("properties"), f"{at}: an object with any fields has no limit"
        for name, each in schema["properties"].items():
            yield from _leaves(each, (*at, name), openapi)
        return
    yield at, schema
    if schema.get("type") == "array":
        yield from _leaves(schema["items"], (*at, 0), openapi)


def _plain(schema: dict[str, Any], openapi: dict[str, Any]) -> dict[str, Any]:
    """The schema that a reference, or one of its kind or null, stands for."""
    while True:
        if "$ref" in schema:
            schema = openapi["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        elif "allOf" in schema:
            [schema] = schema["allOf"]
        elif "anyOf" in schema:
            [schema] = [each for each in schema["anyOf"] if each.get("type") != "null"]
        else:
            return schema


def unlimited(place: Place) -> str | None:
    """What is missing, if something is."""
    schema = place.schema
    match schema.get("type"):
        case "string" if "enum" not in schema and "maxLength" not in schema:
            return "a text without maxLength"
        case "integer" | "number":
            lower = "minimum" in schema or "exclusiveMinimum" in schema
            upper = "maximum" in schema or "exclusiveMaximum" in schema
            return None if lower and upper else "a number without bounds"
        case "array" if "maxItems" not in schema:
            return "a list without maxItems"
        case "string" | "array" | "boolean":
            return None
        case other:
            return f"a field of type {other}"
    return None
