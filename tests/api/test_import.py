"""A fleet from a file."""

from typing import Any

import httpx
import pytest
from support.host import DCA, Caller, Host


async def import_csv(
    host: Host, text: str | bytes, as_: Caller, kind: str = "text/csv; charset=utf-8"
) -> httpx.Response:
    headers = {**as_.headers, "Content-Type": kind}
    body = text.encode() if isinstance(text, str) else text
    return await host.client.post(f"{DCA}/machines/import", content=body, headers=headers)


async def test_a_fleet_comes_from_a_csv_file(host: Host, newcomer: Caller) -> None:
    text = (
        "\ufeffName,location,WALLET\r\n"
        '"Café ""Nord"", Halle 2",Halle 2,\r\n'
        "\r\n"
        f"=South,,{newcomer.wallet_id}\r\n"
        "West,Airport,Make One"
    )
    answer = await import_csv(host, text, newcomer)
    assert answer.status_code == 201, answer.text
    made = answer.json()["machines"]
    assert [(machine["name"], machine["location"]) for machine in made] == [
        ('Café "Nord", Halle 2', "Halle 2"),
        ("=South", ""),
        ("West", "Airport"),
    ]
    assert made[1]["wallet_id"] == newcomer.wallet_id
    assert len({machine["wallet_id"] for machine in made}) == 3
    page = (await host.api("GET", "/machines", as_=newcomer)).json()
    assert {machine["id"] for machine in page["data"]} == {machine["id"] for machine in made}
    user = (await host.client.get("/api/v1/auth", headers=newcomer.headers)).json()
    assert {wallet["name"] for wallet in user["wallets"]} >= {'Café "Nord", Halle 2', "West"}


async def test_when_any_row_is_wrong_every_one_is_named_and_nothing_is_added(
    host: Host, newcomer: Caller
) -> None:
    text = (
        "wallet,name\n"
        ",North\n"
        ",\n"
        '," "\n'
        f"{host.operator.wallet_id},South\n"
        f'{newcomer.wallet_id},"East\nof here"\n'
        f"{newcomer.wallet_id},West\n"
        f"{newcomer.wallet_id},West\n"
        "make one,Here,and there\n"
    )
    answer = await import_csv(host, text, newcomer)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")
    detail = answer.json()["detail"]
    for words in (
        "Line 5: wallet_id: you have no such wallet",
        "Line 6: name: must not hold control characters",
        "Line 9: wallet: line 8 has the same",
        "Line 10: not as many cells",
        "Nothing was added.",
    ):
        assert words in detail
    assert "Line 2" not in detail
    assert (await host.api("GET", "/machines", as_=newcomer)).json()["total"] == 0
    user = (await host.client.get("/api/v1/auth", headers=newcomer.headers)).json()
    assert len(user["wallets"]) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no machines"),
        ("name,location\n", "no machines"),
        ("North,Hall 2\n", "must name the columns"),
        ("name,name\nNorth,South\n", "must name the columns"),
        ("name,npub\nNorth,\n", "must name the columns"),
        ('name\n"North\n', "Line 2 is no CSV"),
        ("name\nCaf\u00e9\n".encode("latin-1"), "not UTF-8"),
        ("name\n" + "North\n" * 1001, "1001 machines"),
        ("name,location\n" + "North,\n" * 40000, "256 KiB"),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused(
    host: Host, newcomer: Caller, text: str | bytes, words: str
) -> None:
    answer = await import_csv(host, text, newcomer)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")
    assert words in answer.json()["detail"]
    assert (await host.api("GET", "/machines", as_=newcomer)).json()["total"] == 0


async def test_a_form_of_another_site_is_no_import(host: Host, newcomer: Caller) -> None:
    answer = await import_csv(host, "name\nNorth\n", newcomer, kind="text/plain")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")


async def test_a_wallet_taken_meanwhile_undoes_the_import(
    host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper.fleet import machines

    taken = await host.add_machine(newcomer)
    spare = (await host.api("GET", f"/machines/{taken}", as_=newcomer)).json()["wallet_id"]

    async def looks_free(*_: Any) -> None:
        return None

    monkeypatch.setattr(machines, "guard_wallet", looks_free)
    text = f"name,wallet\nNorth,{newcomer.wallet_id}\nSouth,\nWest,{spare}\n"
    answer = await import_csv(host, text, newcomer)
    assert (answer.status_code, answer.json()["code"]) == (409, "wallet_in_use")
    page = (await host.api("GET", "/machines", as_=newcomer)).json()
    assert [machine["id"] for machine in page["data"]] == [taken]
    user = (await host.client.get("/api/v1/auth", headers=newcomer.headers)).json()
    assert "South" not in {wallet["name"] for wallet in user["wallets"]}


async def test_an_import_beyond_the_quota_adds_nothing(
    host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPIREKEEPER_MAX_MACHINES", "2")
    answer = await import_csv(host, "name\nNorth\nSouth\nWest\n", newcomer)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_machines")
    assert (await host.api("GET", "/machines", as_=newcomer)).json()["total"] == 0
