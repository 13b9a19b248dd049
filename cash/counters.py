"""How often an operator's machines were answered with nothing, and why. Since this process began:
numbers for the page, of which nothing follows."""

from collections import Counter, defaultdict

from .answers import Silence

MOST_OPERATORS = 10_000

_counted: defaultdict[str, Counter[Silence]] = defaultdict(Counter)


def count(operator_user_id: str, why: Silence) -> None:
    if operator_user_id in _counted or len(_counted) < MOST_OPERATORS:
        _counted[operator_user_id][why] += 1


def counted(operator_user_id: str) -> dict[str, int]:
    """By reason."""
    told = _counted.get(operator_user_id, Counter())
    return {why.value: number for why, number in sorted(told.items())}
