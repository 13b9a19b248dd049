"""LNbits' container without Docker: what its image holds, laid out in a folder of its own, and
its command run there with what the guide's compose file gives it.

The file is read by docker-compose itself. The image is that of LNbits' Dockerfile at 1.6.2: LNbits
in /app, its Python in /app/.venv, and nobody in /etc/passwd whom the host knows.
"""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml
from deploy.clean_host import CleanHost

_OF_THE_HOST = ("usr", "proc", "dev", "sys")
_LINKS = {**{name: f"usr/{name}" for name in ("bin", "sbin", "lib", "lib64")}, "var/run": "/run"}
_COPIES = ("etc/hosts", "etc/nsswitch.conf", "etc/ssl")
_OF_THE_IMAGE = {
    "HOME": "/",
    "PATH": "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin",
}


class Container:
    """`folder` is to be its root: that of an earlier walk at most, whose mounts went with it."""

    def __init__(self, host: CleanHost, folder: Path) -> None:
        self._host = host
        self._root = folder
        self._service = _service(host)

    def start(self) -> None:
        shutil.rmtree(self._root, ignore_errors=True)
        self._root.mkdir(parents=True)
        self._lay_out()
        for volume in self._service["volumes"]:
            here, there, *_ = volume.split(":")
            self._mount(here, there)
        user, group = self._service["user"].split(":")
        log = self._host.folder / "var/log/units/container"
        with log.open("ab") as said:
            self._process = subprocess.Popen(
                [
                    *(*self._host.network, "chroot", f"--userspec={user}:{group}"),
                    *(f"--groups={group}", str(self._root), "env", "--chdir=/app"),
                    *self._service["command"],
                ],
                env={**_OF_THE_IMAGE, **self._service["environment"]},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()

    def _lay_out(self) -> None:
        for name in _OF_THE_HOST:
            self._mount(f"/{name}", f"/{name}")
        (self._root / "var").mkdir()
        for name, target in _LINKS.items():
            (self._root / name).symlink_to(target)
        for name in _COPIES:
            copy = self._root / name
            copy.parent.mkdir(exist_ok=True)
            subprocess.run(["cp", "-a", self._host.folder / name, copy], check=True)
        (self._root / "tmp").mkdir(mode=0o1777)
        (self._root / "tmp").chmod(0o1777)
        venv = self._root / "app/.venv"
        venv.parent.mkdir()
        subprocess.run(["cp", "-a", self._host.folder / "opt/lnbits", venv], check=True)
        [package] = venv.glob("lib/python3*/site-packages/lnbits")
        package.rename(self._root / "app/lnbits")

    def _mount(self, here: str, there: str) -> None:
        target = self._root / there.lstrip("/")
        target.mkdir(parents=True)
        source = self._host.folder / here.lstrip("/")
        subprocess.run(["mount", "--rbind", source, target], check=True)


def _service(host: CleanHost) -> dict[str, Any]:
    told = yaml.safe_load(host.run("cd /etc/lnbits && docker-compose config"))
    service: dict[str, Any] = told["services"]["lnbits"]
    return service
