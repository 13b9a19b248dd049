"""What the webhook's address answers, which somebody else may have taken over."""

import asyncio
from datetime import datetime, timezone

import pytest


@pytest.mark.usefixtures("host")
@pytest.mark.parametrize("head", ["Content-Length: 100000000000\r\n", ""])
async def test_an_answer_without_end_is_not_read(head: str) -> None:
    from spirekeeper.schemas.notices import NoticeAnswer
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

    notice = NoticeAnswer(
        code="silent", machine_id="m", name="n", words="w", at=datetime.now(timezone.utc)
    )
    server = await asyncio.start_server(endless, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        assert await webhook.post(url, notice, seconds=30)
        await asyncio.wait_for(hung_up.wait(), 30)
