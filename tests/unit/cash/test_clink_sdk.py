"""CLINK's own SDK asks, and understands what is answered."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from nostr_sdk import Keys, Nip44Version, PublicKey, nip44_decrypt, nip44_encrypt
from spirekeeper.cash import envelope, wire
from spirekeeper.cash.answers import Answer, Invoice, Receipt, Refusal, Silence, too_many
from spirekeeper.cash.requests import InvoiceRequest, Request
from spirekeeper.nostr.events import Event, EventSigner, genuine
from support.needed import missing
from unit.cash.asking import LIMITS, ORDER, RANGE

FOLDER = Path(__file__).parent / "clink_sdk"
ANSWER_SECONDS = 30
pytestmark = pytest.mark.long  # its packages take longer to fetch than all it asks
OFFER = {"offer": "cash-out", "amount_sats": 25_000, "payer_data": {"order": ORDER}}
BUDGET = {"amount_sats": 50_000, "frequency": {"number": 1, "unit": "month"}}


class Sdk:
    """The SDK with a machine's key, and the service that it speaks to."""

    def __init__(self, process: asyncio.subprocess.Process, service: Keys) -> None:
        assert process.stdin
        assert process.stdout
        self._to, self._from = process.stdin, process.stdout
        self._service = service
        self.asked: Event

    async def ask(self, name: str, data: dict[str, Any]) -> Request | Refusal | Silence:
        """What is read of its request, which is one that is heard."""
        self._say({"ask": name, "data": data})
        said = await self._line()
        self._filter = said["filter"]
        heard = genuine(said["event"])
        assert heard is not None
        assert envelope.to_ignore(heard, self._service.public_key().to_hex()) is None
        assert envelope.not_fresh(heard.created_at, datetime.now(timezone.utc)) is None
        self.asked = heard
        secret, author = self._service.secret_key(), PublicKey.parse(heard.pubkey)
        return wire.parse(heard.kind, nip44_decrypt(secret, author, heard.content), LIMITS)

    async def answer(self, answer: Answer) -> dict[str, Any]:
        """What the SDK makes of an answer, which its own filter lets through."""
        asked = self.asked
        secret, to = self._service.secret_key(), PublicKey.parse(asked.pubkey)
        content = nip44_encrypt(secret, to, wire.write(asked.kind, answer), Nip44Version.V2)
        tags = envelope.answer_tags(asked.kind, asked.pubkey, asked.id)
        _, event = EventSigner(self._service).sign(asked.kind, content, tags)
        assert asked.kind in self._filter["kinds"]
        for name, value in tags[:2]:
            assert self._filter[f"#{name}"] == [value]
        self._say({"event": json.loads(event)})
        return await self._line()

    def _say(self, line: dict[str, Any]) -> None:
        self._to.write(json.dumps(line).encode() + b"\n")

    async def _line(self) -> dict[str, Any]:
        line = await asyncio.wait_for(self._from.readline(), ANSWER_SECONDS)
        said: dict[str, Any] = json.loads(line)
        return said


@pytest.fixture
async def sdk() -> AsyncIterator[Sdk]:
    if shutil.which("node") is None or not (FOLDER / "node_modules").is_dir():
        missing("node and CLINK's SDK are not here: make clink")
    machine, service = Keys.generate(), Keys.generate()
    command = ("node", "ask.mjs", machine.secret_key().to_hex(), service.public_key().to_hex())
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, cwd=FOLDER, stdin=pipe, stdout=pipe)
    yield Sdk(process, service)
    process.kill()
    await process.wait()


async def test_it_asks_and_understands(sdk: Sdk) -> None:
    wishes = {"description": "20 € at the bar", "expires_in_seconds": 180}
    assert await sdk.ask("Noffer", OFFER | wishes) == InvoiceRequest(
        ORDER, 25_000, None, "20 € at the bar", 180
    )
    assert await sdk.answer(Invoice("lnbc1…")) == {"answer": {"bolt11": "lnbc1…"}}
    proof = {"res": "ok", "preimage": "ab" * 32}
    assert await sdk.answer(Receipt("ab" * 32)) == {"receipt": proof}

    refusal = await sdk.ask("Noffer", OFFER | {"amount_sats": 0.5})
    assert isinstance(refusal, Refusal)
    answer = (await sdk.answer(refusal))["answer"]
    assert (answer["code"], answer["range"]) == (5, RANGE)

    debit = {"bolt11": "lnbc1…", "amount_sats": 25_000, "k1": "00" * 32}
    manage = {"resource": "offer", "action": "list"}
    for name, data in (
        *(("Ndebit", asked) for asked in (debit, BUDGET, {}, {"pointer": "till"})),
        ("Nmanage", manage),
    ):
        refusal = await sdk.ask(name, data)
        assert isinstance(refusal, Refusal)
        answer = (await sdk.answer(refusal))["answer"]
        assert (answer["res"], answer["code"]) == ("GFY", 1)

    await sdk.ask("Ndebit", debit)
    wait = await sdk.answer(too_many(datetime.fromtimestamp(1_796_040_030, timezone.utc)))
    assert wait["answer"]["retry_after"] == 1_796_040_030
