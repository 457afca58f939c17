"""The container's files: what they promise of users, keys and the network is what they say."""

import re
from typing import Any

import pytest
import yaml

from immunosep.web.variables import VARIABLES
from tests.conftest import ROOT

DEPLOY = ROOT / "docs" / "deploy"
CONTAINERFILE = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]


def test_only_the_keyed_process_is_given_the_key() -> None:
    given = {name for name, each in SERVICES.items() if "code_key" in str(each)}
    assert given == {"keyed"}


@pytest.mark.parametrize("name", ["site", "keyed"])
def test_a_process_may_do_little(name: str) -> None:
    service = SERVICES[name]
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert service["user"].split(":")[0] == "10001"
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_no_secret_is_written_out() -> None:
    words = [w for each in SERVICES.values() for w in each.get("environment", {}).items()]
    secret = [name for name, _ in words if re.search(r"KEY|PASS|URL", name)]
    assert [name for name in secret if not name.endswith("_FILE")] == []
    assert {name for each in SERVICES.values() for name in each.get("secrets", [])} == set(
        COMPOSE["secrets"]
    )


def test_every_setting_is_one_of_the_site() -> None:
    names = set(re.findall(r"IMMUNOSEP_(\w+)", CONTAINERFILE + str(SERVICES)))
    assert {name.removesuffix("_FILE") for name in names} - {"CODE_KEY"} <= set(VARIABLES)


def test_the_database_is_reached_from_inside_alone() -> None:
    assert SERVICES["database"]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert "ports" not in SERVICES["database"] | SERVICES["site"] | SERVICES["keyed"]


def test_images_are_named_without_a_host() -> None:
    named = re.findall(r"^FROM (\S+)", CONTAINERFILE, re.MULTILINE)
    named += [each["image"] for each in SERVICES.values()]
    assert len(named) == 6
    assert [name for name in named if "/" in name or "." in name.split(":")[0]] == []


def test_the_image_is_built_apart_from_where_it_runs() -> None:
    build, run = re.split(r"^FROM ", CONTAINERFILE, flags=re.MULTILINE)[1:]
    assert build.count("--require-hashes") == 3
    assert "COPY src" not in run
    assert run.index("USER 10001") < run.index("CMD [")
    assert "/health/" in run


def test_psycopg_is_found_in_the_list_it_is_taken_from() -> None:
    listed = (ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8")
    assert len(re.findall(r"^psycopg\S*==", listed, re.MULTILINE)) >= 2
