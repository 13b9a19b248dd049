"""What is told to who watches over the server: that it is up, numbers, a text for a bug report."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from nostr_sdk import Keys
from spirekeeper.seed import Seed
from support.host import DCA, NOBODY, Caller, Host
from support.movable_clock import MovableClock
from support.own_bunker import OwnBunker
from support.redeeming import paired, redeem
from system.secrets.needles import Needles

TOKEN = "a token that is for the metrics alone"
ALERTS = Path(__file__).parents[2] / "docs" / "alerts.yml"
SAMPLE = re.compile(r'(?P<name>[a-z_]+)(?:\{[a-z]+="(?P<of>[^"\\]*)"\})? (?P<value>[-+.e\d]+)')


def shows(token: str) -> Caller:
    return Caller(headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def scraper(monkeypatch: pytest.MonkeyPatch) -> Caller:
    monkeypatch.setenv("SPIREKEEPER_METRICS_TOKEN", TOKEN)
    return shows(TOKEN)


def read(text: str) -> dict[tuple[str, str], float]:
    """The samples by name and label; each is of a metric that was named before."""
    samples: dict[tuple[str, str], float] = {}
    said = set()
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            said.add(line.split()[2])
        elif not line.startswith("# HELP "):
            sample = SAMPLE.fullmatch(line)
            assert sample is not None, line
            assert sample["name"] in said
            samples[sample["name"], sample["of"] or ""] = float(sample["value"])
    return samples


async def scraped(host: Host, scraper: Caller) -> dict[tuple[str, str], float]:
    answer = await host.api("GET", "/metrics", as_=scraper)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return read(answer.text)


async def test_anybody_is_told_whether_it_is_up(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper.upkeep import health

    answer = await host.api("GET", "/health", as_=NOBODY)
    assert (answer.status_code, answer.json()) == (200, {"up": True})
    monkeypatch.setattr(health, "SECONDS", 0.0)  # no database answers in that
    answer = await host.api("GET", "/health", as_=NOBODY)
    assert (answer.status_code, answer.json()) == (503, {"up": False})


async def test_numbers_are_for_who_shows_their_token(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    callers = [NOBODY, host.operator, host.superuser, shows(""), shows(TOKEN)]

    async def answers(*some: Caller) -> set[int]:
        return {(await host.api("GET", "/metrics", as_=each)).status_code for each in some}

    assert await answers(*callers) == {401}
    monkeypatch.setenv("SPIREKEEPER_METRICS_TOKEN", "too short")
    assert await answers(*callers, shows("too short")) == {401}
    monkeypatch.setenv("SPIREKEEPER_METRICS_TOKEN", f'"{TOKEN}"\r')
    basic = Caller(headers={"Authorization": f"Basic {TOKEN}"})
    assert await answers(NOBODY, host.superuser, basic, shows(TOKEN[:-1])) == {401}
    no_ascii = {"Authorization": f"Bearer ä{TOKEN}".encode()}
    assert (await host.client.get(f"{DCA}/metrics", headers=no_ascii)).status_code == 401
    assert await answers(shows(TOKEN)) == {200}


async def test_the_numbers_are_those_of_the_rows(
    own: OwnBunker, scraper: Caller, host_clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper.steps.revoke import pass_cut_on

    monkeypatch.setitem(pass_cut_on.__kwdefaults__, "seconds", 0.5)
    async with own() as host:
        before = await scraped(host, scraper)
        await host.pair(await host.add_machine())
        cut, _, _ = await paired(host)
        await host.bunker.stop()
        await host.api("POST", f"/machines/{cut}/revoke")
        host_clock.move(hours=2)
        now = await scraped(host, scraper)
    grown = {sample: value - before.get(sample, 0) for sample, value in now.items()}
    assert grown["spirekeeper_machines", "awaiting_scan"] == 1
    assert grown["spirekeeper_machines", "revoked"] == 1
    assert grown["spirekeeper_revokes_owed", ""] == 1
    assert now["spirekeeper_revokes_owed_oldest_seconds", ""] >= 7200


async def test_a_pass_that_fails_is_counted(
    host: Host, scraper: Caller, host_clock: MovableClock
) -> None:
    from spirekeeper import tasks

    async def fails(_clock: object) -> None:
        raise RuntimeError

    async def goes_well(_clock: object) -> None:
        pass

    of_ours = __name__.rpartition(".")[2]
    await tasks.each(fails, goes_well, goes_well, clock=host_clock)()
    numbers = await scraped(host, scraper)
    assert numbers["spirekeeper_pass_failures_total", of_ours] == 1
    assert numbers["spirekeeper_passes_total", of_ours] == 2
    assert numbers["spirekeeper_pass_age_seconds", of_ours] >= 0
    assert numbers["spirekeeper_loop_lag_seconds", ""] >= 0


async def test_the_bunkers_numbers_are_those_of_the_last_look(
    own: OwnBunker, scraper: Caller, host_clock: MovableClock
) -> None:
    """A scrape asks the bunker nothing."""
    from spirekeeper.upkeep.notify import notify_new

    async with own() as host:
        await notify_new(host_clock)
        asked = len(host.bunker.calls)
        assert asked
        numbers = await scraped(host, scraper)
        assert len(host.bunker.calls) == asked
    assert numbers["spirekeeper_bunker_round_trip_seconds", ""] > 0
    assert numbers["spirekeeper_bunker_away_seconds", ""] == 0
    assert numbers["spirekeeper_bunker_relays", "yes"] == 1
    assert numbers["spirekeeper_bunker_relays", "no"] == 0


# Alerts.


def alerts() -> list[Mapping[str, Any]]:
    [group] = yaml.safe_load(ALERTS.read_text())["groups"]
    rules: list[Mapping[str, Any]] = group["rules"]
    return rules


async def test_the_alerts_are_about_numbers_that_there_are(host: Host, scraper: Caller) -> None:
    answer = await host.api("GET", "/metrics", as_=scraper)
    there = set(re.findall(r"^# TYPE (\S+)", answer.text, re.M))
    assert len(alerts()) > 5
    for rule in alerts():
        named = set(re.findall(r"spirekeeper_\w+", rule["expr"]))
        assert named <= there, rule["alert"]
        assert named or rule["expr"].startswith("up{"), rule["alert"]
        assert rule["annotations"]["summary"]


def test_prometheus_takes_the_alerts() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not here: the alerts were parsed, and not checked by Prometheus")
    command = [promtool, "check", "rules", str(ALERTS)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert ran.returncode == 0, ran.stdout + ran.stderr


# The report.


async def secrets_and_names(host: Host, host_admin: Keys) -> tuple[Needles, list[str]]:
    """Of a machine that is paired, one that waits, the bunker, and who owns them."""
    from lnbits.settings import settings

    needles = Needles()
    needles.add("admin key", host_admin.secret_key().to_hex())
    needles.add("passphrase", "a passphrase of the tests")
    needles.add("LNbits' secret", settings.auth_secret_key)
    needles.add("metrics' token", TOKEN)
    names = ["Unmistakable", host.relay.url, host.bunker.pubkey, host.operator.user_id]
    for scanned in (True, False):
        machine_id = await host.add_machine(name="Unmistakable", location="Unmistakable")
        seed = await host.pair(machine_id)
        needles.add(f"token {scanned}", Seed.decode(seed["seed_url"]).secret)
        client = Keys.generate()
        if scanned:
            await redeem(host, seed["seed_url"], client)
            assert (await host.pairing(machine_id))["state"] == "paired"
        machine = (await host.api("GET", f"/machines/{machine_id}")).json()
        names += [machine_id, machine["wallet_id"], seed["spire_pubkey"], seed["spire_npub"]]
        names += [client.public_key().to_hex(), str(client.public_key().to_bech32())]
    return needles, names


async def test_a_report_holds_no_secret_and_names_nobody(
    own: OwnBunker, host_admin: Keys, scraper: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor do the numbers; whether the bunker answers or not."""
    from spirekeeper.connection import open_bunker

    monkeypatch.setattr(open_bunker, "CALL_SECONDS", 2.0)
    monkeypatch.setenv("SPIREKEEPER_WEBHOOK_URL", "https://unmistakable.example.com/a-secret-path")
    async with own() as host:
        needles, names = await secrets_and_names(host, host_admin)
        names.append("unmistakable.example.com")

        async def looked_through() -> str:
            answer = await host.api("GET", "/bunker/report", as_=host.superuser)
            assert answer.status_code == 200, answer.text
            assert "spirekeeper-report.txt" in answer.headers["content-disposition"]
            numbers = await host.api("GET", "/metrics", as_=scraper)
            for text in (answer.text, numbers.text):
                assert needles.found_in(text) == []
                assert [name for name in names if name in text] == []
            return answer.text

        text = await looked_through()
        for line in (
            r"LNbits +\d+\.\d+\.\d+",
            r"SPIREKEEPER_METRICS_TOKEN +set",
            r"SPIREKEEPER_WEBHOOK_URL +set",
            r"SPIREKEEPER_JOURNAL_DAYS +730",
            r"reachable +True",
            r"lineage +.*nsecbunkerd.*",
            r'spirekeeper_machines\{state="paired"\} [1-9]\d*',
        ):
            assert re.search(rf"^ *{line}$", text, re.M), line
        await host.bunker.stop()
        assert re.search(r"^ *reachable +False$", await looked_through(), re.M)
