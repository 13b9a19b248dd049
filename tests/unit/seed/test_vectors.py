"""The vectors that implementers in other languages use hold for ours."""

import json
from pathlib import Path

import pytest
from spirekeeper.seed import Seed, SeedError

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "seed_v1.json").read_text())


def test_good_seeds() -> None:
    for vector in VECTORS["good"]:
        seed = Seed.decode(vector["seed"])
        fields = {**vars(seed), "relays": list(seed.relays)}
        if seed.service_pubkey is None:
            del fields["service_pubkey"]
        assert fields == vector["fields"], vector["name"]
        assert list(fields) == list(vector["fields"])
        assert list(seed.bunker_relays) == vector["bunker_relays"], vector["name"]
        assert seed.secret == vector["secret"], vector["name"]
        assert seed.encode() == vector["encoded"], vector["name"]
        assert Seed.decode(vector["encoded"]) == seed, vector["name"]


def test_bad_seeds() -> None:
    for vector in VECTORS["bad"]:
        with pytest.raises(SeedError) as refused:
            Seed.decode(vector["seed"])
        assert refused.value.field == vector["error"], vector["name"]
        assert str(refused.value).isprintable(), vector["name"]
        assert "f00d" not in str(refused.value), vector["name"]


def test_each_part_has_bad_seeds() -> None:
    fields = {"spire_npub", "spire_pubkey", "bunker_url", "relays", "service_pubkey"}
    assert {vector["error"] for vector in VECTORS["bad"]} == {"seed", "version", "payload", *fields}
    names = [vector["name"] for vector in VECTORS["good"] + VECTORS["bad"]]
    assert len(names) == len(set(names))
