"""The code in docs/seed-url.md, run as it stands there against the vectors."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support import clients
from support.needed import missing

TESTS = Path(__file__).parents[2]
PAGE = TESTS.parent / "docs" / "seed-url.md"
VECTORS = json.loads((TESTS / "vectors" / "seed_v1.json").read_text())
FINGERPRINTS = json.loads((TESTS / "vectors" / "fingerprint.json").read_text())["fingerprints"]
RUN = """
import ts from 'typescript'
const {code, name, texts} = JSON.parse(await new Response(process.stdin).text())
const module = ts.transpile(code, {target: 'es2022', module: 'es2022'})
const file = process.cwd() + `/node_modules/${name}.mjs`
await import('node:fs').then(fs => fs.writeFileSync(file, module))
const run = (await import(file))[name]
const read = text => { try { return run(text) } catch { return null } }
console.log(JSON.stringify(texts.map(read)))
"""


def _code(language: str, name: str) -> str:
    """The block that has this function."""
    blocks = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(), re.S)
    [code] = [block for block in blocks if re.search(rf"(?:def|function) {name}\(", block)]
    return str(code)


def _python(name: str, texts: list[str]) -> list[Any]:
    names: dict[str, Any] = {}
    exec(_code("python", name), names)  # noqa: S102 - our own page
    return [_or_none(names[name], text) for text in texts]


def _or_none(run: Callable[[str], Any], text: str) -> Any:
    try:
        return run(text)
    except Exception:
        return None


def _typescript(name: str, texts: list[str]) -> list[Any]:
    if not clients.installed():
        missing(clients.MISSING)
    given = json.dumps({"code": _code("typescript", name), "name": name, "texts": texts})
    command = ["node", "--input-type=module", "-e", RUN]
    done = subprocess.run(  # noqa: S603
        command, cwd=clients.FOLDER, input=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    answers: list[Any] = json.loads(done.stdout)
    return answers


Run = Callable[[str, list[str]], list[Any]]
both = pytest.mark.parametrize("run", [_python, _typescript])


@both
def test_it_reads_what_is_good_and_nothing_else(run: Run) -> None:
    good = [vector["seed"] for vector in VECTORS["good"]]
    for vector, seed in zip(VECTORS["good"], run("decode", good), strict=True):
        assert seed is not None, vector["name"]
        assert {name: seed[name] for name in vector["fields"]} == vector["fields"], vector["name"]
    bad = run("decode", [vector["seed"] for vector in VECTORS["bad"]])
    taken = [vector["name"] for vector, seed in zip(VECTORS["bad"], bad, strict=True) if seed]
    assert taken == []


@both
def test_what_a_machine_shows_is_what_the_page_shows(run: Run) -> None:
    shown = run("fingerprint", [vector["pubkey"] for vector in FINGERPRINTS])
    assert shown == [vector["fingerprint"] for vector in FINGERPRINTS]
