"""Requests that carry LNbits' login cookie: only our own pages may make them.

A browser sends the cookie (SameSite=Lax) with whatever a page of the same site asks for, and every
port of a host is the same site. So the browser is asked where a request comes from: it says so in
`Sec-Fetch-Site`, and on pages without https, where it does not, in `Origin`; no page can set
either. Whoever sends a Bearer token is no page that rides on a cookie, and is not asked.
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


def guard(request: Request, *, takes_json: bool) -> None:
    """AnotherSite for a request that another page has a browser send with the cookie; InvalidInput
    where JSON is not called so, as it has to be by a page that asks permission first."""
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
    """LNbits takes the token of the header first, and the cookie when there is none."""
    scheme, token = get_authorization_scheme_param(request.headers.get("authorization"))
    return bool(request.cookies.get(COOKIE)) and not (scheme.lower() == "bearer" and token)


def _is_our_page(request: Request) -> bool:
    reads = request.method in _CHANGE_NOTHING
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin" or (reads and site == "none")  # none: typed, or a bookmark
    return reads or _is_own(request.headers.get("origin", ""), request)


def _is_own(origin: str, request: Request) -> bool:
    """Whether an origin is where the request was sent. Where a proxy has put another host in place
    of that one, it is in `X-Forwarded-Host` or in LNbits' settings."""
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
