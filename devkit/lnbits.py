"""Stock LNbits with this extension in it: one process on loopback that dials nowhere."""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import httpx

from .relay import HOST

EXTENSION = "spirekeeper"
_START_SECONDS = 120
_STOP_SECONDS = 10
_LOG_LINES = 25
_FOREIGN = ("LNBITS_", "SPIREKEEPER_", "AUTH_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


class LNbitsError(Exception):
    """LNbits did not start, ended, or refused; holds the end of its log."""


class LNbits:
    """A server whose data, run directory and log are in `folder`.

    `environment` goes beside LNbits' own, as `SPIREKEEPER_*` does; `linked` puts this extension
    where LNbits looks for it, else it is as it comes from PyPI. `server` is what Python runs, and
    takes what uvicorn takes.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int,
        environment: Mapping[str, str],
        linked: bool = True,
        server: Sequence[str] = ("-m", "uvicorn"),
    ) -> None:
        self.folder = folder
        self.port = port
        self.log = folder / "lnbits.log"
        self._environment = environment
        self._linked = linked
        self._server = server
        self._process: asyncio.subprocess.Process | None = None

    @property
    def base_url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def pid(self) -> int:
        if self._process is None:
            raise RuntimeError("LNbits has not been started: call start() first")
        return self._process.pid

    async def start(self) -> None:
        """Returns when it answers requests."""
        lay_out(self.folder, linked=self._linked)
        environment = {name: os.environ[name] for name in os.environ if not is_foreign(name)}
        environment.update(lnbits_environment(self.folder, self.base_url))
        environment.update(self._environment)
        with self.log.open("wb") as log:
            # A session of its own: Ctrl-C reaches the kit alone, which stops things in order.
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, *self._server, "lnbits.__main__:app"),
                *("--host", HOST, "--port", str(self.port), "--timeout-graceful-shutdown", "2"),
                cwd=self.folder,
                env=environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            await asyncio.wait_for(self._answers(), _START_SECONDS)
        except asyncio.TimeoutError:
            raise self.error(f"LNbits did not answer within {_START_SECONDS} s") from None

    async def stop(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _STOP_SECONDS)
        except asyncio.TimeoutError:
            process.kill()
            await process.wait()

    async def kill(self) -> None:
        """Ends it at once, in the middle of whatever it is at, as a power cut would (SIGKILL)."""
        if self._process is None:
            raise RuntimeError("LNbits has not been started: call start() first")
        self._process.kill()
        await self._process.wait()

    async def ended(self) -> int:
        """Waits until the process has ended; its exit code."""
        if self._process is None:
            raise RuntimeError("LNbits has not been started: call start() first")
        return await self._process.wait()

    def error(self, message: str) -> LNbitsError:
        """What to raise when LNbits is to blame, with the end of its log."""
        lines = self.log.read_text(errors="replace").splitlines()[-_LOG_LINES:]
        return LNbitsError("\n".join([f"{message}; the end of {self.log}:", *lines]))

    async def _answers(self) -> None:
        ended = asyncio.ensure_future(self.ended())
        try:
            async with httpx.AsyncClient(base_url=self.base_url, trust_env=False) as http:
                while not ended.done():
                    if await _is_up(http):
                        return
                    await asyncio.wait([ended], timeout=0.1)
        finally:
            ended.cancel()
        raise self.error(f"LNbits ended with code {ended.result()} while it started")


async def _is_up(http: httpx.AsyncClient) -> bool:
    try:
        await http.get("/api/v1/health")
    except httpx.TransportError:
        return False
    return True


def is_foreign(name: str) -> bool:
    """Whether an environment variable of the surrounding shell would change what runs here."""
    return name.upper().startswith(_FOREIGN)


def lnbits_environment(folder: Path, base_url: str) -> dict[str, str]:
    """LNbits' settings for a run in `folder`: everything local, nothing fetched from outside."""
    return {
        "LNBITS_DATA_FOLDER": str(folder / "data"),
        "LNBITS_EXTENSIONS_PATH": str(folder),
        "LNBITS_BASEURL": base_url,
        "LNBITS_BACKEND_WALLET_CLASS": "FakeWallet",
        "LNBITS_ADMIN_UI": "true",
        "AUTH_HTTPS_ONLY": "false",  # else a browser does not send its cookie over plain http
        "ENABLE_LOG_TO_FILE": "false",
        "LNBITS_RATE_LIMIT_NO": "100000",
        "LNBITS_EXTENSIONS_MANIFESTS": "[]",
        "LNBITS_WASM_EXTENSIONS_MANIFESTS": "[]",
        "LNBITS_EXTENSIONS_REVIEWS_URL": "",
        "LNBITS_PRICE_AGGREGATOR_ENABLED": "false",
        "LNBITS_EXCHANGE_RATE_PROVIDERS": "[]",
        "SPIREKEEPER_ALLOW_PRIVATE_LINKS": "true",  # customers' wallets are on this computer too
        "SPIREKEEPER_SETTLE_SECONDS": "0",  # the development bunker has started its keys
    }


def lay_out(folder: Path, *, linked: bool = True) -> None:
    """The run directory: LNbits opens `lnbits/static` from where it runs, and looks for extensions
    below `extensions`. An `lnbits` that is there as a folder stays."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    (folder / "extensions").mkdir(exist_ok=True)
    if (folder / "lnbits").is_symlink() or not (folder / "lnbits").exists():
        _link(folder / "lnbits", _package("lnbits"))
    if linked:
        _link(folder / "extensions" / EXTENSION, Path(__file__).resolve().parent.parent)


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise LNbitsError(f"{name} is not installed here; run `make venv`")
    return Path(spec.origin).parent


def _link(link: Path, target: Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    link.unlink(missing_ok=True)
    link.symlink_to(target)
