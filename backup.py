"""Saves what LNbits and its extensions keep, and restores it into an empty host.

    python3 backup.py save /backups
    python3 backup.py restore /backups/lnbits-20261130T123456Z

Run it as the user of LNbits, with LNbits' LNBITS_DATA_FOLDER and LNBITS_DATABASE_URL in the
environment. LNbits may run while it is saved, and has to be stopped while it is restored. It needs
Python alone and, where LNbits is on PostgreSQL, pg_dump and pg_restore of at least its version.

What it saves is LNbits' database: all SQLite files as they were at one moment, or a dump. The
secret that opens what is sealed in it (AUTH_SECRET_KEY, or the file .lnbits_auth_key) is left out.
"""

import argparse
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack, closing
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

CONTENTS = "contents.json"
DUMP = "postgres.dump"
SECONDS = 600.0
"""The longest that a statement of LNbits' is waited for."""


class BackupError(Exception):
    """It was not saved or restored; says why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit codes: 0 done, 1 nothing was saved or restored (one line says why)."""
    os.umask(0o077)
    options = _parser().parse_args(arguments)
    try:
        if options.verb == "save":
            print(save(options.folder))
        else:
            restore(options.folder)
            print("Restored. Before LNbits is started, set the AUTH_SECRET_KEY that it had.")
    except (BackupError, OSError, sqlite3.Error) as error:
        print(f"backup: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="backup.py", description=(__doc__ or "").splitlines()[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    saving = verbs.add_parser("save", help="make a new folder in FOLDER, and print its name")
    saving.add_argument("folder", type=Path, metavar="FOLDER")
    restoring = verbs.add_parser("restore", help="put back what such a folder holds")
    restoring.add_argument("folder", type=Path, metavar="SAVED")
    return parser


def save(folder: Path) -> Path:
    """Saves into a new folder below this one; answers with it."""
    now = datetime.now(timezone.utc)
    saved = folder / f"lnbits-{now:%Y%m%dT%H%M%SZ}"
    unfinished = saved.with_suffix(".part")
    unfinished.mkdir(parents=True)
    try:
        url = os.environ.get("LNBITS_DATABASE_URL")
        if url:
            _run(url, "pg_dump", "--format", "custom", "--file", str(unfinished / DUMP))
        else:
            _save_files(unfinished)
        hashes = {file.name: _hash(file) for file in sorted(unfinished.iterdir())}
        contents = {"saved_at": now.isoformat(), "files": hashes}
        (unfinished / CONTENTS).write_text(json.dumps(contents, indent=1))
        unfinished.rename(saved)
    except BaseException:
        shutil.rmtree(unfinished)
        raise
    return saved


def restore(saved: Path) -> None:
    """Into a data folder without a database, or an empty PostgreSQL database."""
    hashes = json.loads((saved / CONTENTS).read_text())["files"]
    for name, wanted in hashes.items():
        if _hash(saved / name) != wanted:
            raise BackupError(f"{saved / name} is not as it was saved; nothing was restored")
    url = os.environ.get("LNBITS_DATABASE_URL")
    if bool(url) is not (DUMP in hashes):
        raise BackupError(
            "SQLite was saved and LNBITS_DATABASE_URL is set, or PostgreSQL and it is not; nothing "
            "was restored"
        )
    if url:
        _run(
            url,
            *("pg_restore", "--no-owner", "--no-privileges", "--single-transaction"),
            *("--exit-on-error", "--dbname", _database(url), str(saved / DUMP)),
        )
    else:
        _restore_files(saved, sorted(hashes))


def _data_folder() -> Path:
    return Path(os.environ.get("LNBITS_DATA_FOLDER") or "data")


def _save_files(target: Path) -> None:
    """All at one moment: nobody writes any of them while all are held for reading."""
    data = _data_folder()
    files = sorted(data.glob("*.sqlite3"))
    if data / "database.sqlite3" not in files:
        raise BackupError(f"no database.sqlite3 is in {data.resolve()}: set LNBITS_DATA_FOLDER")
    with ExitStack() as held:
        opened = [held.enter_context(closing(sqlite3.connect(file, SECONDS))) for file in files]
        for source in opened:
            source.execute("BEGIN")
            source.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
        for file, source in zip(files, opened, strict=True):
            with closing(sqlite3.connect(target / file.name)) as copy:
                copy.execute("PRAGMA synchronous = OFF")  # LNbits waits until all are copied
                source.backup(copy)
    os.sync()


def _restore_files(saved: Path, names: Sequence[str]) -> None:
    data = _data_folder()
    there = sorted(file.name for file in data.glob("*.sqlite3*"))
    if there:
        raise BackupError(
            f"{data.resolve()} has a database already ({', '.join(there)}); nothing was restored"
        )
    data.mkdir(parents=True, exist_ok=True)
    try:
        for name in names:
            shutil.copyfile(saved / name, data / name)
    except BaseException:
        for name in names:
            (data / name).unlink(missing_ok=True)
        raise


def _run(url: str, program: str, *arguments: str) -> None:
    """The password goes by the environment: everybody on the host sees the arguments."""
    if shutil.which(program) is None:
        raise BackupError(f"{program} is not on this machine: apt-get install postgresql-client")
    done = subprocess.run(  # noqa: S603 - PostgreSQL's programs with our arguments
        [program, *arguments],
        env={**os.environ, **how_to_connect(url)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it said nothing"]
        raise BackupError(f"{program} failed, and nothing was changed: {said[0]}")


def how_to_connect(url: str) -> dict[str, str]:
    """The variables that PostgreSQL's programs read, for an address as LNbits takes it: what stands
    behind its `?` counts where the address itself says nothing, such as the folder of a socket."""
    parts = urlsplit(url)
    more = dict(parse_qsl(parts.query))
    return {
        "PGHOST": unquote(parts.hostname or more.get("host", "")),
        "PGPORT": str(parts.port or more.get("port", 5432)),
        "PGUSER": unquote(parts.username or more.get("user", "")),
        "PGPASSWORD": unquote(parts.password or more.get("password", "")),
        "PGDATABASE": _database(url),
    }


def _database(url: str) -> str:
    return unquote(urlsplit(url).path.removeprefix("/"))


def _hash(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while some := content.read(1 << 20):
            digest.update(some)
    return digest.hexdigest()


if __name__ == "__main__":
    sys.exit(main())
