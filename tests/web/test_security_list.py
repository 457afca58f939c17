"""The security page names tests: each of them must be there."""

import ast
import re

import pytest

from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "explanation" / "security.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(test_\w+\.py)::(test_\w+)`", PAGE)))


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_a_test_that_is_named_is_there(file: str, name: str) -> None:
    tree = ast.parse((ROOT / "tests" / "web" / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_each_chapter_has_its_lines() -> None:
    assert re.findall(r"^## V(\d+)", PAGE, re.MULTILINE) == ["6", "7", "8", "14", "16"]
    assert len(re.findall(r"^\| \d", PAGE, re.MULTILINE)) > 50


def test_the_table_says_how_for_every_line() -> None:
    lines = [line.split("|") for line in PAGE.splitlines() if re.match(r"\| \d", line)]
    assert [line for line in lines if len(line) != 6 or not line[3].strip()] == []
