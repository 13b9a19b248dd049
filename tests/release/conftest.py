"""Where releases are on offer."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from release.releases import served_folder


@pytest.fixture
def web(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder and the loopback address that it is served at."""
    folder = tmp_path / "web"
    folder.mkdir()
    with served_folder(folder) as url:
        yield folder, url
