"""The readers in docs/seed-url.md, run as they stand there against the vectors."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import clients
import pytest
from needed import missing

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "seed-url.md"
VECTORS = json.loads((TESTS / "vectors" / "seed_v1.json").read_text())
RUN = """
import ts from 'typescript'
const {code, seeds} = JSON.parse(await new Response(process.stdin).text())
const module = ts.transpile(code, {target: 'es2022', module: 'es2022'})
await import('node:fs').then(fs => fs.writeFileSync('node_modules/reader.mjs', module))
const {decode} = await import(process.cwd() + '/node_modules/reader.mjs')
const read = seed => { try { return decode(seed) } catch { return null } }
console.log(JSON.stringify(seeds.map(read)))
"""


def _code(language: str) -> str:
    """The block that has the reader."""
    blocks = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(), re.S)
    [code] = [block for block in blocks if "decode(text" in block and ">>>" not in block]
    return str(code)


def _python(seeds: list[str]) -> list[Any]:
    names: dict[str, Any] = {}
    exec(_code("python"), names)  # noqa: S102 - our own page
    return [_or_none(names["decode"], seed) for seed in seeds]


def _or_none(decode: Callable[[str], Any], seed: str) -> Any:
    try:
        return decode(seed)
    except Exception:
        return None


def _typescript(seeds: list[str]) -> list[Any]:
    if not clients.installed():
        missing(clients.MISSING)
    given = json.dumps({"code": _code("typescript"), "seeds": seeds})
    command = ["node", "--input-type=module", "-e", RUN]
    done = subprocess.run(  # noqa: S603
        command, cwd=clients.FOLDER, input=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    answers: list[Any] = json.loads(done.stdout)
    return answers


@pytest.mark.parametrize("read", [_python, _typescript])
def test_it_reads_what_is_good_and_nothing_else(read: Callable[[list[str]], list[Any]]) -> None:
    good = [vector["seed"] for vector in VECTORS["good"]]
    for vector, seed in zip(VECTORS["good"], read(good), strict=True):
        assert seed is not None, vector["name"]
        assert {name: seed[name] for name in vector["fields"]} == vector["fields"], vector["name"]
    bad = read([vector["seed"] for vector in VECTORS["bad"]])
    taken = [vector["name"] for vector, seed in zip(VECTORS["bad"], bad, strict=True) if seed]
    assert taken == []
