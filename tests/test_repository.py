"""The repository tests itself: what every change must keep, and no tool on the shelf looks at."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

import immunosep
from tests.conftest import ROOT

MEGABYTE = 1_000_000
TEXT = {".py", ".md", ".toml", ".txt", ".yaml", ".cff", ".csv", ".json", ".html", ".css", ""}
MACHINE_PATH = re.compile(r"(?<![\w.:/~-])/(?:home|root|work|Users|opt|mnt|tmp)/\w")
REGISTRIES = [
    ".".join(name)
    for name in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("anaconda", "org"),
        ("npmjs", "org"),
        ("maven", "org"),
        ("proxy", "golang", "org"),
    )
]
FUNCTION_LINES = 60
FILE_LINES = 400
NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager"}
REQUIREMENTS = sorted((ROOT / "requirements").glob("*.txt"))
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
PROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def tracked() -> list[Path]:
    """Every file under version control, or in a copy without one, every file that would be."""
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    names = [name for name in listing.stdout.split("\0") if name]
    found = [ROOT / name for name in names] if names else unversioned()
    return [path for path in found if path.is_file()]


def unversioned() -> list[Path]:
    parts = ["src", "tests", "docs", "benchmarks", "requirements", "examples"]
    made = {"_build", "__pycache__"}
    within = [path for part in parts for path in (ROOT / part).rglob("*")]
    return [*ROOT.glob("*.*"), *(path for path in within if not made & set(path.parts))]


TRACKED = tracked()
TEXTS = {
    path.relative_to(ROOT): path.read_text(encoding="utf-8")
    for path in TRACKED
    if path.suffix in TEXT and path.stat().st_size < MEGABYTE
}
PYTHON = {path: text for path, text in TEXTS.items() if path.suffix == ".py"}
PACKAGE = {path: text for path, text in PYTHON.items() if path.parts[0] == "src"}


def test_no_file_names_a_package_registry():
    naming = [path for path, text in TEXTS.items() if any(host in text for host in REGISTRIES)]
    assert naming == []


def test_no_file_holds_a_path_of_one_machine():
    holding = {
        path: found[0] for path, text in TEXTS.items() if (found := MACHINE_PATH.findall(text))
    }
    assert holding == {}


def test_no_file_is_large():
    assert [path for path in TRACKED if path.stat().st_size > 2 * MEGABYTE] == []


def test_no_file_is_long():
    written = {path: text for path, text in PYTHON.items() if "/migrations/" not in str(path)}
    assert [path for path, text in written.items() if len(text.splitlines()) > FILE_LINES] == []


def test_no_function_is_long():
    long = [
        f"{path}:{node.lineno} {node.name}"
        for path, text in PYTHON.items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= FUNCTION_LINES
    ]
    assert long == []


def test_no_module_goes_without_a_name_of_its_own():
    assert [path for path in PYTHON if NAMELESS & {path.stem, *path.parts[:-1]}] == []


def test_no_module_is_empty():
    assert [path for path, text in PACKAGE.items() if not text.strip()] == []


def test_engines_are_opened_only_by_sources():
    opening = re.compile(r"ibis\.(duckdb|pyspark|connect)\b|ibis\.backends|get_backend")
    outside = {path: text for path, text in PACKAGE.items() if "sources" not in path.parts}
    assert [path for path, text in outside.items() if opening.search(text)] == []


def test_every_dependency_says_what_it_is_for():
    listed = re.findall(r'^  ".+[<>=].*$', PROJECT.split("[project.scripts]")[0], re.MULTILINE)
    assert len(listed) > 10
    assert [line for line in listed if not re.search(r'",?\s+# \w+', line)] == []


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.name)
def test_requirements_are_pinned_with_hashes(path):
    text = path.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and line.strip()[0] != "#"]
    assert lines
    assert [line for line in lines if "==" not in line or "--hash=sha256:" not in line] == []


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.name)
def test_requirements_name_no_index(path):
    assert not re.search(r"://|--(extra-)?index-url|--find-links|@ file", path.read_text())


def test_requirements_agree_with_each_other():
    pins = [set(re.findall(r"^(\S+==\S+)", path.read_text(), re.M)) for path in REQUIREMENTS]
    dev = pins[[path.name for path in REQUIREMENTS].index("dev.txt")]
    assert all(some <= dev for some in pins)


def test_changelog_has_an_entry_for_this_version():
    version = tomllib.loads(PROJECT)["project"]["version"]
    assert immunosep.__version__ == version
    assert f"## [{version}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"version: {version}" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_decision_says_why_what_and_what_follows(path):
    headings = re.findall(r"^## (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert headings == ["Context", "Decision", "Consequences"]


def test_decisions_are_numbered_without_a_gap():
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_makefile_has_the_promised_commands():
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    promised = [
        "help",
        "setup",
        "demo",
        "demo-stop",
        "test",
        "test-full",
        "check",
        "docs",
        "bench",
        "hook",
    ]
    promised += ["lock", "clean"]
    assert re.findall(r"^  make (\S+)", listed.stdout, re.MULTILINE) == promised


def test_developers_page_names_files_that_exist():
    named = re.findall(
        r"`((?:src|tests|docs|requirements)/[\w./-]*)`", TEXTS[Path("DEVELOPERS.md")]
    )
    assert len(named) > 5
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_developers_page_names_contracts_that_exist():
    contracts = tomllib.loads(PROJECT)["tool"]["importlinter"]["contracts"]
    named = re.findall(r"contract \*(\w+)\*", TEXTS[Path("DEVELOPERS.md")])
    assert set(named) <= {contract["id"] for contract in contracts}
