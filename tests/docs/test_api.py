"""docs/api.md is done line by line: a machine is added, paired, confirmed and cut off."""

import re
from pathlib import Path
from typing import Any

from support.host import Caller, Host
from support.redeeming import redeem

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
BLOCKS = re.findall(r"<!-- tested(: scanned)? -->\n```sh\n(.*?)```", PAGE, re.S)
[FILE] = re.findall(r"```csv\n(.*?)```", PAGE, re.S)
CALL = re.compile(
    r'curl -X (?P<method>\w+) "\$API(?P<path>/\S+)" -H "Authorization: Bearer \$TOKEN"'
    r'(?: -H "Content-Type: (?P<type>\S+)" (?:-d|--data-binary) (?P<body>.+))?'
)


async def call(host: Host, caller: Caller, line: str, known: dict[str, str]) -> Any:
    """What the API answers to a line of the page."""
    one = CALL.fullmatch(line)
    assert one is not None, f"no call that this test can run: {line}"
    path, body = f"/spirekeeper/api/v1/dca{one['path']}", one["body"] or ""
    body = FILE if body == "@machines.csv" else body[1:-1].replace('\\"', '"')
    # The relay of the tests is on loopback, which no real one is.
    body = body.replace('"relays"', '"allow_private_relays": true, "relays"')
    for name, value in known.items():
        path, body = path.replace(name, value), body.replace(name, value)
    headers = {**caller.headers, **({"Content-Type": one["type"]} if body else {})}
    answer = await host.client.request(one["method"], path, content=body, headers=headers)
    assert answer.is_success, f"{line}: {answer.text}"
    return answer.json()


async def test_each_call_is_answered_as_it_says(host: Host, newcomer: Caller) -> None:
    known = {"wss://relay.example.org": host.relay.url}
    pair = BLOCKS[1][1].splitlines()[0]
    for scanned, lines in BLOCKS:
        if scanned:
            await redeem(host, (await call(host, newcomer, pair, known))["seed_url"])
        for line in lines.splitlines():
            answer = await call(host, newcomer, line, known)
            known.setdefault("$MACHINE", answer.get("id", ""))
            if answer.get("state") == "confirming":
                known["$CLIENT"] = answer["pairing"]["client_pubkey"]
                known["$KEY"] = answer["pairing"]["spire_pubkey"]
    assert "$KEY" in known
