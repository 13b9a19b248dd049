"""A PostgreSQL cluster for one run: made in a temporary folder, removed with it.

It listens on loopback alone, with a password of its own, and does not wait for the disk. Its time
zone is far from UTC, so that a time stored without its zone shows.
"""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from tempfile import mkdtemp

from .relay import HOST

TIME_ZONE = "America/New_York"
_USER = "postgres"
_DEBIAN = Path("/usr/lib/postgresql")
_SECONDS = 60


class PostgresError(Exception):
    """PostgreSQL is not installed, or did not start; says what to do."""


class Postgres:
    """A throw-away cluster, as a context manager or with `start` and `stop`.

    Blocks: LNbits wants the address of its database before any event loop runs.
    """

    def __init__(self) -> None:
        self._bin = _binaries()
        self._become = _become()
        self._password = token_hex(16)
        self._folder: Path | None = None
        self._port = 0

    def __enter__(self) -> "Postgres":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def url(self, database: str = "postgres") -> str:
        """The address of a database, in the form that LNbits takes."""
        return f"postgres://{_USER}:{self._password}@{HOST}:{self._port}/{database}"

    def start(self) -> None:
        """Returns when it takes connections; PostgresError says why it does not."""
        self._folder = folder = Path(mkdtemp(prefix="spirekeeper-postgres-"))
        self._port = _free_port()
        try:
            self._initialise(folder)
            self._serve(folder)
        except BaseException:
            self.stop()
            raise

    def _serve(self, folder: Path) -> None:
        options = {
            "listen_addresses": HOST,
            "port": self._port,
            "unix_socket_directories": "",
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "timezone": TIME_ZONE,
        }
        flags = " ".join(f"-c {name}='{value}'" for name, value in options.items())
        # Its log is a file: a pipe of ours would stay open as long as the server runs.
        self._run(
            *("pg_ctl", "start", "--wait", "--pgdata", str(folder / "data")),
            *("--log", str(folder / "log"), "--options", flags),
        )

    def restart(self) -> None:
        """Ends every connection; returns when it takes new ones."""
        with self.away():
            pass

    @contextmanager
    def away(self) -> Iterator[None]:
        """It has ended every connection and takes none, until the end of the context."""
        if self._folder is None:
            raise RuntimeError("PostgreSQL does not run: call start() first")
        self._run("pg_ctl", "stop", "--mode", "fast", "--pgdata", str(self._folder / "data"))
        try:
            yield
        finally:
            self._serve(self._folder)

    def stop(self) -> None:
        """Ends it and removes what it stored; does nothing when it does not run."""
        folder, self._folder = self._folder, None
        if folder is None:
            return
        data = folder / "data"
        try:
            if (data / "postmaster.pid").exists():
                self._run("pg_ctl", "stop", "--mode", "immediate", "--pgdata", str(data))
        finally:
            shutil.rmtree(folder)

    def _initialise(self, folder: Path) -> None:
        password = folder / "password"
        password.write_text(self._password)
        if _is_root():
            shutil.chown(folder, _USER)
            shutil.chown(password, _USER)
        self._run(
            *("initdb", "--pgdata", str(folder / "data"), "--username", _USER),
            *("--auth", "scram-sha-256", "--pwfile", str(password)),
            *("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
        )
        password.unlink()

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(  # noqa: S603 - PostgreSQL's programs with our arguments
            [*self._become, str(self._bin / program), *arguments],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        if done.returncode:
            lines = done.stdout.strip().splitlines() or ["it said nothing"]
            raise PostgresError(f"PostgreSQL's {program} failed: {lines[-1]}")


def _binaries() -> Path:
    """The folder of initdb and pg_ctl; Debian keeps them out of the PATH, one folder a version."""
    debian = sorted(_DEBIAN.glob("*/bin"), key=lambda folder: folder.parent.name.zfill(3))
    on_path = [Path(folder) for folder in os.get_exec_path()]
    for folder in [*reversed(debian), *on_path]:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    raise PostgresError(
        "PostgreSQL's initdb and pg_ctl are not on this machine: apt-get install postgresql"
    )


def _become() -> tuple[str, ...]:
    """PostgreSQL refuses to run as root. Root's own PATH may lack the folder of runuser."""
    if not _is_root():
        return ()
    runuser = shutil.which("runuser") or shutil.which("runuser", path="/usr/sbin:/sbin")
    if runuser is None:
        raise PostgresError("PostgreSQL does not run as root, and runuser is not on this machine")
    return (runuser, "-u", _USER, "--")


def _is_root() -> bool:
    return os.geteuid() == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
