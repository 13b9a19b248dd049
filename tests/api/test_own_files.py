"""The files of the page, which anybody may ask for, in whatever way."""

import time
from pathlib import Path

import httpx
import pytest
from support.host import Host

ROOT = Path(__file__).parents[2]
STATIC = "/spirekeeper/static"
TEXTS = "i18n/en.js"
JOINED = {"/spirekeeper/page.vue": "vue", "/spirekeeper/page.js": "js"}
RANGES = ",".join(f"{n}-{n}" for n in range(0, 2 * 5925, 2))
CPU_SECONDS = 1.0
"""The attack took 4.7."""


async def ask(host: Host, path: str, **headers: str) -> tuple[httpx.Response, float]:
    """The answer, and how long this process was at it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    before = time.process_time()
    answer = await host.client.get(path, headers=named)
    return answer, time.process_time() - before


@pytest.mark.parametrize("more", [{}, {"If_Range": '"a"'}, {"If_Range": "etag"}])
async def test_thousands_of_ranges_are_passed_over(host: Host, more: dict[str, str]) -> None:
    """CVE-2025-62727: one such request stopped LNbits for seconds."""
    whole = (ROOT / "static" / TEXTS).read_bytes()
    assert len(whole) > 2 * 5925
    plain, _ = await ask(host, f"{STATIC}/{TEXTS}")
    if more.get("If_Range") == "etag":
        more = {"If_Range": plain.headers["etag"]}
    answer, seconds = await ask(host, f"{STATIC}/{TEXTS}", Range=f"bytes={RANGES}", **more)
    assert (answer.status_code, answer.content) == (200, whole)
    assert "content-range" not in answer.headers
    assert answer.headers["accept-ranges"] == "none"
    assert seconds < CPU_SECONDS


@pytest.mark.parametrize(("path", "suffix"), JOINED.items())
async def test_the_page_comes_in_two_answers(host: Host, path: str, suffix: str) -> None:
    """All that is written for it, each file whole, whatever part of it is asked for."""
    answer, seconds = await ask(host, path, Range=f"bytes={RANGES}")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-cache"
    kind = {"vue": "text/plain", "js": "text/javascript"}[suffix]
    assert answer.headers["content-type"] == f"{kind}; charset=utf-8"
    static = ROOT / "static"
    files = [*static.glob(f"*.{suffix}"), *static.glob(f"parts/*.{suffix}")]
    assert len(files) > 20
    for file in files:
        assert answer.text.count(file.read_text()) == 1, file.name
    assert seconds < CPU_SECONDS


async def test_the_sheet_too(host: Host) -> None:
    answer, seconds = await ask(
        host, "/spirekeeper/sheet", Range=f"bytes={RANGES}", **host.operator.headers
    )
    assert (answer.status_code, answer.text) == (
        200,
        (ROOT / "templates" / "sheet.html").read_text(),
    )
    assert answer.headers["cache-control"] == "no-cache"
    assert seconds < CPU_SECONDS


def test_nothing_else_of_ours_is_served_as_a_file(host: Host) -> None:
    """A folder that LNbits mounted would take ranges again, and would come first."""
    from starlette.routing import Mount

    mounted = [route.path for route in host.app.routes if isinstance(route, Mount)]
    assert not [path for path in mounted if path.startswith("/spirekeeper")]
    for file in ROOT.glob("*.py"):
        if file.name != "views.py":
            assert "FileResponse" not in file.read_text(), file.name


@pytest.mark.parametrize(
    "name", ["index.js", "index.vue", "routes.json", "image/spirekeeper.png", TEXTS]
)
async def test_a_file_is_what_it_is(host: Host, name: str) -> None:
    kinds = {"js": "text/javascript", "vue": "text/plain", "json": "application/json"}
    answer, _ = await ask(host, f"{STATIC}/{name}")
    assert (answer.status_code, answer.content) == (200, (ROOT / "static" / name).read_bytes())
    kind = kinds.get(name.rpartition(".")[2], "image/png")
    assert answer.headers["content-type"].partition(";")[0] == kind
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", [f"{STATIC}/index.js", *JOINED])
async def test_what_the_browser_has_is_not_sent_again(host: Host, path: str) -> None:
    first, _ = await ask(host, path)
    tag = first.headers["etag"]
    for known in (tag, f"W/{tag}", f'"another", {tag}'):
        again, _ = await ask(host, path, If_None_Match=known)
        assert (again.status_code, again.content) == (304, b"")
        assert (again.headers["cache-control"], again.headers["etag"]) == ("no-cache", tag)
    changed, _ = await ask(host, path, If_None_Match='"an older one"')
    assert (changed.status_code, changed.content) == (200, first.content)


async def test_every_answer_names_the_page_that_belongs_to_it(host: Host) -> None:
    """Refusals too, since an older page may ask what is no longer answered."""
    script, _ = await ask(host, "/spirekeeper/page.js")
    for answer in (
        await host.api("GET", "/machines"),
        await host.api("POST", "/machines", {"name": ""}),
        await host.api("GET", "/machines/none-of-this-name"),
    ):
        version = answer.headers["spirekeeper-page"]
        assert f"window.spirekeeperVersion = '{version}';" in script.text


async def test_a_file_is_asked_for_in_other_ways(host: Host) -> None:
    path = f"{STATIC}/index.js"
    first, _ = await ask(host, path)
    again, _ = await ask(host, path, If_Modified_Since=first.headers["last-modified"])
    assert (again.status_code, again.content) == (304, b"")
    head = await host.client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(first.content))
    assert (await host.client.post(path)).status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "../settings.py",
        "%2e%2e/settings.py",
        "..%2fsettings.py",
        "i18n/../../settings.py",
        "%2Fetc%2Fpasswd",
        "/etc/passwd",
        "....//settings.py",
        "..\\settings.py",
        "",
        "i18n",
        "i18n/",
        "none.js",
        "index.js%00.png",
        "a" * 5000,
    ],
)
async def test_nothing_outside_of_the_folder_is_served(host: Host, path: str) -> None:
    answer = await host.client.get(f"{STATIC}/{path}")
    assert answer.status_code in (400, 404), answer.text[:200]
    assert "import" not in answer.text
    assert "root:" not in answer.text


async def test_a_link_leads_nowhere(host: Host, tmp_path: Path) -> None:
    """Out of the folder, were one there."""
    from spirekeeper.views import WholeFiles

    (tmp_path / "static").mkdir()
    (tmp_path / "outside").write_text("a secret")
    (tmp_path / "static" / "link").symlink_to(tmp_path / "outside")
    (tmp_path / "static" / "inside").write_text("no secret")
    static = WholeFiles(directory=tmp_path / "static")
    scope = {"type": "http", "method": "GET", "headers": []}
    assert (await static.get_response("inside", scope)).status_code == 200
    with pytest.raises(Exception, match="404"):
        await static.get_response("link", scope)
