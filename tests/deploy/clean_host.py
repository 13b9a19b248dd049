"""A Debian 12 in a folder, in a network in which nothing but such hosts can be reached.

The process that makes one has to run in a network and mount namespace of its own (see
`__main__.py`); only what fetches packages is run in the network of this machine.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

SUITE = "bookworm"
ADDRESS = "203.0.114.1"
"""Public, for no pairing code names a private one; here it is loopback's."""
OTHER_ADDRESS = "203.0.114.2"
NAMES = ("lnbits.example.org", "relay.example.org")
_THEIR_CA = "/usr/local/share/ca-certificates/of-the-test.crt"
_OTHER = "mnt/other"
_FROM_HERE = ("etc/apt", "etc/pip.conf", "usr/local/share/ca-certificates", "etc/resolv.conf")


class HostError(Exception):
    """A command on the host failed; holds the end of what it said."""


class CleanHost:
    """`folder` is made anew from `base`, which is made once. `outside`: a process in the network
    of this machine; `network`: a command that runs what follows it where this host is."""

    def __init__(self, folder: Path, base: Path, outside: int, network: Sequence[str] = ()) -> None:
        self.folder = folder
        self.network = network
        self._base = base
        self._to_the_registries = ["nsenter", f"--net=/proc/{outside}/ns/net"]

    @property
    def authorities(self) -> Path:
        """Whom the host believes, the test's own authority too once it has one."""
        return self.folder / "etc/ssl/certs/ca-certificates.crt"

    def make(self) -> None:
        if not self._base.exists():
            _bootstrap(self._base, self._to_the_registries)
        shutil.rmtree(self.folder, ignore_errors=True)
        subprocess.run(["cp", "-a", self._base, self.folder], check=True)
        self.mount()
        here = Path(__file__).with_name("systemctl.py")
        shutil.copy(here, self.folder / "usr/local/bin/systemctl")
        (self.folder / "usr/local/bin/systemctl").chmod(0o755)
        self.write("/etc/dpkg/dpkg.cfg.d/hurry", "force-unsafe-io\n")
        self.is_told(ADDRESS)

    def is_told(self, address: str) -> None:
        """Where the names lead."""
        names = f"127.0.0.1 localhost\n{address} {' '.join(NAMES)}\n"
        (self.folder / "etc/hosts").write_text(names)

    def mount(self) -> None:
        """They go with the namespace."""
        for name in ("proc", "dev", "sys"):
            (self.folder / name).mkdir(exist_ok=True)
            subprocess.run(["mount", "--rbind", f"/{name}", self.folder / name], check=True)

    def reach(self, other: "CleanHost") -> None:
        """By ssh, whatever it is called there: a chroot."""
        (self.folder / _OTHER).mkdir()
        subprocess.run(["mount", "--rbind", other.folder, self.folder / _OTHER], check=True)
        self.write("/usr/local/bin/ssh", f'#!/bin/sh\nshift\nexec chroot /{_OTHER} sh -c "$*"\n')
        (self.folder / "usr/local/bin/ssh").chmod(0o755)

    def trust(self, certificate: str) -> None:
        (self.folder / _THEIR_CA.lstrip("/")).write_text(certificate)
        self.run("update-ca-certificates --fresh >/dev/null")

    def lend_names(self) -> None:
        """This process, and whatever it starts, knows the host's names and believes whom it
        believes."""
        command = ["mount", "--bind", self.folder / "etc/hosts", "/etc/hosts"]
        subprocess.run(command, check=True)
        os.environ["SSL_CERT_FILE"] = str(self.authorities)

    def write(self, path: str, text: str) -> None:
        file = self.folder / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def run(
        self,
        script: str,
        *,
        fetches: bool = False,
        said: str = "",
        environment: Mapping[str, str] | None = None,
    ) -> str:
        """What it says; HostError unless it ends with 0. It is root, in bash, and stops at the
        first command that fails."""
        way = self._to_the_registries if fetches else self.network
        shell = ["chroot", str(self.folder), "/bin/bash", "-euo", "pipefail", "-c", script]
        ran = subprocess.run(
            [*way, *shell],
            check=False,
            input=said,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**_environment(), **(environment or {})},
        )
        if ran.returncode:
            raise HostError("\n".join(ran.stdout.splitlines()[-25:]))
        return ran.stdout

    def verify(self, unit: str) -> None:
        """By systemd's own eyes, for it is not systemd that runs here."""
        told = self.run(f"systemd-analyze verify --man=no {unit}")
        if told:
            raise HostError(told)

    def logs(self, unit: str, lines: int = 25) -> str:
        file = self.folder / "var/log/units" / unit
        return "\n".join(file.read_text().splitlines()[-lines:]) if file.exists() else ""


@contextmanager
def another_network() -> Iterator[Sequence[str]]:
    """One beside this one, at OTHER_ADDRESS; a command that runs what follows it there."""
    command = [
        "unshare",
        "--net",
        "sh",
        "-c",
        "ip link set lo up && echo up && exec sleep infinity",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        try:
            assert holder.stdout is not None
            holder.stdout.readline()
            there = ("nsenter", f"--net=/proc/{holder.pid}/ns/net")
            for each in (
                f"ip link add to-other type veth peer name to-here netns {holder.pid}",
                "ip link set to-other up",
                f"{' '.join(there)} ip addr add {OTHER_ADDRESS}/32 dev to-here",
                f"{' '.join(there)} ip link set to-here up",
                f"{' '.join(there)} ip route add {ADDRESS} dev to-here",
                f"ip route add {OTHER_ADDRESS} dev to-other src {ADDRESS}",
            ):
                subprocess.run(each.split(), check=True)
            yield there
        finally:
            holder.terminate()


def _environment() -> dict[str, str]:
    named = {key: value for key, value in os.environ.items() if key.startswith("PIP_")}
    named.pop("PIP_FIND_LINKS", None)  # a folder of this machine
    return {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": "/root",
        "LC_ALL": "C.UTF-8",
        "DEBIAN_FRONTEND": "noninteractive",
        **named,
    }


def _bootstrap(base: Path, to_the_registries: Sequence[str]) -> None:
    """Of the packages that this machine takes too, and with its ways to the registries."""
    unfinished = base.with_suffix(".part")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [
            *(
                *to_the_registries,
                "debootstrap",
                "--variant=minbase",
                "--include=ca-certificates,systemd",
            ),
            *(SUITE, unfinished, _mirror()),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    for each in _FROM_HERE:
        if Path("/", each).exists():
            subprocess.run(["cp", "-aL", "--parents", each, unfinished], cwd="/", check=True)
    policy = unfinished / "usr/sbin/policy-rc.d"  # installing a server does not start it
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    command = ["chroot", unfinished, "update-ca-certificates"]
    subprocess.run(command, check=True, capture_output=True)
    unfinished.rename(base)


def _mirror() -> str:
    """Where this machine's Debian packages come from."""
    lines = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(CODENAME) $(REPO_URI)", "Created-By: Packages"],
        check=True,
        text=True,
        capture_output=True,
    ).stdout.splitlines()
    return next(line.split()[1] for line in lines if line.split()[0] == SUITE)
