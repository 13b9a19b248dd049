"""What LNbits finds in us: a page, its files, and the answer to outsiders."""

import json
import re
from pathlib import Path

import pytest
from support.host import NOBODY, Host

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = sorted(file.stem for file in (ROOT / "static" / "i18n").glob("*.js"))


async def test_the_page_is_lnbits_own_shell(host: Host) -> None:
    page = await host.client.get("/spirekeeper/", headers=host.operator.headers)
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")


async def test_the_page_needs_a_login(host: Host) -> None:
    page = await host.client.get("/spirekeeper/", headers={"Accept": "application/json"})
    assert page.status_code == 401


async def test_every_file_that_the_host_is_told_of_is_served(host: Host) -> None:
    route = json.loads((ROOT / "static/routes.json").read_text())[0]
    config = json.loads((ROOT / "config.json").read_text())
    languages = [f"{route['i18n']}/{language}.js" for language in LANGUAGES]
    for path in (route["template"], route["component"], *languages, config["tile"]):
        assert (await host.client.get(path)).status_code == 200, path


async def test_who_has_not_enabled_the_extension_is_refused(host: Host) -> None:
    assert (await host.api("GET", "/machines", as_=host.stranger)).status_code == 403


async def test_who_is_not_logged_in_is_refused(host: Host) -> None:
    assert (await host.api("GET", "/machines", as_=NOBODY)).status_code == 401


def _words(file: Path) -> list[str]:
    """The names of the texts, in order: what stands before a colon, outside of texts."""
    return re.findall(r"(\w+):", re.sub(r"'(\\.|[^'\\])*'", "''", file.read_text()))


async def test_the_readme_names_every_route(host: Host) -> None:
    readme = (ROOT / "README.md").read_text()
    paths = (await host.client.get("/openapi.json")).json()["paths"]
    ours = [path.removeprefix("/spirekeeper/api/v1/dca") for path in paths if "/dca/" in path]
    assert len(ours) > 10
    unnamed = [
        path
        for path in ours
        if path.replace("{machine_id}", "{id}").replace("{key}", "{npub or hex}") not in readme
        and not path.endswith("/reject")
    ]
    assert unnamed == []


async def test_the_readme_names_every_variable(host: Host) -> None:
    from spirekeeper.connection.environment import PARTS, variable

    names = {variable(field) for part in PARTS for field in part.__fields__}
    assert len(names) > 8
    assert names <= set(re.findall(r"`(SPIREKEEPER_\w+)`", (ROOT / "README.md").read_text()))


def test_what_lnbits_shows_before_it_installs_us_is_there() -> None:
    config = json.loads((ROOT / "config.json").read_text())
    served = f"{config['repo'].replace('github.com', 'raw.githubusercontent.com')}/main/"
    shown = [*(image["uri"] for image in config["images"]), config["description_md"]]
    assert len(shown) > 3
    for url in shown:
        assert url.startswith(served)
        assert (ROOT / url.removeprefix(served)).is_file(), url


async def test_the_sheet_is_for_whoever_is_logged_in_and_has_nothing_filled_in(host: Host) -> None:
    answer = await host.client.get("/spirekeeper/sheet", headers=host.operator.headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.text == (ROOT / "templates" / "sheet.html").read_text()
    assert "spire-seed" not in answer.text
    assert (await host.client.get("/spirekeeper/sheet")).status_code == 401
    stranger = await host.client.get("/spirekeeper/sheet", headers=host.stranger.headers)
    assert stranger.status_code == 403


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_has_words_for_every_hazard(language: str) -> None:
    from spirekeeper.bunker.dialects import Hazard
    from spirekeeper.connection.hazards import SetupHazard

    words = set(_words(ROOT / "static" / "i18n" / f"{language}.js"))
    codes = {each.value for each in [*Hazard, *SetupHazard]}
    assert codes <= words
