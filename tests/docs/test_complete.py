"""The documentation omits nothing: the reference is drawn from the code, without a warning."""

import re
import subprocess
import sys

import pytest

from docs import _generate
from docs._generate import commands, concepts, errors
from immunosep.tables import casebook, dictionary
from immunosep.trials import TRIALS
from tests.conftest import ROOT

DOCS = ROOT / "docs"
COMMANDS = commands.names()


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    """Every page that is drawn from the code."""
    return {name: page() for name, page in _generate.PAGES.items()}


def test_reference_includes_every_drawn_page():
    included = re.findall(
        r"_build/reference/(\w+)\.md",
        "".join(path.read_text() for path in (DOCS / "reference").glob("*.md")),
    )
    assert sorted(included) == sorted(_generate.PAGES)


def test_every_column_has_a_row(pages):
    names = {*dictionary.COLUMNS, *casebook.CASE_COLUMNS}
    assert all(f"| `{name}` |" in pages["variables"] for name in names)


def test_every_command_has_a_section(pages):
    assert all(f"## `{name}`" in pages["commands"] for name in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_shown_in_an_example(command):
    written = [ROOT / "README.md", *DOCS.glob("[!_]*/**/*.md")]
    assert any(f"$ {command}" in page.read_text() for page in written)


def test_every_error_is_drawn_in_the_tree():
    public = set(errors.classes()) - {"ProblemsError"}
    assert all(name in errors.drawn_tree() for name in public)


@pytest.mark.parametrize("trial", TRIALS.values(), ids=lambda trial: trial.id)
def test_every_criterion_state_form_and_choice_has_a_row(trial, pages):
    entries = (
        *trial.criteria,
        *trial.immune_states,
        *trial.screening_forms,
        *trial.choices,
        *trial.casebook,
    )
    assert all(f"| `{entry.id}` |" in pages["trials"] for entry in entries)


@pytest.mark.parametrize("trial", TRIALS.values(), ids=lambda trial: trial.id)
def test_every_trial_is_drawn_with_its_consent_supply_and_digest(trial, pages):
    said = (trial.consent.relatives, *trial.supply.label_lines, trial.supply.source, trial.digest)
    assert [words for words in said if words not in pages["trials"]] == []


def test_every_concept_says_what_it_is(pages):
    assert all(f"## `{name}`" in pages["concepts"] for name in concepts.modules())


def test_documentation_builds_without_a_warning(tmp_path):
    build = [sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", "--keep-going"]
    done = subprocess.run([*build, DOCS, tmp_path], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.returncode == 0
