"""Results of the tests, from the JUnit file that pytest writes, by the names requirements use."""

from pathlib import Path
from xml.etree import ElementTree

from immunosep.errors import SourceError


def read_results(path: Path) -> dict[str, str]:
    """`passed`, `failed` or `skipped` of each test; of one with parameters, the worst."""
    try:
        root = ElementTree.parse(path).getroot()
    except (OSError, ElementTree.ParseError):
        raise SourceError(
            f"{path.name} cannot be read",
            ["Expected a file that `pytest --junit-xml` wrote. Name one."],
        ) from None
    found: dict[str, str] = {}
    for case in root.iter("testcase"):
        name = _name(case.get("classname", ""), case.get("name", ""))
        found[name] = max(found.get(name, "passed"), _outcome(case), key=_ORDER.index)
    return found


_ORDER = ("passed", "skipped", "failed")


def _name(module: str, function: str) -> str:
    return f"{module.replace('.', '/')}.py::{function.split('[', 1)[0]}"


def _outcome(case: ElementTree.Element) -> str:
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    return "skipped" if case.find("skipped") is not None else "passed"
