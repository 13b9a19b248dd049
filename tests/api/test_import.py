"""A fleet from a file."""

from typing import Any

import httpx
import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine
from support.host import DCA, Caller, Host


async def import_csv(
    host: Host,
    text: str | bytes,
    as_: Caller,
    kind: str = "text/csv; charset=utf-8",
    path: str = "",
) -> httpx.Response:
    headers = {**as_.headers, "Content-Type": kind}
    body = text.encode() if isinstance(text, str) else text
    return await host.client.post(f"{DCA}/machines/import{path}", content=body, headers=headers)


async def check_csv(host: Host, text: str | bytes, as_: Caller) -> dict[str, Any]:
    answer = await import_csv(host, text, as_, path="/check")
    assert answer.status_code == 200, answer.text
    checked: dict[str, Any] = answer.json()
    return checked


async def wallet_called(name: str, owner: Caller) -> str:
    from lnbits.core.crud import create_wallet

    return str((await create_wallet(user_id=owner.user_id, wallet_name=name)).id)


GERMAN = (
    'Standort;Name;Wallet\r\n"Halle 2; hinten";Bahnhof Zürich;\r\n;"Café ""Nord""";neu anlegen\r\n'
)
TABS = GERMAN.replace(";", "\t").replace("2\t ", "2; ")
AS_EXCEL_WRITES = {
    "CSV, German": GERMAN.encode("cp1252"),
    "CSV UTF-8, German": b"\xef\xbb\xbf" + GERMAN.encode(),
    "CSV UTF-8, German, without its mark": GERMAN.encode(),
    "CSV, with its own first line": b"sep=;\r\n" + GERMAN.encode("cp1252"),
    "Unicode text": b"\xff\xfe" + TABS.encode("utf-16-le"),
    "CSV UTF-8, English": b"\xef\xbb\xbfLOCATION,name,Wallet\r\n"
    + '"Halle 2; hinten",Bahnhof Zürich,\r\n,"Café ""Nord""",make one\r\n'.encode(),
    "CSV, Spanish, its last cells left out": (
        'Nombre;Ubicación\r\n"Bahnhof Zürich";"Halle 2; hinten"\r\n"Café ""Nord"""\r\n;\r\n'
    ).encode("cp1252"),
}


async def test_a_file_is_read_as_excel_writes_it(host: Host, newcomer: Caller) -> None:
    for kind, content in AS_EXCEL_WRITES.items():
        checked = await check_csv(host, content, newcomer)
        assert [(row["name"], row["location"], row["wallet_id"]) for row in checked["rows"]] == [
            ("Bahnhof Zürich", "Halle 2; hinten", None),
            ('Café "Nord"', "", None),
        ], kind
        assert checked["questions"] == []
    first = checked["rows"][0]["line"]
    assert (first, (await check_csv(host, b"sep=;\nname\nNorth\n", newcomer))["rows"]) == (
        2,
        [{"line": 3, "name": "North", "location": "", "wallet_id": None}],
    )
    assert (await host.api("GET", "/machines", as_=newcomer)).json()["total"] == 0


async def test_a_wallet_is_given_by_its_name(host: Host, newcomer: Caller) -> None:
    savings = await wallet_called("Savings", newcomer)
    twins = [await wallet_called("Café", newcomer) for _ in range(2)]
    await wallet_called("Not yours", host.other_operator)
    text = "name,wallet\nNorth,savings\nSouth,CAFÉ\n"
    checked = await check_csv(host, text, newcomer)
    assert [row["wallet_id"] for row in checked["rows"]] == [savings, None]
    [question] = checked["questions"]
    assert (question["code"], question["line"], question["column"]) == ("which_wallet", 3, "wallet")
    assert sorted(question["values"]["wallets"]) == sorted(twins)
    refused = await import_csv(host, text, newcomer)
    assert (refused.status_code, refused.json()["problems"]) == (400, [question])

    made = await import_csv(host, f"name,wallet\nNorth,savings\nSouth,{twins[0]}\n", newcomer)
    wallets = [machine["wallet_id"] for machine in made.json()["machines"]]
    assert wallets == [savings, twins[0]]
    checked = await check_csv(host, "name,wallet\nWest,Café\n", newcomer)  # one of them is free
    assert checked["rows"][0]["wallet_id"] == twins[1]
    refused = await import_csv(host, "name,wallet\nA,Savings\nB,Not yours\n", newcomer)
    told = [(each["code"], each["line"]) for each in refused.json()["problems"]]
    assert told == [("wallet_in_use", 2), ("no_such_wallet", 3)]


async def test_a_name_that_is_there_already_is_asked_about(host: Host, newcomer: Caller) -> None:
    await host.add_machine(newcomer, name="North, Hall 1")
    text = 'name\n"north, hall 1"\nSouth\nSOUTH\nWest\n'
    checked = await check_csv(host, text, newcomer)
    assert [(each["code"], each["line"]) for each in checked["questions"]] == [
        ("name_taken", 2),
        ("same_name", 4),
    ]
    assert checked["questions"][1]["values"] == {"name": "SOUTH", "other": 3}
    assert len(checked["rows"]) == 4
    refused = await import_csv(host, text, newcomer)
    assert (refused.status_code, refused.json()["code"]) == (409, "same_names")
    assert refused.json()["problems"] == checked["questions"]
    assert "Line 4: name: line 3 has the same." in refused.json()["detail"]
    assert (await host.api("GET", "/machines", as_=newcomer)).json()["total"] == 1
    added = await import_csv(host, text, newcomer, path="?same_names=true")
    assert (added.status_code, len(added.json()["machines"])) == (201, 4)


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
        "Line 5: wallet: you have no such wallet",
        "Line 6: name: must not hold control characters",
        "Line 9: wallet: line 6 has the same",
        "Line 10: \u201cand there\u201d stands below no heading",
        "Nothing was added.",
    ):
        assert words in detail
    assert "Line 2" not in detail
    told = [(each["code"], each["line"]) for each in answer.json()["problems"]]
    assert told == [
        ("no_such_wallet", 5),
        ("control_characters", 6),
        ("wallet_twice", 8),
        ("wallet_twice", 9),
        ("no_heading", 10),
    ]
    assert (await host.api("GET", "/machines", as_=newcomer)).json()["total"] == 0
    user = (await host.client.get("/api/v1/auth", headers=newcomer.headers)).json()
    assert len(user["wallets"]) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no machines"),
        ("name,location\n", "no machines"),
        ("North,Hall 2\n", "must name the columns"),
        ("name,name\nNorth,South\n", "Line 1: name: The first line names this column twice"),
        ("name,npub\nNorth,\n", "Line 1: There is no column \u201cnpub\u201d"),
        ('name\n"North\n', "Line 2: A quotation mark is missing"),
        (b"PK\x03\x04 and so on", "That is a workbook"),
        (b"name\nNorth\x81\n", "The file is no text"),
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
    from spirekeeper import crud

    taken = await host.add_machine(newcomer)
    spare = (await host.api("GET", f"/machines/{taken}", as_=newcomer)).json()["wallet_id"]

    async def all_free(_: str) -> dict[str, str]:
        return {}

    monkeypatch.setattr(crud, "get_wallets_in_use", all_free)
    text = f"name,wallet\nEast,{newcomer.wallet_id}\nSouth,\nWest,{spare}\n"
    answer = await import_csv(host, text, newcomer)
    assert (answer.status_code, answer.json()["code"]) == (409, "wallet_in_use")
    page = (await host.api("GET", "/machines", as_=newcomer)).json()
    assert [machine["id"] for machine in page["data"]] == [taken]
    user = (await host.client.get("/api/v1/auth", headers=newcomer.headers)).json()
    assert "South" not in {wallet["name"] for wallet in user["wallets"]}


async def test_an_import_waits_for_the_disk_a_few_times_and_not_for_each_row(
    host: Host, newcomer: Caller
) -> None:
    """A thousand rows have to be there before a proxy's minute is over."""
    commits: list[str] = []

    def note(connection: Any) -> None:
        commits.append(str(connection.engine.url))

    lines = "".join(f"Machine {number:03}\n" for number in range(120))
    event.listen(Engine, "commit", note)
    try:
        answer = await import_csv(host, f"name\n{lines}", newcomer)
    finally:
        event.remove(Engine, "commit", note)
    machines = answer.json()["machines"]
    assert (answer.status_code, len({each["wallet_id"] for each in machines})) == (201, 120)
    assert all(each["wallet_name"] == each["name"] for each in machines)
    assert len(commits) < 60
    page = await host.api("GET", "/journal", as_=newcomer, params={"event": "machine"})
    assert page.json()["total"] == 120


async def test_no_wallet_is_left_of_an_import_that_fails(
    host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper import crud
    from spirekeeper.store.database import JOURNAL, Transaction

    insert, parts = Transaction.insert_all, iter([True, False])

    async def insert_once(tx: Transaction, table: str, rows: Any) -> None:
        """The journal's lines are the last of what is written."""
        if table == JOURNAL and not next(parts):
            raise LookupError("something broke")
        await insert(tx, table, rows)

    monkeypatch.setattr(crud, "MACHINES_AT_ONCE", 2)
    monkeypatch.setattr(Transaction, "insert_all", insert_once)
    with pytest.raises(LookupError, match="broke"):
        await import_csv(host, "name\nNorth\nEast\nSouth\nWest\n", newcomer)
    page = (await host.api("GET", "/machines", as_=newcomer)).json()
    assert {machine["wallet_name"] for machine in page["data"]} == {"North", "East"}
    user = (await host.client.get("/api/v1/auth", headers=newcomer.headers)).json()
    assert not {"South", "West"} & {wallet["name"] for wallet in user["wallets"]}


async def test_an_import_beyond_the_quota_adds_nothing(
    host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPIREKEEPER_MAX_MACHINES", "2")
    answer = await import_csv(host, "name\nNorth\nSouth\nWest\n", newcomer)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_machines")
    assert (await host.api("GET", "/machines", as_=newcomer)).json()["total"] == 0
