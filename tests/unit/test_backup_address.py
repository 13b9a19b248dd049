"""Where a backup finds the database, by the address that LNbits has."""

import pytest
from spirekeeper.backup import how_to_connect

AT_HOME = {"PGHOST": "", "PGPORT": "5432", "PGUSER": "", "PGPASSWORD": "", "PGDATABASE": "lnbits"}


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgres:///lnbits", {}),
        (
            "postgres://ln%40bits:a%2Fb@db.example.org:5433/lnbits",
            {
                "PGHOST": "db.example.org",
                "PGPORT": "5433",
                "PGUSER": "ln@bits",
                "PGPASSWORD": "a/b",
            },
        ),
        (
            "postgres://lnbits@/lnbits?host=/run/elsewhere&port=5434",
            {"PGHOST": "/run/elsewhere", "PGPORT": "5434", "PGUSER": "lnbits"},
        ),
        (
            "postgres:///lnbits?user=lnbits&password=a%2Fb",
            {"PGUSER": "lnbits", "PGPASSWORD": "a/b"},
        ),
    ],
)
def test_all_that_an_address_says_is_used(url: str, said: dict[str, str]) -> None:
    assert how_to_connect(url) == {**AT_HOME, **said}
