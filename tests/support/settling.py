"""What the background would do in time, done now."""

from datetime import timedelta


async def settle() -> None:
    """One pass at what the bunker owes, with the put-off tries due."""
    from spirekeeper.clock import utc_now
    from spirekeeper.steps import owed_revocations

    await owed_revocations.settle_owed(lambda: utc_now() + timedelta(hours=1))
