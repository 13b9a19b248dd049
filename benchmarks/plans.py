"""Query plans: that of the very statements that a request makes, and whether it reads a table."""

import re
from collections.abc import Mapping

import httpx
from house import INSIDE, ok
from timing import Way

LARGE = ("dca_machines", "pairings", "journal")
PATH = f"/{INSIDE}/api/v1/plans"
Plans = Mapping[str, list[str]]
"""The lines of a plan by its statement."""

_TABLE = re.compile(r"spirekeeper\.(\w+)(?: (?:AS )?(?!WHERE|SET|JOIN|ON|ORDER|GROUP)(\w+))?")
_OF_FEW = re.compile(r"pairings_intents|dca_machines_with_\w+")
_COSTS = re.compile(r"  \(cost=.*")
_VALUES = re.compile(r"'[^']*'(::\w+(\[\])?)?")
_LITE_SCAN = re.compile(r"SCAN (\w+)")
_PG_SCAN = re.compile(r"(Seq Scan|Index Only Scan|Index Scan|Bitmap Index Scan).* on (\w+)")


async def plans_of(http: httpx.AsyncClient, way: Way) -> Plans:
    """Of what is made every time: now and then something else is at work too."""
    every: list[Plans] = []
    for _ in range(3):
        await ok(http, "DELETE", PATH)
        await way()
        every.append(await plans_so_far(http))
    return {text: plan for text, plan in every[0].items() if all(text in each for each in every)}


async def plans_so_far(http: httpx.AsyncClient) -> Plans:
    found: Plans = await ok(http, "GET", PATH)
    return found


def steps(plan: list[str]) -> str:
    """The lines that say where rows come from, without costs and values."""
    lines = [line.strip(" ->") for line in plan if re.search(r"SCAN|SEARCH|Scan|Cond:", line)]
    return _VALUES.sub("…", "; ".join(_COSTS.sub("", line) for line in lines))


def read_through(statement: str, plan: list[str]) -> list[str]:
    """The lines by which all of a large table is read, or all of an index that most rows are in."""
    return [
        line
        for line, table in _scans(plan)
        if _named(statement).get(table, table) in LARGE and not _OF_FEW.search(line)
    ]


def _named(statement: str) -> dict[str, str]:
    """The tables of a statement by the names that it gives them."""
    return {name or table: table for table, name in _TABLE.findall(statement)}


def _scans(plan: list[str]) -> list[tuple[str, str]]:
    found = []
    for number, line in enumerate(plan):
        lite, pg = _LITE_SCAN.match(line), _PG_SCAN.search(line)
        if lite:
            found.append((line, lite[1]))
        elif pg and (pg[1] == "Seq Scan" or not _has_condition(plan[number + 1 :])):
            found.append((line.strip(" ->"), pg[2]))
    return found


def _has_condition(below: list[str]) -> bool:
    for line in below:
        if "->" in line:
            return False
        if "Index Cond:" in line:
            return True
    return False
