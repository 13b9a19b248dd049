#!/usr/bin/python3
"""Stands in for systemctl where systemd does not run: starts what units say, as whom they say.

A unit of the type `forking` looks after itself, one of `oneshot` ends by itself. Any other has a
keeper here, a process that starts it again as `Restart=` says. The settings that shut a unit in are
not applied, and timers not started.
"""

import os
import shlex
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import IO

UNITS = (Path("/etc/systemd/system"), Path("/lib/systemd/system"))
KEEPERS = Path("/run/keepers")
LOGS = Path("/var/log/units")
PATIENCE_SECONDS = 30
ALIASES = {"postgresql": "postgresql@15-main"}
"""Debian's postgresql.service does nothing itself; the unit of its cluster does."""


class Unit:
    """What its file says."""

    def __init__(self, name: str) -> None:
        self.name = name
        template, at, instance = name.partition("@")
        file = f"{template}{at}.service"
        text = next(each / file for each in UNITS if (each / file).exists()).read_text()
        self._said: dict[str, list[str]] = defaultdict(list)
        for line in text.replace("\\\n", " ").replace("%i", instance).splitlines():
            key, equals, value = line.partition("=")
            if equals and not line.startswith("#"):
                self._said[key.strip()].append(value.strip())

    def said(self, key: str, otherwise: str = "") -> str:
        return self._said[key][0] if self._said[key] else otherwise

    @property
    def kept(self) -> bool:
        return self.said("Type") not in {"forking", "oneshot"}

    def begin(self, command: str, log: IO[bytes]) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [*self._as_whom(), *shlex.split(command.lstrip("-"))],
            cwd=self.said("WorkingDirectory", "/"),
            env=self._environment(),
            umask=int(self.said("UMask", "0022"), 8),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )

    def run(self, key: str, log: IO[bytes]) -> None:
        """Each command under `key`, one after another; a `-` before it forgives its failure."""
        for command in self._said[key]:
            code = self.begin(command, log).wait()
            if code and not command.startswith("-"):
                sys.exit(f"{self.name}: {key} ended with {code}; see {log.name}")

    def _as_whom(self) -> list[str]:
        user = self.said("User")
        group = self.said("Group", user)
        return ["setpriv", f"--reuid={user}", f"--regid={group}", "--init-groups"] if user else []

    def _environment(self) -> dict[str, str]:
        found = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
        for file in self._said["EnvironmentFile"]:
            for line in Path(file).read_text().splitlines():
                key, _, value = line.partition("=")
                found[key] = "".join(shlex.split(value)) if value.startswith("'") else value
        return found


def start(name: str) -> None:
    if _keeper(name):
        return
    unit = Unit(name)
    with (LOGS / name).open("ab") as log:
        if not unit.kept:
            unit.run("ExecStartPre", log)
            unit.run("ExecStart", log)
            return
        pid = os.fork()
        if pid == 0:
            os.setsid()
            _let_go_of_the_caller(log)
            _keep(unit, log)
            os._exit(0)
    (KEEPERS / name).write_text(str(pid))


def stop(name: str) -> None:
    unit, keeper = Unit(name), _keeper(name)
    if not unit.kept:
        with (LOGS / name).open("ab") as log:
            unit.run("ExecStop", log)
    elif keeper:
        os.kill(keeper, signal.SIGTERM)
        end = time.monotonic() + PATIENCE_SECONDS
        while _keeper(name):
            if time.monotonic() > end:
                sys.exit(f"{name} does not stop")
            time.sleep(0.05)


def reload(name: str) -> None:
    with (LOGS / name).open("ab") as log:
        Unit(name).run("ExecReload", log)


def _keeper(name: str) -> int:
    """The pid of who keeps it running, or 0."""
    try:
        pid = int((KEEPERS / name).read_text())
        os.kill(pid, 0)
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return 0 if "(zombie)" in Path(f"/proc/{pid}/status").read_text() else pid


def _let_go_of_the_caller(log: IO[bytes]) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(log.fileno(), 1)
    os.dup2(log.fileno(), 2)


def _keep(unit: Unit, log: IO[bytes]) -> None:
    """The program runs, and again when it has ended, until this process is told to stop."""
    told: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: told.append(number))
    while not told:
        process = unit.begin(unit.said("ExecStart"), log)
        while not told and process.poll() is None:
            time.sleep(0.05)
        if told:
            process.terminate()
            try:
                process.wait(PATIENCE_SECONDS - 5)
            except subprocess.TimeoutExpired:
                process.kill()
            return
        if unit.said("Restart", "no") == "no":
            return
        time.sleep(float(unit.said("RestartSec", "0.1")))


VERBS = {
    "daemon-reload": (),
    "enable": (),
    "disable": (),
    "start": (start,),
    "stop": (stop,),
    "restart": (stop, start),
    "reload": (reload,),
}


def main() -> None:
    for folder in (KEEPERS, LOGS):
        folder.mkdir(parents=True, exist_ok=True)
    verb, *named = [word for word in sys.argv[1:] if word != "--now"]
    names = [name for name in named if not name.endswith(".timer")]
    now = {"enable": (start,), "disable": (stop,)}
    does = now[verb] if "--now" in sys.argv else VERBS[verb]
    for name in names:
        for each in does:
            each(ALIASES.get(name, name))


if __name__ == "__main__":
    main()
