"""Many who read at once, and how long their answers took."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from statistics import median, quantiles
from time import perf_counter

import httpx

COUNT_EVERY = 10


@dataclass
class Crowd:
    """`seconds` of each answer, by path, and the answers that were not 200."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def answered(self) -> int:
        return sum(map(len, self.seconds.values()))

    async def get(self, http: httpx.AsyncClient, path: str) -> None:
        start = perf_counter()
        answer = await http.get(path)
        self.seconds.setdefault(path, []).append(perf_counter() - start)
        if answer.status_code != 200:
            self.failed.append(f"{path}: {answer.status_code} {answer.text[:200]}")
        if self.answered % COUNT_EVERY == 0:
            async with self._news:
                self._news.notify_all()

    async def has_read(self, number: int) -> None:
        """Waits until so many answers have come."""
        async with self._news:
            await self._news.wait_for(lambda: self.answered >= number)

    async def read(
        self, http: httpx.AsyncClient, paths: Sequence[str], *, readers: int, times: int
    ) -> None:
        """So many readers at once, each with so many requests, one after another."""

        async def reader(number: int) -> None:
            for path in islice(cycle(paths), number, number + times):
                await self.get(http, path)

        await asyncio.gather(*(reader(number) for number in range(readers)))

    @asynccontextmanager
    async def reading(self, http: httpx.AsyncClient, paths: Sequence[str]) -> AsyncIterator[None]:
        """One reader, who goes round the paths until the end of the block."""

        async def go_round() -> None:
            for path in cycle(paths):
                if ended.is_set():
                    return
                await self.get(http, path)

        ended = asyncio.Event()
        reader = asyncio.create_task(go_round())
        try:
            yield
        finally:
            ended.set()
            await reader

    def table(self, title: str) -> str:
        """Median and p99 in milliseconds, by path."""
        lines = [f"{title:58} {'requests':>8} {'median ms':>10} {'p99 ms':>8}"]
        for path, seconds in self.seconds.items():
            p99 = quantiles(seconds, n=100)[98] if len(seconds) > 1 else seconds[0]
            row = f"{1000 * median(seconds):10.0f} {1000 * p99:8.0f}"
            lines.append(f"  {path:56} {len(seconds):8} {row}")
        return "\n".join(lines)
