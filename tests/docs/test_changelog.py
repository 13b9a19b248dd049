"""CHANGELOG.md keeps the usual form: what is unreleased, then each version with its date."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CHANGELOG.md").read_text()
VERSIONS = re.findall(r"^## \[(.+?)\](?: - (\d{4}-\d\d-\d\d))?$", TEXT, re.M)
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_each_version_has_its_date_and_its_link() -> None:
    assert len(VERSIONS) == TEXT.count("\n## ")
    (first, undated), *released = VERSIONS
    assert (first, undated) == ("Unreleased", "")
    dates = [date for _, date in released]
    assert all(dates)
    assert dates == sorted(dates, reverse=True)
    for version, _ in VERSIONS:
        assert f"\n[{version}]: https://" in TEXT, version


def test_changes_are_sorted_by_their_kind() -> None:
    assert set(re.findall(r"^### (.+)$", TEXT, re.M)) <= KINDS


def test_the_extension_is_of_the_newest_version() -> None:
    newest, _ = VERSIONS[1]
    assert json.loads((ROOT / "config.json").read_text())["version"] == newest
    assert f'\nversion = "{newest}"\n' in (ROOT / "pyproject.toml").read_text()
