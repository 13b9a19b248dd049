"""The bunker through the host's own client where it has the call, and through ours for the rest."""

import asyncio
import inspect
from collections.abc import Collection
from typing import Any

from loguru import logger

from ..bunker.answers import KeyUser, PolicyRule
from ..bunker.client import NsecBunkerAdminClient
from ..bunker.errors import BunkerTimeout
from ..loop import within
from ..nostr.keys import parse_point
from .host_client import HostClient


class HostAdmin(NsecBunkerAdminClient):
    """Our client, which has the host's make keys and tokens, and revoke.

    A call of the host's that fails may have been carried out, so it is not made again by ours: it
    raises BunkerTimeout, and whoever asked looks. What the host's answers is not relied on either.
    """

    def __init__(self, host: HostClient, *, deadline: float, **how: Any) -> None:
        super().__init__(deadline=deadline, **how)
        self._host = host
        self._seconds = deadline
        self._opening = asyncio.Lock()
        self._made: Any = None
        """What `from_settings` has made, to be closed."""
        self._theirs: Any = None
        self._usable = True

    async def close(self) -> None:
        await super().close()
        made, self._made, self._theirs = self._made, None, None
        leave = getattr(made, "__aexit__", None)
        if leave is not None:
            await self._guarded(leave(None, None, None))

    async def create_new_key(self, name: str, passphrase: str, nsec: str | None = None) -> str:
        if nsec is not None or not await self._has("create_new_key"):
            return await super().create_new_key(name, passphrase, nsec)
        answer = await self._change("create_new_key", name, passphrase=passphrase)
        pubkey = _pubkey_in(answer)
        if pubkey is None:
            made = (await self.refresh_keys()).get(name)
            pubkey = made.pubkey if made else None
        if pubkey is None:
            raise BunkerTimeout("The bunker does not show the key that it was asked for.")
        self._note_key(name, pubkey)
        return pubkey

    async def add_policy_rule(self, policy_id: str, rule: PolicyRule) -> None:
        if not await self._has("add_policy_rule"):
            await super().add_policy_rule(policy_id, rule)
            return
        try:
            await self._change("add_policy_rule", policy_id, method=rule.method, kind=rule.kind)
        finally:
            await self.refresh_policies()

    async def create_new_token(
        self, key_name: str, client_name: str, policy_id: str, hours: int | None = None
    ) -> None:
        if not await self._has("create_new_token"):
            await super().create_new_token(key_name, client_name, policy_id, hours)
            return
        policy = int(policy_id) if policy_id.isdecimal() else policy_id
        await self._change("create_new_token", key_name, client_name, policy, duration_hours=hours)

    async def revoke_key(self, key_name: str, users: Collection[KeyUser]) -> None:
        """May be repeated, so ours does what the host's leaves undone."""
        if users and await self._has("revoke_key_user"):
            await self._guarded(self._theirs.revoke_key_user(key_name))
            owed = {user.id for user in users}
            read = await self.get_key_users(key_name)
            users = [user for user in read if user.id in owed and user.revoked_at is None]
        await super().revoke_key(key_name, users)

    async def _has(self, call: str) -> bool:
        """Whether the host's client can be asked for it. Opens it at the first call."""
        if call not in self._host.calls:
            return False
        async with self._opening:
            if self._theirs is None and self._usable:
                self._usable = await self._guarded(self._open())
        return self._usable and self._theirs is not None

    async def _open(self) -> None:
        made = self._host.kind.from_settings()
        self._made = made = await made if inspect.isawaitable(made) else made
        self._theirs = await made.__aenter__() if hasattr(made, "__aenter__") else made

    async def _change(self, call: str, *args: Any, **named: Any) -> Any:
        answers: list[Any] = []

        async def ask() -> None:
            answers.append(await getattr(self._theirs, call)(*args, **named))

        if not await self._guarded(ask()):
            raise BunkerTimeout(
                f"The host's client failed at {call}. It may have been carried out all the same: "
                "look before asking again."
            )
        return answers[0]

    async def _guarded(self, theirs: Any) -> bool:
        """Whether it went well. Its errors are the host's, and their words may hold a secret."""
        try:
            await within(self._seconds, theirs)
        except Exception as error:
            logger.warning(f"The host's bunker client failed: {type(error).__name__}")
            return False
        return True


def _pubkey_in(answer: Any) -> str | None:
    """The key that a client answers with: by itself, or as one of its fields."""
    fields = answer if isinstance(answer, dict) else getattr(answer, "__dict__", {})
    for told in (answer, fields.get("npub"), fields.get("pubkey")):
        if isinstance(told, str):
            try:
                return str(parse_point(told).to_hex())
            except ValueError:
                continue
    return None
