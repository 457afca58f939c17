"""Which function of the website calls which, read from its source: to hold every write to a rule.

A function is named by its module and itself, such as `accounts.actions.grant`. Calls are followed
by plain names and by names of modules, across modules; nothing is run.
"""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import immunosep.web

WEB = Path(immunosep.web.__file__).parent
PREFIX = "immunosep.web."
RECORD = "audit.actions.record"
OF_MANAGERS = {"create", "update", "delete", "bulk_create", "bulk_update", "get_or_create",
               "update_or_create"}  # fmt: skip
NOT_ROWS = {"canvas"}  # a page of a PDF is saved too


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(WEB.rglob("*.py")):
        parts = path.relative_to(WEB).with_suffix("").parts
        if "migrations" not in parts and parts[0] != "demo":
            yield ".".join(parts), ast.parse(path.read_text(encoding="utf-8"))


def _names(tree: ast.Module) -> dict[str, str]:
    """What each imported name of ours stands for."""
    return {
        alias.asname or alias.name: f"{node.module}.{alias.name}".removeprefix(PREFIX)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("immunosep.web")
        for alias in node.names
    }


def calls_in(function: ast.FunctionDef, names: Mapping[str, str], module: str) -> list[str]:
    """The functions of ours that are called inside, once for each call."""
    found = []
    for node in ast.walk(function):
        if not isinstance(node, ast.Call):
            continue
        said = ast.unparse(node.func)
        head, _, rest = said.partition(".")
        if head in names:
            found.append(f"{names[head]}.{rest}".rstrip("."))
        elif not rest:
            found.append(f"{module}.{head}")
    return found


def writes(function: ast.FunctionDef) -> bool:
    """Whether rows are written here: through a manager, a query or an object."""
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _of_rows(node)
        for node in ast.walk(function)
    )


def _of_rows(call: ast.Call) -> bool:
    assert isinstance(call.func, ast.Attribute)
    owner, verb = ast.unparse(call.func.value), call.func.attr
    if verb == "save":
        return owner not in NOT_ROWS and not call.args  # a file to save to is no row
    return verb in OF_MANAGERS and ("objects" in owner or bool(call.keywords) or verb == "delete")


_trees = dict(_modules())
FUNCTIONS = {
    f"{module}.{node.name}": node
    for module, tree in _trees.items()
    for node in ast.walk(tree)
    if isinstance(node, ast.FunctionDef)
}
_imported = {module: _names(tree) for module, tree in _trees.items()}
CALLS = {
    name: calls_in(node, _imported[name.rsplit(".", 1)[0]], name.rsplit(".", 1)[0])
    for name, node in FUNCTIONS.items()
}
CALLERS: dict[str, set[str]] = {name: set() for name in FUNCTIONS}
for _caller, _called in CALLS.items():
    for _name in FUNCTIONS.keys() & _called:
        CALLERS[_name].add(_caller)
WRITING = [name for name, node in FUNCTIONS.items() if writes(node)]


def is_atomic(name: str) -> bool:
    """Whether a function is an action: one transaction of its own."""
    return any("atomic" in ast.unparse(one) for one in FUNCTIONS[name].decorator_list)


@cache
def lines_of(name: str) -> int:
    """How many lines of the trail a function writes itself, and by what it is made of."""
    return sum(
        1 if called == RECORD else 0 if is_atomic(called) else lines_of(called)
        for called in CALLS[name]
        if called in FUNCTIONS and called != name
    )


def reaches_a_line(name: str) -> bool:
    """Whether some action that is called inside writes a line."""
    return any(
        called in FUNCTIONS and called != name and (lines_of(called) or reaches_a_line(called))
        for called in CALLS[name]
    )


def is_part_of_actions(name: str) -> bool:
    """Whether nobody calls it but actions that write their line, or parts of them."""
    callers = CALLERS[name] - {name}
    return bool(callers) and all(
        (is_atomic(caller) and bool(lines_of(caller))) or is_part_of_actions(caller)
        for caller in callers
    )
