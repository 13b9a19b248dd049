"""The floor: what nothing of ours can be faster than, measured where we are measured."""

from echo import echo
from house import EMPTY, Site, add_machines, ok, running_site, statements_of
from report import Section
from timing import in_turns, ms

ROUNDS = 200


async def sections() -> list[Section]:
    async with running_site() as site:
        return [await _floor(site)]


async def _floor(site: Site) -> Section:
    async with site.client() as http, site.bare_client() as bare, echo(site.relay.ready) as once:
        (machine_id,) = await add_machines(http, 1)
        taken = await in_turns(
            {"echo": once, "ping": bare.ping, "empty": lambda: ok(http, "GET", EMPTY)}, ROUNDS
        )
        statements = await statements_of(http, machine_id, 30)
    section = Section("The floor (medians)")
    section.add("raw WebSocket echo through the relay", ms(taken["echo"]), "ms")
    section.add("one encrypted admin round trip (ping)", ms(taken["ping"]), "ms")
    section.add("LNbits' own authenticated route that does nothing", ms(taken["empty"]), "ms")
    for kind, seconds in statements.items():
        section.add(f"one statement: {kind}", ms(seconds), "ms")
    return section
