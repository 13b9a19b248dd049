"""An address on loopback that opens the page of the machines, with the operator logged in.

LNbits answers 401 to whoever opens the page before a log-in, and leads to a wallet after it.
"""

import asyncio
import secrets
from http.cookies import SimpleCookie

from .relay import HOST

_SECONDS = 5.0


class FrontDoor:
    """Sends a browser to `page` with LNbits' cookies for `token`; all ports of a host share those.

    Only who knows `url` is let in: other pages of the same browser can reach loopback too.
    """

    def __init__(self, page: str, token: str) -> None:
        self._path = f"/{secrets.token_urlsafe(12)}"
        self._page = page
        self._cookies = SimpleCookie(
            {"cookie_access_token": token, "is_lnbits_user_authorized": "true"}
        )
        for cookie in self._cookies.values():
            cookie.update({"path": "/", "samesite": "lax"})
        self._cookies["cookie_access_token"]["httponly"] = True

    async def __aenter__(self) -> "FrontDoor":
        self._server = await asyncio.start_server(self._answer, HOST, 0)
        self.url = f"http://{HOST}:{self._server.sockets[0].getsockname()[1]}{self._path}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _SECONDS)
            known = asked.startswith(f"GET {self._path} ".encode())
            writer.write(self._welcome() if known else _NOT_HERE)
            await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.TimeoutError):
            pass  # whoever says nothing that makes sense gets no answer
        finally:
            writer.close()

    def _welcome(self) -> bytes:
        head = f"HTTP/1.1 303 See Other\r\nLocation: {self._page}\r\n"
        return f"{head}{self._cookies.output()}\r\n{_END}".encode()


_END = "Cache-Control: no-store\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_NOT_HERE = f"HTTP/1.1 404 Not Found\r\n{_END}".encode()
