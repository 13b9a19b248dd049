"""What the daemon writes into its answers stays out of errors, tracebacks and logs."""

import json
import logging
import traceback
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import pytest
from nostr_sdk import Keys
from spirekeeper.bunker.answers import PolicyRule
from spirekeeper.bunker.client import NsecBunkerAdminClient
from spirekeeper.bunker.errors import NsecBunkerError
from spirekeeper.bunker.key_client import Redemption, redeem
from spirekeeper.bunker.nip46 import Request
from spirekeeper.devkit.bunker import DevBunker
from spirekeeper.devkit.relay import DevRelay
from support.raw_wire import Message, RawKey, RawPeer

MakeClient = Callable[..., NsecBunkerAdminClient]
TOKEN = "5ec4e7" * 10 + "aaaa"
DUMP = f"""
Invalid `prisma.token.create()` invocation in
/app/dist/index.js:1183:52

  1180   // the record is written with what the admin sent
  1181   const now = new Date();
→ 1183   const record = await prisma.token.create({{
           data: {{ token: "{TOKEN}" }}
         }})

Argument `policyId`: Invalid value provided. Expected Int or Null, provided String."""

FORMS: dict[str, Callable[[], dict[str, Any]]] = {
    "an error": lambda: {"result": "error", "error": DUMP},
    "an error in the result": lambda: {"result": json.dumps(["error", DUMP])},
    "a failure": lambda: {"result": json.dumps({"success": False, "error": DUMP})},
    "no JSON": lambda: {"result": DUMP},
    "half a JSON": lambda: {"result": json.dumps([{"token": f"npub1#{TOKEN}"}])[:-2]},
    "another shape": lambda: {"result": json.dumps([{"token": TOKEN, "npub": TOKEN}])},
    "no result": lambda: {"token": TOKEN},
}
Call = Callable[[NsecBunkerAdminClient], Awaitable[Any]]
CALLS: dict[str, Call] = {
    "get_keys": lambda client: client.refresh_keys(),
    "create_new_key": lambda client: client.create_new_key("k", "p"),
    "unlock_key": lambda client: client.unlock_key("k", "p"),
    "get_policies": lambda client: client.refresh_policies(),
    "create_new_policy": lambda client: client.create_new_policy("p", [PolicyRule("connect")]),
    "add_policy_rule": lambda client: client.add_policy_rule("1", PolicyRule("connect")),
    "remove_policy_rule": lambda client: client.remove_policy_rule("1"),
    "create_new_token": lambda client: client.create_new_token("k", "c", "1"),
    "get_key_tokens": lambda client: client.get_key_tokens("k"),
    "get_key_users": lambda client: client.get_key_users("k"),
    "revoke_user": lambda client: client.revoke_user("1"),
}


def everything_told(error: BaseException) -> str:
    """As the most talkative of loggers would write it, values of variables included."""
    trace = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "\n".join([str(error), repr(error), repr(error.args), *trace.format()])


@pytest.mark.parametrize("form", FORMS)
async def test_an_answer_is_never_quoted(
    form: str, relay: DevRelay, make_client: MakeClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    peer = RawKey()
    failing = ""

    def answer(asked: Message) -> Iterable[str]:
        if asked.method == failing:
            return [peer.reply(asked, kind=24133, **FORMS[form]())]
        return [peer.reply(asked, result="ok" if asked.method == "ping" else "[]")]

    async with RawPeer(relay.url, peer, answer) as there:
        client = make_client(there)
        await client.dialect()
        for failing, call in CALLS.items():  # noqa: B007 - the peer reads it
            with pytest.raises(NsecBunkerError) as caught:
                await call(client)
            told = everything_told(caught.value)
            assert TOKEN[:12] not in told
            assert "prisma" not in told
            assert caught.value.__cause__ is caught.value.__context__ is None
    logged = "\n".join(record.getMessage() for record in caplog.records)
    assert TOKEN[:12] not in logged
    assert "prisma" not in logged


async def test_nothing_that_is_sent_is_logged(
    client: NsecBunkerAdminClient,
    bunker: DevBunker,
    relay: DevRelay,
    admin_keys: Keys,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    await client.create_new_key("k", "the-passphrase")
    await client.create_new_policy("p", [PolicyRule("sign_event", 21000)])
    await client.create_new_token("k", "c", (await client.policies())[0].id)
    (token,) = await client.get_key_tokens("k")
    encryption = (await client.dialect()).encryption
    burner = Keys.generate().secret_key().to_hex()
    outcome = await redeem(burner, token.pubkey, token.secret, [relay.url], encryption)
    assert outcome is Redemption.REDEEMED
    admin_secret = admin_keys.secret_key()
    secrets = ["the-passphrase", token.secret, burner, admin_secret.to_hex()]
    for secret in [*secrets, admin_secret.to_bech32()]:
        assert secret not in caplog.text
        assert secret not in repr(client) + repr(vars(client)) + repr(token)


async def test_a_logger_that_writes_the_values_of_a_line_learns_no_passphrase(
    client: NsecBunkerAdminClient, bunker: DevBunker
) -> None:
    """LNbits logs with loguru, which annotates the failing line of each frame."""
    bunker.levers.refuse("no", "create_new_key")
    with pytest.raises(NsecBunkerError) as caught:
        await client.create_new_key("k", "the-passphrase")
    ours = traceback.extract_tb(caught.value.__traceback__)[1:]
    assert ours
    assert not any("passphrase" in (frame.line or "") for frame in ours)


def test_a_request_shows_its_method_only() -> None:
    assert "s3cret" not in repr(Request("create_new_key", ["name", "s3cret"]))
