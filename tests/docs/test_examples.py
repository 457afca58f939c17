"""Every example of the README and the documentation runs, and prints what the page shows.

In a copy of the project's examples/ folder, a Python block is executed, and a text block right
below it is what it printed. In a console block each `$ immunosep ...` line is run; other `$` lines
are for the reader. `...` stands for anything. A block is saved as a file, and not run, when the
line above it ends with: Save this as `my_trial.py`:
"""

import doctest
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from sybil import Document, Example, Sybil
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.myst import CodeBlockParser

from tests.conftest import ROOT
from tests.warm import warm_python, without_tests

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("[!_]*/**/*.md"))]
A_MINUTE_LONG = ("docs/how-to/operate.md", "docs/tutorials/from-records-to-report.md")
DEMO = "mimic-iv-demo-2.2"  # public records, beside the project and not in it
SAVED = re.compile(r"[Ss]ave (?:this|it) as `([\w./-]+)`:\s*\Z")
SAVED_LANGUAGES = ("csv", "json", "toml")
PATIENCE = 300  # seconds a command may take
# Signs that a shell reads, or a command that starts others: these have a Python of their own.
NEEDS_ITS_OWN = re.compile(r"[|<>&;$*?~(\\]|^immunosep (?:serve|demo|site validate)\b")
COMMAND = re.compile(r"^\$ (?P<line>.*(?:\\\n.*)*)\n?(?P<output>(?:(?!\$ ).*\n?)*)", re.MULTILINE)


def run_python(example: Example) -> str | None:
    if save(example):
        return None
    printed = io.StringIO()
    with redirect_stdout(printed):
        PythonEvaluator()(example)
    example.namespace["_printed"] = (example.end, printed.getvalue())
    return None


def compare_printed(example: Example) -> str | None:
    end, printed = example.namespace.pop("_printed", (0, ""))
    below_python = not example.document.text[end : example.start].strip("`\n ")
    if not (end and below_python):
        return None
    return difference(example.parsed, printed)


def run_console(example: Example) -> str | None:
    status = 0
    for command in COMMAND.finditer(example.parsed):
        if command["line"].strip() == "echo $?":
            answer = f"{status}\n"
        elif command["line"].startswith("immunosep"):
            status, answer = run(command["line"])
        else:
            continue
        if problem := difference(command["output"], answer):
            return f"$ {command['line']}\n{problem}"
    return None


def run(line: str) -> tuple[int, str]:
    """What a reader would see in a terminal of 100 columns."""
    beside_python = Path(sys.executable).parent
    path = f"{beside_python}{os.pathsep}{os.environ['PATH']}"
    plain = {"PATH": path, "COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}
    environment = without_tests() | plain
    if not NEEDS_ITS_OWN.search(line):
        program = [str(beside_python / "immunosep"), *shlex.split(line)[1:]]
        warm = warm_python()
        done = warm.run(program, environment=environment, seconds=PATIENCE, merged=True)
        return done.returncode, done.stdout
    done = subprocess.run(
        ["bash", "-c", line],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )
    return done.returncode, done.stdout


def difference(shown: str, printed: str) -> str | None:
    shown, printed = tidy(shown), tidy(printed)
    if doctest.OutputChecker().check_output(shown, printed, doctest.ELLIPSIS):
        return None
    return f"the page shows:\n{shown}\nthe program printed:\n{printed}"


def tidy(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines()) + "\n"


def save(example: Example) -> bool:
    named = SAVED.search(example.document.text[: example.start])
    if named:
        path = Path(named[1])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(example.parsed, encoding="utf-8")
    return named is not None


def save_or_ignore(example: Example) -> None:
    save(example)


EXAMPLES = Sybil(
    [
        CodeBlockParser("python", run_python),
        CodeBlockParser("text", compare_printed),
        CodeBlockParser("console", run_console),
        *(CodeBlockParser(language, save_or_ignore) for language in SAVED_LANGUAGES),
    ]
)


@pytest.fixture
def desk(tmp_path, monkeypatch, shared_if_any):
    """A reader's folder: the examples, the public records where there are any."""
    if (ROOT / "examples").is_dir():
        shutil.copytree(ROOT / "examples", tmp_path / "examples")
    if shared_if_any:
        (tmp_path / DEMO).symlink_to(shared_if_any / "data" / DEMO)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _on_records(examples: list[Example]) -> list[Example]:
    """Those that read the records, or a file that such an example made, and what they print."""
    found: list[Example] = []
    made: set[str] = set()
    last: Example | None = None
    for example in examples:
        reads = DEMO in example.parsed or any(name in example.parsed for name in made)
        prints = example.region.evaluator is compare_printed
        printed = prints and bool(found) and last is found[-1]
        if reads or printed:
            found.append(example)
            made |= set(re.findall(r"[\w-]+\.(?:parquet|csv|html)", example.parsed))
        last = example
    return found


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, marks=pytest.mark.slow) if name_of(page) in A_MINUTE_LONG else page
        for page in PAGES
    ],
    ids=name_of,
)
def test_examples_print_what_the_page_shows(page, desk, request):
    examples = list(EXAMPLES.parse(page))
    without = _on_records(examples) if not (desk / DEMO).exists() else []
    for example in examples:
        if example not in without:
            example.evaluate()
    if without:
        request.getfixturevalue("shared")  # the rest passed; say what was left out


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        ("```python\nprint(2)\n```\n\n```text\n2\n```\n", None),
        ("```python\nprint(2)\n```\n\n```text\n3\n```\n", "the program printed:\n2"),
        ("```python\nprint(2)\n```\nWords.\n\n```text\n3\n```\n", None),
        ("Save this as `a/b.csv`:\n\n```csv\nx\n```\n", None),
        ("```console\n$ make setup\n$ echo $?\n0\n```\n", None),
        ("```console\n$ echo $?\n1\n```\n", "the page shows:\n1"),
        ("```console\n$ immunosep screen no.csv\n...\n$ echo $?\n0\n```\n", "printed:\n2"),
        ("```console\n$ immunosep trial list | wc -c\n0\n```\n", "the program printed:"),
    ],
)
def test_examples_are_compared(block, problem, desk):
    page = desk / "page.md"
    page.write_text(block)
    assert problem is None or problem in failure(EXAMPLES.parse(page))


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="threads are counted on Linux")
def test_the_python_that_forks_has_one_thread(desk):
    run("immunosep --version")
    assert len(list(Path(f"/proc/{warm_python().pid}/task").iterdir())) == 1


def failure(document: Document) -> str:
    try:
        for example in document:
            example.evaluate()
    except AssertionError as error:
        return str(error)
    return ""
