"""docs/webhook.md: what it says is sent, and the function with which a receiver checks it."""

import hmac
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

PAGE = (Path(__file__).parents[2] / "docs" / "webhook.md").read_text()


def verifier() -> Callable[[str, str, bytes, float], bool]:
    """`is_from_spirekeeper`, as the page has it."""
    [code] = re.findall(r"<!-- tested -->\n```python\n(.*?)```", PAGE, re.S)
    known: dict[str, Any] = {"hmac": hmac}
    exec(code, known)  # noqa: S102 - of our own page
    found: Callable[[str, str, bytes, float], bool] = known["is_from_spirekeeper"]
    return found
