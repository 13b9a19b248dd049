"""What customers' wallets ask (LUD-03), with nothing but the link. Errors are answers, as LNURL has
them: HTTP 200 with `{"status": "ERROR", "reason"}`."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from .cash import withdraw
from .connection.sealing import vouch_for
from .routing import Now

LinkId = Annotated[str, Path(max_length=64)]

spirekeeper_lnurl_router = APIRouter(prefix="/api/v1/lnurl", include_in_schema=False)
_pace = withdraw.Pace()


def _too_often(request: Request, link_id: str) -> bool:
    address = request.client.host if request.client else ""
    return not _pace.allows(f"link {link_id}", f"address {address}")


def _json(answer: withdraw.LinkAnswer) -> Response:
    headers = {"Cache-Control": "no-store", "Access-Control-Allow-Origin": "*"}
    said: str = answer.json()  # type: ignore[no-untyped-call]
    return Response(said, media_type="application/json", headers=headers)


@spirekeeper_lnurl_router.get("/here/{word}")
async def api_vouch(word: Annotated[str, Path(regex="^[0-9a-f]{32}$")]) -> Response:
    """By what it says to a word this LNbits knows that its own address leads to it."""
    return Response(vouch_for(word), media_type="text/plain", headers={"Cache-Control": "no-store"})


@spirekeeper_lnurl_router.get("/{link_id}")
async def api_offer_withdraw(request: Request, link_id: LinkId, clock: Now) -> Response:
    """What a wallet may fetch with a withdraw link, for whoever has it."""
    if _too_often(request, link_id):
        return _json(withdraw.TOO_OFTEN)
    return _json(await withdraw.offer(link_id, clock))


@spirekeeper_lnurl_router.get("/{link_id}/pay")
async def api_claim_withdraw(
    request: Request,
    link_id: LinkId,
    clock: Now,
    k1: Annotated[str, Query(max_length=64)] = "",
    pr: Annotated[str, Query(max_length=4000)] = "",
) -> Response:
    """Have the wallet's invoice paid. `OK` says that it is taken; the sats come after it."""
    if _too_often(request, link_id):
        return _json(withdraw.TOO_OFTEN)
    return _json(await withdraw.claim(link_id, k1, pr, clock))
