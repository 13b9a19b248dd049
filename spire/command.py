"""The command `spire`. `spire --help` says what it can do."""

import argparse
import asyncio
import codecs
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from nostr_sdk import Event, NostrSdkError, PublicKey

from ..seed import fingerprint
from .cash_command import add_cash, add_cash_in, add_cash_out, add_quote
from .errors import BadSeed, SpireError
from .options import add_timeout, machine_of
from .seed_text import decode
from .state import Connection

EXIT_CODES = """exit codes:
  0  done
  1  used wrongly, or the state folder is of no use
  2  no good seed
  3  the bunker refused
  4  relay or bunker unreachable; the same command can be tried again
  5  the signer holds another key than the seed names
  6  the event was sent and may have arrived, but no relay has confirmed it; `spire publish` sends
     the same event again, a new one might count twice
  7  each relay that was reached refused the event
  8  no cash: off for this machine, refused by the operator's service, or no notes
  9  the customer has paid or inserted notes, and the operator has to end the order
  10 not paid: the customer left, or the invoice expired
  11 the notes are in, and their customer has left and may fetch the sats later"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; the exit code."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except SpireError as error:
        print(f"spire: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("spire: interrupted; the same command can be run again", file=sys.stderr)
        return 130
    return 0


def _boot(options: argparse.Namespace) -> None:
    machine = machine_of(options, acknowledged=_key_shower(options))
    asyncio.run(machine.boot(_seed_text(options), nip04=options.nip04))
    print(f"connected. Compare the fingerprint with the operator's page: {machine.fingerprint}")


def _key_shower(options: argparse.Namespace) -> Callable[[str], None]:
    """What shows a client pubkey to the camera of the operator's page, as was asked for."""
    if not (options.show_qr or options.save_qr):
        return lambda _: None
    # Only here: who compares by eye needs no picture library.
    from . import qr  # noqa: PLC0415

    if options.show_qr and not qr.fits(sys.stdout.encoding):
        raise SpireError("This terminal has no block characters: use --save-qr instead.")

    def show(client_pubkey: str) -> None:
        code = qr.key_code(client_pubkey)
        if options.show_qr:
            print("this machine's client key, for the camera of the operator's page:")
            print(qr.in_characters(code), flush=True)
        if options.save_qr:
            qr.save(code, options.save_qr)

    return show


def _sign(options: argparse.Namespace) -> None:
    asyncio.run(_sign_and_publish(options))


async def _sign_and_publish(options: argparse.Namespace) -> None:
    machine = machine_of(options, out=sys.stderr)
    event = await machine.sign(options.kind, options.content, options.tag)
    print(event.as_json())
    if options.publish:
        await machine.publish(event)


def _publish(options: argparse.Namespace) -> None:
    try:
        event = Event.from_json(_read(options.event))
    except (NostrSdkError, UnreadableError):
        raise SpireError(f"{options.event} holds no signed event that can be read.") from None
    asyncio.run(machine_of(options).publish(event))


def _bootstrap(options: argparse.Namespace) -> None:
    cassettes = _json_text(options.cassettes)
    done = asyncio.run(machine_of(options).bootstrap(options.to, cassettes))
    print("cassettes published" if done else "already published for this seed; nothing to do")


def _status(options: argparse.Namespace) -> None:
    state = machine_of(options).state
    word = "connected" if state.connected else "pending" if state.pending else "unpaired"
    connection, waiting, pending = map(_shown, (state.connected, state.waiting, state.pending))
    if options.json:
        shown = {"connection": connection, "waiting": waiting, "pending": pending}
        print(json.dumps({"state": word, **shown}, indent=2))
        return
    print(f"state: {word}")
    if waiting:
        print("this connection signs:")
    _print_fields(connection)
    if waiting:
        print("a newer connection, which signs once the bunker refuses the one above:")
        _print_fields(waiting, indent="  ")
    if pending:
        print("a seed that has not connected yet (`spire boot` goes on with it):")
        _print_fields(pending, indent="  ")


def _forget(options: argparse.Namespace) -> None:
    forgotten = machine_of(options).forget()
    print("forgotten; the operator can revoke the machine" if forgotten else "nothing to forget")


def _inspect(options: argparse.Namespace) -> None:
    seed = decode(_seed_text(options) or "")
    fields: dict[str, Any] = {
        "spire_npub": seed.spire_npub,
        "spire_pubkey": seed.spire_pubkey,
        "bunker_url": seed.masked_bunker_url,
        "relays": list(seed.relays),
    }
    if seed.service_pubkey:
        fields["service_pubkey"] = seed.service_pubkey
    if options.json:
        print(json.dumps(fields, indent=2))
    else:
        _print_fields(fields)


def _shown(connection: Connection | None) -> dict[str, Any] | None:
    """What may be seen of a connection: neither its client key nor its secret."""
    if connection is None:
        return None
    return {
        "spire_npub": PublicKey.parse(connection.spire_pubkey).to_bech32(),
        "spire_pubkey": connection.spire_pubkey,
        "client_pubkey": connection.client_pubkey,
        "fingerprint": fingerprint(connection.client_pubkey),
        "bunker_relays": list(connection.bunker_relays),
        "relays": list(connection.relays),
        "service_pubkey": connection.service_pubkey,
        "connected_at": connection.connected_at,
        "bootstrap_published_at": connection.bootstrap_published_at,
    }


def _print_fields(fields: dict[str, Any] | None, indent: str = "") -> None:
    for name, value in (fields or {}).items():
        text = ", ".join(value) if isinstance(value, list) else value or "-"
        print(f"{indent}{name}: {text}")


def _seed_text(options: argparse.Namespace) -> str | None:
    if options.qr:
        # Only here: a machine without a camera needs no picture library.
        from .qr import read_seed  # noqa: PLC0415

        return read_seed(options.qr)
    if options.seed_file:
        try:
            return _read(options.seed_file)
        except UnreadableError:
            raise BadSeed(f"{options.seed_file} cannot be read, or is no text.") from None
    return options.seed  # type: ignore[no-any-return]


class UnreadableError(Exception):
    """A file is not there, or is no text."""


def _read(path: Path) -> str:
    """A file's text, or that of standard input for `-`; as editors on Windows write it, too."""
    try:
        raw = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        wide = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        return raw.decode("utf-16" if wide else "utf-8-sig")
    except (OSError, UnicodeError):
        raise UnreadableError from None


def _json_text(path: Path) -> str:
    try:
        return json.dumps(json.loads(_read(path)), separators=(",", ":"))
    except (UnreadableError, ValueError, RecursionError):
        raise SpireError(f"{path} holds no JSON that can be read.") from None


class _Parser(argparse.ArgumentParser):
    """Exits with 1 when used wrongly: argparse's own 2 means a bad seed here."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(1, f"{self.prog}: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="spire",
        description="The reference machine: signs as a key that a bunker holds.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(home=Path("~/.spire"))
    _add_home(parser)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (words, add) in _COMMANDS.items():
        command = commands.add_parser(name, help=words, description=words)
        add(command)
        _add_home(command)
    return parser


def _add_home(parser: argparse.ArgumentParser) -> None:
    """Before or after the command's name."""
    parser.add_argument(
        "--home",
        type=Path,
        default=argparse.SUPPRESS,
        metavar="FOLDER",
        help="state folder (~/.spire)",
    )


def _add_boot(parser: argparse.ArgumentParser) -> None:
    _add_seed(parser, required=False)
    parser.add_argument(
        "--show-qr", action="store_true", help="print the client key as a QR code, to be compared"
    )
    parser.add_argument(
        "--save-qr", type=Path, metavar="PICTURE", help="write the same as a PNG picture"
    )
    parser.add_argument("--nip04", action="store_true", help="for a bunker with an old NDK")
    add_timeout(parser)
    parser.set_defaults(run=_boot)


def _add_sign(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--kind", type=_kind, required=True)
    parser.add_argument("--content", type=_text, required=True)
    parser.add_argument("--tag", type=_tag, action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--publish", action="store_true", help="send it to the seed's relays")
    add_timeout(parser)
    parser.set_defaults(run=_sign)


def _add_publish(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("event", type=Path, metavar="FILE", help="JSON; - reads standard input")
    parser.set_defaults(run=_publish)


def _add_bootstrap(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--to", type=_pubkey, required=True, metavar="OPERATOR", help="npub or hex")
    parser.add_argument("--cassettes", type=Path, required=True, metavar="FILE", help="JSON")
    add_timeout(parser)
    parser.set_defaults(run=_bootstrap)


def _add_inspect(parser: argparse.ArgumentParser) -> None:
    _add_seed(parser, required=True)
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=_inspect)


def _add_status(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=_status)


def _add_forget(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_forget)


_COMMANDS = {
    "boot": ("connect with a seed, or again without one", _add_boot),
    "sign": ("sign an event and print it", _add_sign),
    "publish": ("send a signed event, for the first time or again", _add_publish),
    "bootstrap": ("publish the state of the cassettes, once for each seed", _add_bootstrap),
    "cash": ("ask on which terms cash is sold and taken; finish and list orders", add_cash),
    "quote": ("ask what a customer gets for sats, or for notes", add_quote),
    "cash-out": ("sell notes for sats, or go on where that was broken off", add_cash_out),
    "cash-in": ("take notes and send sats, or go on where that was broken off", add_cash_in),
    "status": ("show what this machine remembers; asks nobody", _add_status),
    "forget": ("forget the connection", _add_forget),
    "inspect": ("check a seed and print its fields", _add_inspect),
}


def _add_seed(parser: argparse.ArgumentParser, *, required: bool) -> None:
    seed = parser.add_mutually_exclusive_group(required=required)
    seed.add_argument("seed", nargs="?", metavar="SEED", help="others can see it while it runs")
    seed.add_argument("--seed-file", type=Path, metavar="FILE", help="- reads standard input")
    seed.add_argument("--qr", type=Path, metavar="PICTURE", help="a picture of the QR code")


def _kind(text: str) -> int:
    kind = int(text)
    if not 0 <= kind <= 65535:
        raise argparse.ArgumentTypeError("a kind is a number from 0 to 65535")
    return kind


def _text(text: str) -> str:
    """Python hands on what is no UTF-8 as surrogates, which no event can hold."""
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise argparse.ArgumentTypeError("not UTF-8")
    return text


def _tag(text: str) -> list[str]:
    name, equals, value = _text(text).partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError("a tag looks like name=value")
    return [name, value]


def _pubkey(text: str) -> str:
    try:
        return str(PublicKey.parse(text).to_hex())
    except NostrSdkError:
        raise argparse.ArgumentTypeError("neither an npub nor a hex pubkey") from None


if __name__ == "__main__":
    sys.exit(main())
