"""Requests made up from our own OpenAPI description, good ones and bad ones, and what must hold."""

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from loguru import logger as lnbits_log
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from support.host import Caller, Host

OURS = "/spirekeeper/"
BASE_URL = "http://lnbits.test"
PATIENCE_S = 60.0
LET_THROUGH = {502, 503, 504}
"""What we answer for the bunker and its relays; no other 5xx is an answer."""
NOT_SENT = {"usr", "cookie_access_token"}
"""LNbits' own ways to log in: a cookie would answer for everybody who calls later."""
_NOT_LET_IN = ("HTTPException 401: ", "HTTPException 403: ")
"""LNbits logs these as errors."""


def operations(schema: dict[str, Any]) -> "list[tuple[str, str]]":
    """Method and path of everything that is ours."""
    return [
        (method.upper(), path)
        for path, methods in schema["paths"].items()
        if path.startswith(OURS)
        for method in methods
    ]


@dataclass
class Truths:
    """What is really there, so that handlers are reached and not only their guards."""

    by_field: dict[str, list[Any]]
    """Values for a field or parameter of that name; lists are for fields that hold a list."""

    def put_into(self, place: Any, choose: Any) -> None:
        if isinstance(place, dict):
            for name in [name for name in place if name in self.by_field]:
                if choose(st.booleans()):
                    place[name] = choose(st.sampled_from(self.by_field[name]))


@dataclass
class Storm:
    """Sends what is made up, as one caller, and notes what came back."""

    host: Host
    caller: Caller
    schema: Any
    truths: Truths
    loop: asyncio.AbstractEventLoop
    statuses: Counter[int] = field(default_factory=Counter)
    reached: Counter[str] = field(default_factory=Counter)
    """By operation, how often the answer was neither a refusal of the input nor of the caller."""

    operations: int = 0

    def rage(self, method: str, path: str, examples: int) -> None:
        """Called from a thread of its own, while the loop serves."""
        operation = self.schema[path][method]
        self.operations += 1
        modes = [GenerationMode.POSITIVE]
        if operation.body or operation.path_parameters or operation.query:
            modes.append(GenerationMode.NEGATIVE)
        cases = st.one_of(*(operation.as_strategy(mode) for mode in modes))

        @settings(
            max_examples=examples,
            derandomize=True,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(cases, st.data())
        def one(case: Any, data: Any) -> None:
            for place in (case.path_parameters, case.query, case.body):
                self.truths.put_into(place, data.draw)
            for name in NOT_SENT:
                case.query.pop(name, None)
                case.cookies.pop(name, None)
            self._send(case)

        one()

    def _send(self, case: Any) -> None:
        kwargs = case.as_transport_kwargs(base_url=BASE_URL)
        prepared = requests.Request(**kwargs).prepare()
        headers = {**prepared.headers, **self.caller.headers}
        sent = self.host.client.request(
            str(prepared.method), str(prepared.url), content=prepared.body, headers=headers
        )
        answer = asyncio.run_coroutine_threadsafe(sent, self.loop).result(PATIENCE_S)
        self.statuses[answer.status_code] += 1
        if answer.status_code not in (400, 401, 403, 404, 413, 422):
            self.reached[f"{case.method} {case.path}"] += 1
        checks = [status_code_conformance, content_type_conformance, response_schema_conformance]
        if answer.status_code not in LET_THROUGH:
            checks.append(not_a_server_error)
        case.validate_response(answer, checks=checks)
        check_lines(answer)


def check_lines(answer: httpx.Response) -> None:
    """Each line of a bulk is one object, good or bad."""
    if answer.headers.get("content-type", "").startswith("application/x-ndjson"):
        for line in answer.text.splitlines():
            told = json.loads(line)
            assert told["ok"] is True or told["status"] < 500 or told["status"] in LET_THROUGH, told


def of_ours(openapi: dict[str, Any]) -> Any:
    """The description, for schemathesis, without what is LNbits' own."""
    paths = {path: what for path, what in openapi["paths"].items() if path.startswith(OURS)}
    return schemathesis.openapi.from_dict({**openapi, "paths": paths})


@contextmanager
def nothing_unforeseen_is_logged() -> Iterator[None]:
    """No traceback, and no error, from LNbits or from us."""
    seen: list[str] = []

    class Errors(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.exc_info or record.levelno >= logging.ERROR:
                seen.append(self.format(record))

    def hear(message: Any) -> None:
        record = message.record
        if record["message"].startswith(_NOT_LET_IN):
            return
        if record["exception"] or record["level"].no >= 40 or "Traceback" in record["message"]:
            seen.append(str(message))

    handler, sink = Errors(), lnbits_log.add(hear, level="DEBUG")
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
        lnbits_log.remove(sink)
    assert not seen, seen[0]
