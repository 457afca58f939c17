"""The settings of a site: listed, read from the environment or a file, and refused when wrong."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import immunosep.web
from immunosep.errors import SettingsError
from immunosep.web import environment as env
from immunosep.web.variables import VARIABLES

WEB = Path(immunosep.web.__file__).parent
READ = re.compile(r'(?:env|environment)\.(?:text|flag|words|number)\(\s*\w+,\s*"(\w+)"')
NAMED = re.compile(r'\.get\("IMMUNOSEP_(\w+)"')
WITHIN = {"READY_FILE"}  # how the processes of one site speak to each other
SOURCES = "".join(path.read_text(encoding="utf-8") for path in WEB.rglob("*.py"))


def site(**given: str) -> subprocess.CompletedProcess[str]:
    """What loading the settings says, with this environment and no other."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("IMMUNOSEP_")}
    said = "from immunosep.web import settings as s; print(s.HTTPS, s.SECOND_FACTOR, s.KEYED)"
    return subprocess.run(
        [sys.executable, "-c", said],
        env=kept | {f"IMMUNOSEP_{k}": v for k, v in given.items()},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_every_setting_that_is_read_is_listed_and_the_other_way_round() -> None:
    read = {*READ.findall(SOURCES), *NAMED.findall(SOURCES), "DATABASE_URL"} - WITHIN
    assert read == set(VARIABLES)


def test_a_site_with_patients_is_strict_by_itself() -> None:
    assert site(SECRET_KEY="x" * 50).stdout == "True True False\n"


def test_a_teaching_site_is_not() -> None:
    assert site(SECRET_KEY="x" * 50, DEMO="yes").stdout == "False False False\n"


def test_a_site_without_a_secret_key_does_not_start() -> None:
    done = site()
    assert done.returncode != 0
    assert "IMMUNOSEP_SECRET_KEY is not set" in done.stderr


def test_a_variable_is_read_from_the_file_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("a secret\n")
    given = {"IMMUNOSEP_SECRET_KEY_FILE": str(tmp_path / "key")}
    assert env.text(given, "SECRET_KEY") == "a secret"


def test_a_file_that_cannot_be_read_is_told_without_its_content(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="SECRET_KEY_FILE names a file that cannot be read"):
        env.text({"IMMUNOSEP_SECRET_KEY_FILE": str(tmp_path / "none")}, "SECRET_KEY")


@pytest.mark.parametrize(("word", "means"), [("yes", True), ("ON", True), ("0", False)])
def test_a_flag_is_yes_or_no(word: str, means: bool) -> None:
    assert env.flag({"IMMUNOSEP_DEMO": word}, "DEMO") is means


def test_a_flag_that_is_neither_is_refused() -> None:
    with pytest.raises(SettingsError, match="neither yes nor no"):
        env.flag({"IMMUNOSEP_DEMO": "perhaps"}, "DEMO")


def test_a_number_that_is_none_is_refused() -> None:
    assert env.number({"IMMUNOSEP_PROXIES": "2"}, "PROXIES", 0) == 2
    with pytest.raises(SettingsError, match="not a whole number"):
        env.number({"IMMUNOSEP_PROXIES": "two"}, "PROXIES", 0)


def test_a_setting_that_is_not_listed_cannot_be_read() -> None:
    with pytest.raises(AssertionError, match="not listed"):
        env.text({}, "INVENTED")
    with pytest.raises(AssertionError, match="not listed"):
        env.flag({}, "INVENTED")


@pytest.mark.parametrize(
    ("url", "engine"),
    [
        ("sqlite:///x.sqlite3", "django.db.backends.sqlite3"),
        ("postgresql://me@localhost/x", "django.db.backends.postgresql"),
    ],
)
def test_a_database_is_named_by_its_address(url: str, engine: str) -> None:
    assert env.database({"IMMUNOSEP_DATABASE_URL": url})["ENGINE"] == engine


@pytest.mark.parametrize("url", ["mysql://me@localhost/x", "nonsense://"])
def test_another_kind_of_database_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="expected sqlite"):
        env.database({"IMMUNOSEP_DATABASE_URL": url})


def test_words_are_parted_at_commas() -> None:
    assert env.words({"IMMUNOSEP_HOSTS": " a, b,, "}, "HOSTS") == ["a", "b"]


def test_a_form_may_lead_to_the_hospital_and_nowhere_else() -> None:
    assert env.origins("https://id.example.org:8443/realm/x") == ["https://id.example.org:8443"]
    assert env.origins("") == []
