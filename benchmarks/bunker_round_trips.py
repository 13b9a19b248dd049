"""The bunker's part of pairing a machine, in round trips.

    python benchmarks/bunker_round_trips.py [--rounds N] [--json]

Relay and development bunker run in processes of their own, on loopback. In the steady state (keys
and policies known, the policy exists) a pair asks create_new_key beside create_new_token, then
get_key_tokens. That must take no more than 4 of the single round trips (ping) measured beside
it; exit code 1 if it takes more. Milliseconds depend on the machine, the ratio decides.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter

from nostr_sdk import Keys
from spirekeeper.bunker.answers import PolicyRule
from spirekeeper.bunker.client import NsecBunkerAdminClient
from spirekeeper.devkit.bunker import DevBunker
from spirekeeper.devkit.relay import DevRelay

MOST_ROUND_TRIPS = 4.0
WARM_UP = 10
RULES = [
    *(PolicyRule("sign_event", kind) for kind in (21000, 21001, 21002, 21003, 30078)),
    PolicyRule("nip44_encrypt"),
    PolicyRule("nip44_decrypt"),
]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--serve", nargs="+", metavar="WHAT", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(_serve(*options.serve))
        return 0
    admin = Keys.generate()
    with (
        tempfile.TemporaryDirectory() as folder,
        _process("relay") as relay,
        _process("bunker", relay, admin.public_key().to_hex(), folder) as bunker,
    ):
        measured = asyncio.run(_measure(relay, bunker, admin, options.rounds))
    return _report(measured, as_json=options.json)


@contextmanager
def _process(*what: str) -> Iterator[str]:
    """This file serving `what` elsewhere, until its stdin is closed; gives what it is known by."""
    command = [sys.executable, __file__, "--serve", *what]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout
        yield child.stdout.readline().strip()


async def _serve(what: str, relay: str = "", admin: str = "", folder: str = "") -> None:
    if what == "relay":
        server = DevRelay()
        await server.start()
        ready = server.url
    else:
        bunker = DevBunker(relays=[relay], admins=[admin], folder=Path(folder))
        await bunker.start()
        ready = bunker.pubkey
    print(ready, flush=True)
    await asyncio.to_thread(sys.stdin.read)


async def _measure(relay: str, bunker: str, admin: Keys, rounds: int) -> dict[str, list[float]]:
    """Seconds of each round, the three ways taken in turn so that a slow moment meets all."""
    measured: dict[str, list[float]] = {"round_trip": [], "pair": [], "chain": []}
    secret = admin.secret_key().to_hex()
    async with NsecBunkerAdminClient(
        bunker_pubkey=bunker, relays=[relay], admin_secret=secret
    ) as client:
        await client.create_new_policy("spirekeeper-spire", RULES)
        (policy,) = await client.policies()
        ways: dict[str, Callable[[str], Awaitable[object]]] = {
            "round_trip": lambda _: client.ping(),
            "pair": lambda name: _pair(client, name, policy.id),
            "chain": lambda name: _chain(client, name, policy.id),
        }
        for number in range(WARM_UP + rounds):
            for way, run in ways.items():
                start = perf_counter()
                await run(f"{way}-{number}")
                if number >= WARM_UP:
                    measured[way].append(perf_counter() - start)
    return measured


async def _pair(client: NsecBunkerAdminClient, name: str, policy_id: str) -> None:
    """As pairing does it: what is known is not asked, what can go side by side does."""
    await client.keys()
    await client.policies()
    await asyncio.gather(
        client.create_new_key(name, "passphrase"),
        client.create_new_token(name, f"client-{name}", policy_id, 1),
    )
    (token,) = await client.get_key_tokens(name)
    assert token.client_name == f"client-{name}"


async def _chain(client: NsecBunkerAdminClient, name: str, policy_id: str) -> None:
    """One after another, asking for the policy each time."""
    await client.get_policies()
    await client.create_new_key(name, "passphrase")
    await client.create_new_token(name, f"client-{name}", policy_id, 1)
    await client.get_key_tokens(name)


def _report(measured: dict[str, list[float]], *, as_json: bool) -> int:
    ms = {way: round(1000 * median(times), 2) for way, times in measured.items()}
    ratio = round(ms["pair"] / ms["round_trip"], 2)
    met = ratio <= MOST_ROUND_TRIPS
    if as_json:
        result = {"median_ms": ms, "pair_in_round_trips": ratio, "at_most": MOST_ROUND_TRIPS}
        print(json.dumps({**result, "met": met, "rounds": len(measured["pair"])}))
    else:
        print(
            f"single round trip (ping)          {ms['round_trip']:7.2f} ms\n"
            f"the bunker's part of a pair       {ms['pair']:7.2f} ms\n"
            f"four calls one after another       {ms['chain']:7.2f} ms\n"
            f"a pair is {ratio} round trips; at most {MOST_ROUND_TRIPS:g}: "
            + ("met" if met else "NOT met")
        )
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
