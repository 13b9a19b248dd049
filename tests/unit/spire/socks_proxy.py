"""A SOCKS5 proxy (RFC 1928) on loopback, as Tor's: names go through it as names."""

import asyncio
import struct

HOST = "127.0.0.1"
_NAME, _CONNECTED = 3, b"\x05\x00\x00\x01" + bytes(6)


class SocksProxy:
    """`asked` holds each host and port that it was to connect to; all lead to `HOST`."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []

    async def __aenter__(self) -> "SocksProxy":
        self._server = await asyncio.start_server(self._serve, HOST, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, methods = await reader.readexactly(2)
        await reader.readexactly(methods)
        writer.write(b"\x05\x00")
        *_, kind, length = await reader.readexactly(5)
        assert kind == _NAME
        host = (await reader.readexactly(length)).decode()
        (port,) = struct.unpack("!H", await reader.readexactly(2))
        self.asked.append((host, port))
        far_reader, far_writer = await asyncio.open_connection(HOST, port)
        writer.write(_CONNECTED)
        await asyncio.gather(_carry(reader, far_writer), _carry(far_reader, writer))


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()
