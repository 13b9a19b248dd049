"""Whether spirekeeper is up."""

from ..failures import log_failure
from ..loop import within
from ..store import totals

SECONDS = 3.0


async def is_up() -> bool:
    """Whether our part of the database answers in time."""
    with log_failure("the health check") as how:
        await within(SECONDS, totals.answers())
    return not how.failure
