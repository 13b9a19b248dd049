"""The machine of examples/, type-checked, built and run as it stands there."""

import asyncio
import json
import os
import signal
import subprocess
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support import clients
from support.needed import missing

SOURCE = Path(__file__).resolve().parents[2] / "examples"
PRELOADED = clients.FOLDER / "dies.mjs"
STRICT = (
    *("--strict", "--skipLibCheck", "--rewriteRelativeImportExtensions"),
    *("--erasableSyntaxOnly", "--verbatimModuleSyntax"),  # as a newer Node asks for
    *("--target", "es2023", "--lib", "es2023,dom", "--module", "nodenext", "--types", "node"),
)
PATIENCE_S = 60

Pays = Callable[[str], Awaitable[object]]
"""Is given each invoice that the machine shows."""


@pytest.fixture(scope="session")
def built_example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`machine.mjs`. This Node may be too old to run TypeScript as it is."""
    if not clients.installed():
        missing(clients.MISSING)
    folder = tmp_path_factory.mktemp("example")
    for source in SOURCE.glob("*.mts"):
        (folder / source.name).write_text(source.read_text())
    (folder / "node_modules").symlink_to(clients.FOLDER / "node_modules")
    checked = subprocess.run(  # noqa: S603
        ("node", "node_modules/.bin/tsc", *STRICT, "machine.mts"),  # noqa: S607
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout
    return folder / "machine.mjs"


@dataclass(frozen=True)
class Ran:
    """How a run of it ended: -9 when it was killed."""

    code: int
    said: list[str]
    error: str

    @property
    def killed(self) -> bool:
        return self.code == -signal.SIGKILL


@dataclass(frozen=True)
class ExampleMachine:
    """`await machine.run("sell", dispenser, "20000", "20", "EUR", pays=…)`."""

    script: Path
    home: Path

    async def run(self, *words: str, pays: Pays | None = None, dies_at: int | None = None) -> Ran:
        """`dies_at`: it is killed at that step of its own."""
        process = await asyncio.create_subprocess_exec(
            *("node", "--import", str(PRELOADED), str(self.script), str(self.home), *words),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, **({"DIES_AT": str(dies_at)} if dies_at else {})},
        )
        assert process.stdout
        assert process.stderr
        said: list[str] = []

        async def hear() -> None:
            assert process.stdout
            async for line in process.stdout:
                said.append(line.decode().strip())
                shown = said[-1].removeprefix("pay ")
                if pays and shown != said[-1]:
                    await pays(shown)

        try:
            told = asyncio.gather(process.stderr.read(), hear())
            error, _ = await asyncio.wait_for(told, PATIENCE_S)
            return Ran(await process.wait(), said, error.decode())
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    @property
    def orders(self) -> list[dict[str, Any]]:
        """Each as its journal has it last."""
        lines = (self.home / "journal").read_text().split("\n")
        noted = [json.loads(line) for line in lines if line]
        return list({line["id"]: line for line in noted if "id" in line}.values())
