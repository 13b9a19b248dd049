"""An admin and a machine that talk to a bunker by hand, one request at a time."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nostr_sdk import PublicKey
from spirekeeper.devkit.bunker import DevBunker

from support.raw_wire import RawClient

MakeBunker = Callable[..., Awaitable[DevBunker]]
"""What the fixture make_bunker gives."""
MakeDevice = Callable[[str], Awaitable["RawDevice"]]
"""What the fixture make_device gives."""

PASSPHRASE = "pass-a"
SPIRE_RULES = (
    ("sign_event", 21000),
    ("sign_event", 21001),
    ("sign_event", 21002),
    ("sign_event", 30078),
    ("nip44_encrypt", ""),
    ("nip44_decrypt", ""),
)


@dataclass
class RawAdmin:
    """Asks the admin interface of `bunker`."""

    client: RawClient
    bunker: DevBunker
    how: Mapping[str, Any] = field(default_factory=dict)
    """In which kind and encryption it asks, where it is not said."""

    async def call(self, method: str, *params: Any, **how: Any) -> Any:
        """The result, unpacked from its JSON."""
        how = {**self.how, **how}
        answer = await self.client.ask(self.bunker.pubkey, method, *params, **how)
        assert "error" not in answer.content, answer.content
        result = answer.content["result"]
        return result if method == "ping" else json.loads(result)

    async def error(self, method: str, *params: Any) -> str:
        """The text of the refusal, which comes in kind 24133."""
        answer = await self.client.ask(self.bunker.pubkey, method, *params, **self.how)
        assert (answer.kind, answer.content["result"]) == (24133, "error")
        return str(answer.content["error"])

    async def make_key(
        self, name: str = "spire-a", passphrase: str = PASSPHRASE, nsec: str | None = None
    ) -> str:
        """The pubkey of a new key that listens."""
        params = [name, passphrase] + ([nsec] if nsec else [])
        npub = (await self.call("create_new_key", *params))["npub"]
        await self.bunker.listening()
        return str(PublicKey.parse(npub).to_hex())

    async def make_policy(
        self, name: str = "spires", rules: Sequence[tuple[str, Any]] = SPIRE_RULES
    ) -> int:
        """The id of the newest policy of that name."""
        listed = [{"method": method, "kind": kind} for method, kind in rules]
        await self.call("create_new_policy", json.dumps({"name": name, "rules": listed}))
        policies = await self.call("get_policies")
        return max(policy["id"] for policy in policies if policy["name"] == name)

    async def make_token(
        self, key_name: str, policy_id: int, *, client_name: str = "client-1", hours: Any = None
    ) -> str:
        """The secret of a new token."""
        params = [key_name, client_name, policy_id] + ([] if hours is None else [hours])
        await self.call("create_new_token", *params)
        return str((await self.token(key_name, client_name))["token"].split("#")[1])

    async def token(self, key_name: str, client_name: str) -> dict[str, Any]:
        """The newest token of that client name."""
        tokens = await self.call("get_key_tokens", key_name)
        return [token for token in tokens if token["client_name"] == client_name][-1]

    async def users(self, key_name: str) -> list[dict[str, Any]]:
        """Oldest first."""
        users: list[dict[str, Any]] = await self.call("get_key_users", key_name)
        return sorted(users, key=lambda user: user["id"])

    async def revoke(self, client_pubkey: str, key_name: str = "spire-a") -> None:
        """The bunker refuses this client for ever."""
        [user] = [user for user in await self.users(key_name) if user["pubkey"] == client_pubkey]
        await self.call("revoke_user", str(user["id"]))


@dataclass
class RawDevice:
    """A NIP-46 client; `signer` is the pubkey of the key it talks to."""

    client: RawClient
    signer: str

    async def ask(self, method: str, *params: Any, least: int = 1) -> list[str]:
        """The results and error texts of all answers, sorted."""
        number = await self.client.request(self.signer, method, list(params), kind=24133)
        answers = [answer.content for answer in await self.client.answers(number, least)]
        return sorted(answer.get("error", answer["result"]) for answer in answers)

    async def connect(self, secret: str, least: int = 1) -> list[str]:
        return await self.ask("connect", self.signer, secret, least=least)

    async def sign(self, kind: int, least: int = 1, **fields: Any) -> list[str]:
        draft = {"kind": kind, "content": "hello", "tags": [], "created_at": 1790000000, **fields}
        return await self.ask("sign_event", json.dumps(draft), least=least)


async def served(stranger: RawDevice) -> int:
    """How often a key answers one request: twice where it runs twice."""
    asked = await stranger.client.request(stranger.signer, "get_public_key", [], kind=24133)
    await stranger.client.answers(asked)
    # What is asked later is answered later, by each.
    await stranger.ask("get_public_key")
    return len(stranger.client.received(asked))
