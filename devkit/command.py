"""The `devkit` command: `up` runs everything until Ctrl-C, `pay` and `fetch` are its customer,
`smoke` does the whole job once, `dist` builds a release."""

import argparse
import asyncio
import json
import shlex
import signal
import sys
from collections.abc import Coroutine, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from . import acceptor, dist, motor
from .accounts import Account
from .api import Api, ApiError
from .bunker import Lineage
from .customer import fetch_from, pay_from
from .dist import DistError
from .front_door import FrontDoor
from .kept import write_private
from .kit import DevKit
from .lnbits import LNbitsError
from .smoke import SPIRE, SmokeError, smoke

LINEAGES = {lineage.name.lower().replace("_", "-"): lineage for lineage in Lineage}
DEMO_MACHINE = "Demo spire"
CAPS = {"cap_order": 20_000, "cap_hour": 50_000, "cap_day": 200_000, "cap_open": 50_000}
"""What the demo machine may pay out, in sats."""
LAST_LINE = "Ctrl-C stops all of it."


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit codes: 0 done or stopped by a signal, 1 something failed (one line says what)."""
    options = _parser().parse_args(arguments)
    try:
        if options.verb == "dist":
            _dist(options)
        elif options.verb == "motor":
            motor.run(options)
        elif options.verb == "acceptor":
            acceptor.run(options)
        else:
            asyncio.run(_until_signal(_work(options)))
    except (ApiError, BunkerEndedError, DistError, LNbitsError, SmokeError, OSError) as error:
        print(f"devkit: {error}", file=sys.stderr)
        return 1
    return 0


def _work(options: argparse.Namespace) -> Coroutine[Any, Any, None]:
    match options.verb:
        case "up":
            return _up(options)
        case "pay":
            return pay_from(options.data, options.bolt11)
        case "fetch":
            return _fetch(options)
    return _smoke()


class BunkerEndedError(Exception):
    """The development bunker has ended as the real one would."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="devkit", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    up = verbs.add_parser("up", help="relay, bunker and LNbits on loopback, until Ctrl-C")
    up.add_argument("--data", type=Path, default=Path(".data"), help="folder (default: .data)")
    up.add_argument("--relay-port", type=int, default=0, help="default: the last one, or any")
    up.add_argument("--lnbits-port", type=int, default=0, help="default: the last one, or any")
    up.add_argument("--lineage", choices=sorted(LINEAGES), default="newer-ndk")
    up.add_argument("--json", type=Path, help="write how to reach it all to this file when ready")
    up.add_argument("--demo", action="store_true", help="pair a machine and print its pairing code")
    pay = verbs.add_parser("pay", help="pay a machine's invoice, as a customer at the same LNbits")
    pay.add_argument("--data", type=Path, default=Path(".data"), help="folder (default: .data)")
    pay.add_argument("bolt11", help="the invoice")
    fetch = verbs.add_parser("fetch", help="fetch a machine's sats, as the same customer")
    fetch.add_argument("--data", type=Path, default=Path(".data"), help="folder (default: .data)")
    fetch.add_argument("lnurl", help="the withdraw link")
    acceptor.add_arguments(verbs.add_parser("acceptor", help="an acceptor that has no slot"))
    motor.add_arguments(verbs.add_parser("motor", help="a dispenser that moves no notes"))
    verbs.add_parser("smoke", help="pair a machine, let it sign, revoke it; in a fresh folder")
    release = verbs.add_parser("dist", help="the zip that LNbits installs, and its manifest")
    release.add_argument("--folder", type=Path, default=Path("dist"), help="default: dist")
    release.add_argument("--tag", help="of this version, as v0.2.0; default: the last commit")
    release.add_argument("--url", help="where the zip will be served; default: GitHub's releases")
    return parser


def _dist(options: argparse.Namespace) -> None:
    release = dist.build(options.folder, options.url, options.tag)
    print(release.archive, release.manifest, sep="\n")


async def _until_signal(work: Coroutine[Any, Any, None]) -> None:
    """The first SIGINT or SIGTERM ends `work` in order; more of them change nothing."""
    task = asyncio.ensure_future(work)
    stopped = asyncio.Event()

    def stop() -> None:
        if not stopped.is_set():
            stopped.set()
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    try:
        await task
    except asyncio.CancelledError:
        if not stopped.is_set():
            raise


async def _fetch(options: argparse.Namespace) -> None:
    print(f"{await fetch_from(options.data, options.lnurl)} sats are on their way to the wallet")


async def _smoke() -> None:
    with TemporaryDirectory(prefix="spirekeeper-smoke-") as folder:
        await smoke(Path(folder), lambda line: print(line, flush=True))
    print("all of it works")


async def _up(options: argparse.Namespace) -> None:
    if options.json:
        options.json.unlink(missing_ok=True)  # its presence says that all is ready
    print("Starting relay, bunker and LNbits …", flush=True)
    kit = DevKit(
        options.data,
        relay_port=options.relay_port,
        lnbits_port=options.lnbits_port,
        lineage=LINEAGES[options.lineage],
    )
    async with kit, FrontDoor(_page(kit), kit.operator.access_token) as door:
        how_to_boot = await _demo(kit) if options.demo else _how_to_pair(kit)
        if options.json:
            write_private(options.json, json.dumps(_description(kit, door), indent=2))
        print(_overview(kit, door), how_to_boot, LAST_LINE, sep="\n\n", flush=True)
        await _until_one_ends(kit)


async def _until_one_ends(kit: DevKit) -> None:
    lnbits = asyncio.ensure_future(kit.lnbits.ended())
    bunker = asyncio.ensure_future(kit.bunker.ended.wait())
    try:
        await asyncio.wait([lnbits, bunker], return_when=asyncio.FIRST_COMPLETED)
        if lnbits.done():
            raise kit.lnbits.error(f"LNbits has ended with code {lnbits.result()}")
        raise BunkerEndedError(f"the bunker has ended: {kit.bunker.end_reason}")
    finally:
        lnbits.cancel()
        bunker.cancel()


def _page(kit: DevKit) -> str:
    return f"{kit.lnbits.base_url}/spirekeeper/"


def _overview(kit: DevKit, door: FrontDoor) -> str:
    return "\n".join(
        [
            f"machines   {door.url}",
            "           (logs you in as the operator)",
            f"page       {_page(kit)}",
            f"operator   {kit.operator.username} / {kit.operator.password}",
            f"superuser  {kit.superuser.username} / {kit.superuser.password}",
            f"relay      {kit.relay.url}",
            f"bunker     {kit.bunker.url}",
            f"log        {kit.lnbits.log}",
        ]
    )


def _how_to_pair(kit: DevKit) -> str:
    return "\n".join(
        [
            "To pair a machine: open the machines, add it, press Pair (the relay is filled in),",
            "copy its pairing code, and in another terminal:",
            "",
            f"  {_boot(kit, 'spire-seed:v1:…')}",
        ]
    )


async def _demo(kit: DevKit) -> str:
    """Pairs the demo machine, the one of the last run if there was one."""
    async with Api(kit.lnbits, kit.operator) as api:
        found = (await api("GET", f"/machines?search={DEMO_MACHINE}"))["data"]
        machine = found[0] if found else await api("POST", "/machines", name=DEMO_MACHINE)
        sells = kit.bunker.lineage.value.nip44 and await _sells(api, machine, new=not found)
        paired = await api(
            "POST",
            f"/machines/{machine['id']}/pair",
            relays=[kit.relay.url],
            allow_private_relays=True,
            legacy_nip04=not kit.bunker.lineage.value.nip44,
        )
    then = _how_to_sell(kit) if sells else _how_to_sign(kit)
    return "\n".join(
        [
            *(f"Mind: {warning['words']}\n" for warning in paired["warnings"]),
            f"{DEMO_MACHINE!r} waits for its pairing code, which works once. In another terminal:",
            "",
            f"  {_boot(kit, paired['seed_url'])}",
            "",
            *then,
        ]
    )


async def _sells(api: Api, machine: dict[str, Any], *, new: bool) -> bool:
    """Whether the demo machine's cash is on, both ways: of one that an older kit has paired it
    stays off."""
    path = f"/machines/{machine['id']}/cash"
    both = {"out_on": True, "in_on": True, **CAPS}
    settings = await api("PUT", path, **both) if new else await api("GET", path)
    return bool(settings["out_on"] and settings["in_on"])


def _how_to_sign(kit: DevKit) -> list[str]:
    return [
        "and then have it sign as the key it never holds:",
        "",
        f"  {_spire(kit)} sign --kind 21000 --content hello --publish",
    ]


def _how_to_sell(kit: DevKit) -> list[str]:
    devkit = _for_shell(SPIRE.with_name("devkit"))
    data = _for_shell(kit.folder)
    return [
        "Compare the fingerprint on the page and confirm it. Then have it sell notes for sats,",
        "without a motor:",
        "",
        f"  {_spire(kit)} cash-out --sats 5000 --dispenser '{devkit} motor'",
        "",
        "and pay what it shows, as its customer, in a third terminal:",
        "",
        f"  {devkit} pay --data {data} lnbc…",
        "",
        "Then have it take notes for the sats that it has now; Enter says that they are in:",
        "",
        f"  {_spire(kit)} cash-in --sats 2000",
        "",
        "and fetch them with the link that it shows, as its customer:",
        "",
        f"  {devkit} fetch --data {data} lnurl1…",
    ]


def _boot(kit: DevKit, seed: str) -> str:
    old = "" if kit.bunker.lineage.value.nip44 else " --nip04"
    return f"{_spire(kit)} boot{old} '{seed}'"


def _spire(kit: DevKit) -> str:
    return f"{_for_shell(SPIRE)} --home {_for_shell(kit.folder / 'spire')}"


def _for_shell(path: Path) -> str:
    """As short as it can be pasted here."""
    here = Path.cwd()
    return shlex.quote(str(path.relative_to(here) if path.is_relative_to(here) else path))


def _description(kit: DevKit, door: FrontDoor) -> dict[str, Any]:
    """What scripts need; it holds passwords and tokens, as the file that it goes into must."""
    return {
        "base_url": kit.lnbits.base_url,
        "machines": door.url,
        "superuser": _account(kit.superuser),
        "operator": _account(kit.operator),
        "relay": kit.relay.url,
        "bunker_url": kit.bunker.url,
        "admin_nsec": kit.admin_nsec,
    }


def _account(account: Account) -> dict[str, str]:
    return {
        "username": account.username,
        "password": account.password,
        "access_token": account.access_token,
        "wallet_id": account.wallet_id,
    }


if __name__ == "__main__":
    sys.exit(main())
