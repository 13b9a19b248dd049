"""Comparing what is written here with what the bunker has, and mending what is safe to mend.

Keys are never deleted, and nobody who might be a working machine is revoked. What is mended is
judged again while the machine's lease is held, from rows that were read under it.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from .. import crud, lifecycle
from ..bunker.answers import Policy
from ..bunker.errors import BunkerNonsense, BunkerRefused, BunkerTimeout, NotAnAdmin
from ..clock import Clock
from ..connection.bunker_failures import bunker_errors
from ..connection.open_bunker import OpenBunker, open_bunker
from ..errors import AlreadyRunning, PairingError
from ..failures import log_failure
from ..keys import KEY_PREFIX, spire_key_name
from ..models import Machine, Pairing, PairingState
from ..schemas.bunker import Finding, FindingCode, ReconcileReport
from ..steps import owed_revocations
from ..steps.mint import POLICY_NAME, POLICY_RULES, correct_policy
from ..steps.standing import end_pairing, remember_state
from ..store import details, journal, key_rows, owed_rows, pairing_rows
from ..store.leases import machine_lease, our_turn
from . import lost_clients, unlocking
from .findings import Bunker, Rows, Seen, Verdict, judge

WORK = "reconcile"
LASTING = timedelta(minutes=10)
SIDE_BY_SIDE = 8
KEYS_AT_ONCE = 50
UNKNOWN_USER: FindingCode = "unknown_user"

_LOCK_FINDINGS: dict[lifecycle.LockReason, FindingCode] = {
    lifecycle.LockReason.KEY_MISSING: "key_missing",
    lifecycle.LockReason.WRONG_KEY: "wrong_key",
}
"""The others are all found as a locked key."""


async def in_background(clock: Clock) -> None:
    """The slow pass; what it mends and what it flags is in the journal."""
    try:
        await reconcile(actor=journal.BACKGROUND, clock=clock)
    except (PairingError, AlreadyRunning):
        return  # no bunker to compare with, or another process is at it: the next pass comes


async def reconcile(*, actor: str, clock: Clock) -> ReconcileReport:
    """Looks at everything of ours in the bunker. Raises AlreadyRunning or a PairingError."""
    async with our_turn(WORK, clock, LASTING) as ours:
        if not ours:
            raise AlreadyRunning("It is being compared already; ask again in a minute.")
        bunker = await open_bunker()
        with bunker_errors():
            return await _Comparison(bunker, actor, clock).run()


class _Comparison:
    """One comparison: what the bunker says is read first, so that the rows explain it."""

    def __init__(self, bunker: OpenBunker, actor: str, clock: Clock) -> None:
        self._bunker = bunker
        self._pubkey = bunker.config.bunker_pubkey
        self._actor = actor
        self._clock = clock
        self._bound = asyncio.Semaphore(SIDE_BY_SIDE)
        self._silent = 0

    async def run(self) -> ReconcileReport:
        tended = await unlocking.check_and_unlock(self._bunker, self._clock)
        findings = [self._lock_finding(each) for each in tended]
        good, drifted = await self._policies()
        findings += drifted
        dialect = await self._bunker.admin.dialect()
        about = Bunker(
            good_policies=good,
            live_rules=dialect.corrects_policies,
            ends_sessions=dialect.token_hours_bound == "session",
        )
        keys = await self._bunker.admin.refresh_keys()
        names = [name for name in sorted(keys) if name.startswith(KEY_PREFIX)]
        read = await asyncio.gather(*(self._read(name) for name in names))
        seen = [each for each in read if each is not None]
        rows = await self._rows(names, {each.key_name: each for each in seen})
        for name in sorted(set(names) - {each.key_name for each in seen}):
            findings.append(_unread_finding(name, rows[name].machine))
        compared = await asyncio.gather(
            *(self._compare_one(each, rows[each.key_name], about) for each in seen)
        )
        findings += [finding for of_key in compared for finding in of_key]
        return ReconcileReport(as_of=self._clock(), keys=len(seen), findings=findings)

    def _lock_finding(self, tended: unlocking.CheckedKey) -> Finding:
        reason = tended.reason
        return Finding(
            code=_LOCK_FINDINGS.get(reason, "key_locked") if reason else "key_locked",
            machine_id=tended.key.machine_id,
            key_name=tended.key.key_name,
            words=reason.words if reason else "The key was locked, and has been unlocked.",
            repaired=reason is None,
        )

    # What the bunker has

    async def _policies(self) -> tuple[frozenset[str], list[Finding]]:
        """The ids of those that are right, and what is said of those of ours that were not."""
        admin = self._bunker.admin
        drifted = [p for p in await admin.refresh_policies() if _is_drifted(p)]
        can_correct = bool(drifted) and (await admin.dialect()).corrects_policies
        for policy in drifted if can_correct else ():
            await correct_policy(policy, admin)
        right = {p.id for p in await admin.policies() if p.allows_exactly(POLICY_RULES)}
        findings = [_policy_finding(policy, corrected=policy.id in right) for policy in drifted]
        for finding in findings:
            if finding.repaired:
                await journal.record(
                    "reconcile",
                    finding.code,
                    at=self._clock(),
                    actor=self._actor,
                    detail=details.told("policy_corrected"),
                )
        return frozenset(right), findings

    async def _read(self, key_name: str) -> Seen | None:
        """None where the bunker does not say; the other keys are compared all the same."""
        async with self._bound:
            try:
                users, tokens = await asyncio.gather(
                    self._bunker.admin.get_key_users(key_name),
                    self._bunker.admin.get_key_tokens(key_name),
                )
            except BunkerTimeout:
                self._silent += 1
                if self._silent > SIDE_BY_SIDE:  # it has gone: not every key is waited for
                    raise
                return None
            except NotAnAdmin:
                raise
            except (BunkerNonsense, BunkerRefused):
                return None
        return Seen(key_name, users, tokens)

    # What is written here

    async def _rows(self, key_names: list[str], seen: dict[str, Seen]) -> dict[str, Rows]:
        """Of the pairings only those that what was seen is judged by: some keys had thousands."""
        machines = {machine.id: machine for machine in await crud.get_all_machines()}
        pairings: dict[str, list[Pairing]] = defaultdict(list)
        for begin in range(0, len(key_names), KEYS_AT_ONCE):
            some = key_names[begin : begin + KEYS_AT_ONCE]
            for pairing in await key_rows.get_pairings_through(self._pubkey, some):
                of_key, shown = pairings[pairing.key_name], seen.get(pairing.key_name)
                if not of_key or (shown and shown.concerns(pairing, self._clock())):
                    of_key.append(pairing)
        owing = await owed_rows.get_owing_keys(self._pubkey)
        return {
            name: Rows(_machine_of(name, pairings[name], machines), pairings[name], name in owing)
            for name in key_names
        }

    async def _rows_now(self, key_name: str, machine_id: str) -> Rows:
        return Rows(
            await crud.get_machine(machine_id),
            await pairing_rows.get_pairings_of_key(self._pubkey, key_name),
            key_name in await owed_rows.get_owing_keys(self._pubkey),
        )

    # Comparing and mending

    async def _compare_one(self, seen: Seen, rows: Rows, about: Bunker) -> list[Finding]:
        """One key's trouble does not keep the others from being compared."""
        with log_failure(f"comparing {seen.key_name}"):
            return await self._compare(seen, rows, about)
        return [_failed_finding(seen.key_name, rows.machine)]

    async def _compare(self, seen: Seen, rows: Rows, about: Bunker) -> list[Finding]:
        verdicts = judge(seen, rows, about, self._clock())
        machine = rows.machine
        if machine is None:
            return [
                _finding(verdict, seen, None, repaired=await self._mended_orphan(verdict))
                for verdict in verdicts
            ]
        if rows.owed:
            return []
        await lost_clients.look_if_in_doubt(machine, rows.pairings, seen.users, self._clock)
        mended: list[Verdict] = []
        if any(verdict.pairing is not None for verdict in verdicts):
            async with self._bound:
                verdicts, mended = await self._mend(seen, machine, verdicts, about)
        await self._flag(seen, rows, machine, verdicts)
        return [
            _finding(verdict, seen, machine, repaired=verdict in mended) for verdict in verdicts
        ]

    async def _mend(
        self, seen: Seen, machine: Machine, verdicts: list[Verdict], about: Bunker
    ) -> tuple[list[Verdict], list[Verdict]]:
        """The verdicts that stand while nobody pairs the machine, and those that were mended."""
        async with machine_lease(machine.id, self._clock) as lease:
            if lease is None:
                return verdicts, []
            rows = await self._rows_now(seen.key_name, machine.id)
            verdicts = judge(seen, rows, about, self._clock()) if rows.machine else []
            mended: list[Verdict] = []
            try:
                for verdict in verdicts:
                    if verdict in mended or await self._mended(verdict, machine):
                        mended.append(verdict)
            finally:
                await remember_state(machine, self._clock)
            return verdicts, mended

    async def _mended(self, verdict: Verdict, machine: Machine) -> bool:
        if verdict.pairing is None:
            return False
        now = self._clock()
        if verdict.code == "revoked_outside":
            reason = lifecycle.EndReason.REVOKED_OUTSIDE
            if not await end_pairing(verdict.pairing, PairingState.REVOKED, reason, now):
                return False
        elif verdict.code == "access_left":
            await owed_revocations.owe_key(machine, verdict.pairing, now)
        else:
            await owed_revocations.owe_token(verdict.pairing, machine.operator_user_id, now)
        await self._record(machine, "reconcile", verdict.code, verdict.pairing.key_name)
        return True

    async def _mended_orphan(self, verdict: Verdict) -> bool:
        """Nobody who uses the key of a deleted machine can be a machine of ours."""
        if verdict.pairing is None:
            return False
        await owed_revocations.owe_deleted_key(verdict.pairing, self._clock())
        await journal.record(
            "reconcile",
            verdict.code,
            at=self._clock(),
            actor=self._actor,
            operator_user_id=verdict.pairing.operator_user_id or None,
            machine_id=verdict.pairing.machine_id,
            detail=details.told("key", key=verdict.pairing.key_name),
        )
        return True

    async def _flag(
        self, seen: Seen, rows: Rows, machine: Machine, verdicts: list[Verdict]
    ) -> None:
        """A stranger on the key is flagged, and the flag goes when the stranger does."""
        now = self._clock()
        codes = {verdict.code for verdict in verdicts}
        strangers = [v.client_pubkey or "" for v in verdicts if v.code == UNKNOWN_USER]
        current = seen.key_name == machine.bunker_spire_key_name
        # Where confirmation was asked for, the roster stays silent, so the operator is told so.
        silenced = any(
            lifecycle.connected(p) and p.confirm_required and p.flagged_at is not None
            for p in rows.pairings
        )
        if strangers:
            for pubkey in {p.spire_pubkey for p in rows.pairings if p.spire_pubkey}:
                await pairing_rows.flag_key(pubkey, now)
            news = await crud.set_machine_flag(machine.id, UNKNOWN_USER, now)
            outcome: str = UNKNOWN_USER
        elif (
            machine.flag == UNKNOWN_USER and current and not silenced and "access_left" not in codes
        ):
            news = await crud.set_machine_flag(machine.id, None, now)
            outcome = "cleared"
        else:
            return
        if news:
            await self._record(machine, "flag", outcome, seen.key_name, strangers)

    async def _record(
        self, machine: Machine, event: str, outcome: str, key: str, clients: Sequence[str] = ()
    ) -> None:
        detail = details.told("key", key=key)
        if clients:
            detail = details.told("key_clients", key=key, clients=", ".join(clients))
        await journal.about(
            machine,
            event,
            outcome,
            actor=self._actor,
            at=self._clock(),
            detail=detail,
        )


def _is_drifted(policy: Policy) -> bool:
    return policy.name == POLICY_NAME and not policy.allows_exactly(POLICY_RULES)


def _policy_finding(policy: Policy, *, corrected: bool) -> Finding:
    left = "no new pairing code uses it; remove it in the bunker."
    now = "it was corrected." if corrected else left
    return Finding(
        code="policy_drifted",
        words=f"The policy {POLICY_NAME} ({policy.id}) allowed other things than a spire does; "
        + now,
        repaired=corrected,
    )


def _unread_finding(key_name: str, machine: Machine | None) -> Finding:
    return Finding(
        code="key_unreadable",
        machine_id=machine.id if machine else None,
        key_name=key_name,
        words="The bunker did not say who can use this key, so it was not compared; look into the "
        "bunker's log.",
        repaired=False,
    )


def _failed_finding(key_name: str, machine: Machine | None) -> Finding:
    unread = _unread_finding(key_name, machine)
    return unread.copy(update={"words": "This key could not be compared here; see LNbits' log."})


def _machine_of(
    key_name: str, pairings: list[Pairing], machines: dict[str, Machine]
) -> Machine | None:
    """The machine that a key was made for, also where a backup has lost its pairings."""
    for pairing in pairings:
        if pairing.machine_id in machines:
            return machines[pairing.machine_id]
    names = (key_name, key_name.rpartition("-")[0])
    return next((m for m in machines.values() if spire_key_name(m.id) in names), None)


def _finding(verdict: Verdict, seen: Seen, machine: Machine | None, *, repaired: bool) -> Finding:
    return Finding(
        code=verdict.code,
        machine_id=machine.id if machine else None,
        key_name=seen.key_name,
        client_pubkey=verdict.client_pubkey,
        words=verdict.words,
        repaired=repaired,
    )
