"""The calls that docs/deploy.md shows are answered by the API."""

import json
import re
from pathlib import Path

import pytest
from support.host import Host

PAGE = (Path(__file__).parents[2] / "docs" / "deploy.md").read_text()
BLOCKS = re.findall(r"<!-- tested -->\n```sh\n(.*?)```", PAGE, re.S)
CALL = re.compile(
    r"curl -X (?P<method>\w+) \"\$API(?P<path>/\S+)\" -H \"Authorization: Bearer \$TOKEN\""
    r"(?: -H \"Content-Type: application/json\" -d '(?P<body>.*)')?"
)
LINES = [line for block in BLOCKS for line in block.splitlines()]


def test_there_are_calls_to_run() -> None:
    assert LINES


@pytest.mark.parametrize("line", LINES)
async def test_the_call_is_answered(host: Host, line: str) -> None:
    call = CALL.fullmatch(line)
    assert call is not None, "no call that this test can run"
    body = call["body"]
    if body:  # no test leaves loopback
        body = json.loads(body.replace("wss://relay.example.org", host.relay.url))
    answer = await host.api(call["method"], call["path"], body, as_=host.superuser)
    assert answer.status_code == 200, answer.text


def test_the_links_lead_somewhere() -> None:
    docs = Path(__file__).parents[2] / "docs"
    for target in re.findall(r"\]\(([^)#]+)", PAGE):
        assert (docs / target).exists(), target
