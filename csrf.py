"""Only our own pages may use LNbits' login cookie.

A browser sends the cookie (SameSite=Lax) with every request of a page of the same site, and all
ports of a host are one site. So a request with the cookie must say that it comes from our own page:
in `Sec-Fetch-Site`, or in `Origin` where a page without https sends no such header. No page can set
either of them. A request with a Bearer token needs no such check.
"""

from email.message import Message
from urllib.parse import urlsplit

from fastapi.security.utils import get_authorization_scheme_param
from lnbits.settings import settings as lnbits_settings
from starlette.requests import Request

from .errors import AnotherSite, InvalidInput

COOKIE = "cookie_access_token"
_CHANGE_NOTHING = {"GET", "HEAD"}
_JSON = "application/json"
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def refuse_other_sites(request: Request, *, takes_json: bool) -> None:
    """Raises AnotherSite when a page that is not ours has the browser ask with the cookie.

    Raises InvalidInput when JSON comes without its content type: with it, a browser asks us for
    permission before it sends what another site wants.
    """
    if not _rides_on_cookie(request):
        return
    if not _is_our_page(request):
        raise AnotherSite(
            "This was asked with the login cookie, and not by a page of this LNbits. Use its own "
            "page; a program sends a Bearer token."
        )
    if takes_json and _content_type(request) != _JSON:
        raise InvalidInput(f"Send the body as JSON, with Content-Type: {_JSON}.")


def _rides_on_cookie(request: Request) -> bool:
    """Whether the cookie decides who asks. LNbits takes a token in the header first."""
    scheme, token = get_authorization_scheme_param(request.headers.get("authorization"))
    return bool(request.cookies.get(COOKIE)) and not (scheme.lower() == "bearer" and token)


def _is_our_page(request: Request) -> bool:
    reads = request.method in _CHANGE_NOTHING
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin" or (reads and site == "none")  # none: typed, or a bookmark
    return reads or _is_own(request.headers.get("origin", ""), request)


def _is_own(origin: str, request: Request) -> bool:
    """Whether an origin is the address that the request was sent to.

    Behind a proxy that address is in `X-Forwarded-Host` or in LNbits' settings.
    """
    scheme, _, host = origin.lower().partition("://")
    forwarded = request.headers.get("x-forwarded-proto", "").lower()
    encrypted = "https" in (request.url.scheme, forwarded)
    if scheme not in _DEFAULT_PORTS or (encrypted and scheme != "https"):
        return False
    named = [
        request.headers.get("host", ""),
        *request.headers.get("x-forwarded-host", "").split(","),
        urlsplit(lnbits_settings.lnbits_baseurl).netloc,
    ]
    port = _DEFAULT_PORTS[scheme]
    return bool(host) and host in {each.strip().lower().removesuffix(port) for each in named}


def _content_type(request: Request) -> str:
    message = Message()
    message["content-type"] = request.headers.get("content-type", "")
    return message.get_content_type()
