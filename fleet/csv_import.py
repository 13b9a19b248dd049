"""A fleet from a CSV file: every row is checked before anything is written.

name,location,wallet
Station North,Hall 2,make one
Station South,,fc36f2b333c94f99a3066ff38d2245cb
Station West,Airport,Savings
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Literal

from pydantic import ValidationError

from ..clock import Clock
from ..errors import FileRefused, SameNames
from ..models import Machine
from ..reasons import FileProblem
from ..schemas.fleet import FileChecked, FileProblemAnswer, FileRow
from ..schemas.machine_list import WalletAnswer
from ..schemas.machines import CreateMachine
from ..steps import quotas
from ..store import machine_list
from ..store.search_key import search_key
from . import machines
from .csv_problems import problem
from .csv_text import MAKE_ONE, Row, quoted, read

_TEXTS = ("name", "location")
_Wrong = Literal["blank", "too_long", "control_characters", "piled_accents"]
_WRONG: dict[str, _Wrong] = {
    "value_error.blank": "blank",
    "value_error.any_str.max_length": "too_long",
    "value_error.control_characters": "control_characters",
    "value_error.piled_accents": "piled_accents",
}
"""What the models say of a name or a place."""


async def check_file(content: bytes, operator_user_id: str) -> FileChecked:
    """What an import would add, and what it would have to ask; FileRefused when any row is wrong.
    Nothing is written."""
    rows, which_wallet = await _checked(read(content), operator_user_id)
    questions = [*which_wallet, *await _same_names(rows, operator_user_id)]
    return FileChecked(
        rows=rows,
        questions=[FileProblemAnswer(**vars(each)) for each in questions],
        room=await quotas.room_for_machines(operator_user_id),
    )


async def import_machines(
    content: bytes, operator_user_id: str, clock: Clock, *, same_names: bool
) -> list[Machine]:
    """The machines made, in the order of the rows.

    FileRefused, which names the lines, when any row is wrong; SameNames when machines would be
    called alike and `same_names` does not say that they may; TooManyMachines beyond the quota. Then
    nothing has been written.
    """
    rows, which_wallet = await _checked(read(content), operator_user_id)
    if which_wallet:
        raise FileRefused(which_wallet)
    alike = [] if same_names else await _same_names(rows, operator_user_id)
    if alike:
        raise SameNames(alike)
    wanted = [
        CreateMachine(name=row.name, location=row.location, wallet_id=row.wallet_id) for row in rows
    ]
    return await machines.add_all(wanted, operator_user_id, clock)


async def _checked(
    rows: list[Row], operator_user_id: str
) -> tuple[list[FileRow], list[FileProblem]]:
    """Each row as what a machine is made of, and where it has to be asked which wallet is meant;
    FileRefused for all that is wrong."""
    wallets = _Wallets(await _wallets_for(rows, operator_user_id))
    checked: list[FileRow] = []
    asked: list[FileProblem] = []
    wrong: list[FileProblem] = []
    for row in rows:
        wallet = wallets.meant_by(row)
        in_doubt = [wallet] if isinstance(wallet, FileProblem) else []
        for each in [*_wrong_texts(row), *in_doubt]:
            (asked if each.code == "which_wallet" else wrong).append(each)
        checked.append(
            FileRow(
                line=row.line,
                name=row.cells.get("name", "").strip(),
                location=row.cells.get("location", "").strip(),
                wallet_id=wallet if isinstance(wallet, str) else None,
            )
        )
    if wrong:
        raise FileRefused(wrong)
    return checked, asked


def _wrong_texts(row: Row) -> Iterator[FileProblem]:
    if row.stray:
        yield problem("no_heading", row.line, cell=quoted(row.stray))
    texts = {name: row.cells.get(name, "") for name in _TEXTS}
    try:
        CreateMachine(**texts)
    except ValidationError as error:
        for each in error.errors():
            most = each.get("ctx", {}).get("limit_value", 0)
            yield problem(_WRONG[each["type"]], row.line, str(each["loc"][0]), most=most)


async def _same_names(rows: list[FileRow], operator_user_id: str) -> list[FileProblem]:
    """The rows that are called as a machine of the operator is, or as a row before."""
    taken = await machine_list.get_names_taken(operator_user_id)
    lines: dict[str, int] = {}
    alike = []
    for row in rows:
        sought, name = search_key(row.name), quoted(row.name)
        first = lines.setdefault(sought, row.line)
        if sought in taken:
            alike.append(problem("name_taken", row.line, "name", name=name))
        elif first != row.line:
            alike.append(problem("same_name", row.line, "name", name=name, other=first))
    return alike


def _wallet_named(row: Row) -> str:
    """As the row names it, or nothing where one is to be made."""
    named = row.cells.get("wallet", "").strip()
    return "" if search_key(named) in MAKE_ONE else named


async def _wallets_for(rows: list[Row], operator_user_id: str) -> list[WalletAnswer]:
    """The operator's, where any row names one."""
    return await machines.wallets(operator_user_id) if any(map(_wallet_named, rows)) else []


class _Wallets:
    """The operator's wallets, as rows name them: by id, or by name in any case."""

    def __init__(self, own: Iterable[WalletAnswer]) -> None:
        self._by_id = {wallet.id: wallet for wallet in own}
        self._by_name: dict[str, list[WalletAnswer]] = defaultdict(list)
        for wallet in self._by_id.values():
            self._by_name[wallet.name.strip().casefold()].append(wallet)
        self._lines: dict[str, int] = {}

    def meant_by(self, row: Row) -> str | FileProblem | None:
        """The wallet's id, None where one is to be made, or why none can be taken."""
        named = _wallet_named(row)
        if not named:
            return None
        by_id = self._by_id.get(named)
        meant = [by_id] if by_id else self._by_name.get(named.casefold(), [])
        if not meant:
            return problem("no_such_wallet", row.line, "wallet", wallet=quoted(named))
        free = [wallet.id for wallet in meant if wallet.machine_id is None]
        if not free:
            return problem("wallet_in_use", row.line, "wallet", wallet=quoted(named))
        if len(free) > 1:
            return problem("which_wallet", row.line, "wallet", wallet=quoted(named), wallets=free)
        other = self._lines.setdefault(free[0], row.line)
        if other != row.line:
            return problem("wallet_twice", row.line, "wallet", other=other)
        return free[0]
