"""The operator of a market: ends what is left to him, each order twice at once; at times what would
have gone on. Stops cash for a moment, and fills wallets and raises caps that are used up."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from random import Random
from typing import Any

import httpx
from support.two_lnbits import Bed
from system.kills.customers import Link, new_invoice

LOOKS_SECONDS = 2.0
FILLS_SATS = 60_000
CAPS = {"cap_order": 20_000, "cap_hour": 50_000, "cap_day": 80_000, "cap_open": 30_000}
"""At the beginning."""
RAISES = {"cap_hour": 80_000, "cap_day": 120_000, "cap_open": 30_000}
"""By how much at a time."""


class Operator:
    """Of all machines in town."""

    def __init__(self, town: Bed, chance: Random) -> None:
        self._town = town
        self._chance = chance
        self._caps: dict[str, dict[str, int]] = {}
        self.stops = 0
        self.links = 0
        """Links that he had made for customers who were gone."""

    async def looks_all_the_time(self) -> None:
        while True:
            with suppress(httpx.HTTPError):  # LNbits is killed just now
                await self.looks()
            await asyncio.sleep(LOOKS_SECONDS)

    async def looks(self) -> None:
        listed = {
            order["id"]: order
            for query in ("limit=100", "stuck=true&limit=100")
            for order in await self._listed(query)
        }
        for order in listed.values():
            await self._ends(order)
        if self._chance.random() < 0.01:
            await self._stops_for_a_moment()

    async def _listed(self, query: str) -> list[dict[str, Any]]:
        answer = await self._town.api("GET", f"/cash?{query}")
        orders: list[dict[str, Any]] = answer.json()["data"] if answer.is_success else []
        return orders

    async def _ends(self, order: Mapping[str, Any]) -> None:
        state, hasty = order["state"], self._chance.random()
        match state:
            case "paid" if hasty < 0.1:
                await self._settles_twice(order)
            case "reserved" if hasty < 0.01:
                await self._gives_a_link(order)
            case "reserved" | "failed" if hasty < 0.02:
                await self._settles_twice(order)
            case "unclaimed":
                if hasty < 0.5 or not await self._gives_a_link(order):
                    await self._settles_twice(order)
            case "paid_late" | "short" | "held" | "unknown" if order["settleable"]:
                await self._settles_twice(order)

    async def _settles_twice(self, order: Mapping[str, Any]) -> None:
        path = f"/cash/{order['id']}/settle"
        settle = self._town.api("POST", path, {"how": "refunded"})
        again = self._town.api("POST", path, {"how": "refunded"})
        await asyncio.gather(settle, again)

    async def _gives_a_link(self, order: Mapping[str, Any]) -> bool:
        """Whether there was one; the customer's wallet asks it at once."""
        made = await self._town.api("POST", f"/cash/{order['id']}/link")
        if not made.is_success:
            return False
        self.links += 1
        link, inside = Link(self._town, made.json()["lnurl"]), self._chance.random() < 0.5
        offer = await link.offers()
        if "reason" not in offer:
            sats = int(offer["maxWithdrawable"]) // 1000
            await link.asks(offer, await new_invoice(self._town, sats, inside=inside))
        return True

    async def _stops_for_a_moment(self) -> None:
        await self._town.api("PUT", "/cash/stop", {"stopped": True})
        self.stops += 1
        await asyncio.sleep(self._chance.uniform(1.0, 5.0))
        await self.goes_on()

    async def goes_on(self) -> None:
        """No machine stands still any more."""
        while True:
            with suppress(httpx.HTTPError):
                if (await self._town.api("PUT", "/cash/stop", {"stopped": False})).is_success:
                    return
            await asyncio.sleep(LOOKS_SECONDS)

    async def makes_room(self, machine_id: str, refusals: Mapping[str, int]) -> None:
        """More of what a machine was refused for lack of; never less."""
        if refusals.get("wallet_short"):
            await self._town.fill(machine_id, FILLS_SATS)
        caps = self._caps.setdefault(machine_id, dict(CAPS))
        used_up = [name for name in RAISES if refusals.get(name)]
        for name in used_up:
            caps[name] += RAISES[name]
        if used_up:
            body = {name: caps[name] for name in used_up}
            answer = await self._town.api("PUT", f"/machines/{machine_id}/cash", body)
            assert answer.is_success, answer.text
