"""spirekeeper: pair bitSpire bitcoin ATMs with the wallets behind them.

LNbits reads four names from here. They resolve lazily, so that `spirekeeper.spire` and
`spirekeeper.seed` import on a machine that has no LNbits.
"""

from typing import Any

__all__ = [
    "db",
    "spirekeeper_ext",
    "spirekeeper_start",
    "spirekeeper_stop",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import extension

    return getattr(extension, name)
