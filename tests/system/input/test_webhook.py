"""What the webhook's address answers, which somebody else may have taken over."""

import asyncio

import pytest


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that nothing but the answer ends the call."""
    from spirekeeper.upkeep import webhook

    monkeypatch.setattr(webhook, "SECONDS", 30.0)


@pytest.mark.usefixtures("host", "patient")
@pytest.mark.parametrize("head", ["Content-Length: 100000000000\r\n", ""])
async def test_an_answer_without_end_is_not_read(head: str) -> None:
    from spirekeeper.clock import utc_now
    from spirekeeper.connection.webhook_settings import Webhook
    from spirekeeper.schemas.webhook import WebhookNotice
    from spirekeeper.upkeep import webhook

    hung_up = asyncio.Event()

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 200 OK\r\n{head}\r\n".encode())
        try:
            while True:
                writer.write(bytes(65536))
                await writer.drain()
        except OSError:
            hung_up.set()
        finally:
            writer.close()

    notice = WebhookNotice(
        id="i",
        code="silent",
        machine_id="m",
        name="n",
        deleted=False,
        order_id=None,
        words="w",
        at=utc_now(),
    )
    server = await asyncio.start_server(endless, "127.0.0.1", 0)
    async with server:
        receiver = Webhook(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
        delivery = await webhook.post(receiver, notice, utc_now)
        assert (delivery.outcome, delivery.status) == ("taken", 200)
        await asyncio.wait_for(hung_up.wait(), 30)
