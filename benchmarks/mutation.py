"""Do the tests notice? Each mutant of a module changes one thing; a test must fail.

    python benchmarks/mutation.py immunosep.web.casebook.signatures tests/web/test_signing.py
    python benchmarks/mutation.py MODULE,MODULE TESTS... --sample 40 --seed 1

The tests run once as they are, and must pass; what each of them calls is written down. Then each
mutant lives in a process forked from that one, which has everything imported and the test database
filled: the module's functions are given the mutant's code, whoever imported one of its values the
mutant's value, and the tests that call the function run until the first fails. Before, the module
is put in unchanged, and the tests must pass again: else they would notice the putting in. What no
test notices is printed, with its line. Only what a program does is changed: sentences for people,
docstrings and types are not.
"""

import argparse
import ast
import copy
import importlib
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

sys.path.pop(0)  # this folder: it has a coverage.py of its own

import coverage
import pytest
from _pytest.runner import runtestprotocol

COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE,
    ast.GtE: ast.Gt, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
CALCULATED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Add, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
}  # fmt: skip
PATIENCE = 10  # times as long as the tests took: then a mutant counts as noticed, it does not end
OURS = ("immunosep", "tests")


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One change: where, what, and how it is made in a copy of the tree."""

    line: int
    says: str
    node: int  # its place in `ast.walk`
    change: Callable[[Any], None]


def mutants_of(tree: ast.Module) -> Iterator[Mutant]:
    """Every mutant, in the order of the file."""
    unseen = _unseen(tree)
    for place, node in enumerate(ast.walk(tree)):
        if id(node) in unseen:
            continue
        for says, change in _changes(node):
            line = getattr(node, "lineno", 0)
            yield Mutant(line=line, says=says, node=place, change=change)


def _unseen(tree: ast.Module) -> set[int]:
    """Docstrings, types, decorators, values of a class: what no function can be given.

    Nor what a module does only where it is a process of its own.
    """
    hidden: list[ast.AST] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            types = (node.returns, *(each.annotation for each in _arguments(node)))
            hidden += [*node.decorator_list, *(each for each in types if each)]
        elif isinstance(node, ast.ClassDef):
            values = (each for each in node.body if isinstance(each, ast.Assign | ast.AnnAssign))
            hidden += [*node.decorator_list, *values]
        elif isinstance(node, ast.AnnAssign):
            hidden.append(node.annotation)
        elif _is_docstring(node) or _is_for_a_process(node) or _is_for_a_star(node):
            hidden.append(node)
    return {id(inner) for each in hidden for inner in ast.walk(each)}


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_for_a_process(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'"


def _is_for_a_star(node: ast.AST) -> bool:
    """`__all__`: nobody here imports a star."""
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"


def _arguments(node: ast.FunctionDef) -> list[ast.arg]:
    return [*node.args.args, *node.args.kwonlyargs]


def _changes(node: ast.AST) -> Iterator[tuple[str, Callable[[Any], None]]]:
    match node:
        case ast.Compare(ops=[op]) if type(op) in COMPARED:
            new = COMPARED[type(op)]
            yield f"{type(op).__name__} for {new.__name__}", lambda n: n.ops.__setitem__(0, new())
        case ast.BoolOp(op=op):
            other: type[ast.boolop] = ast.Or if isinstance(op, ast.And) else ast.And
            yield f"{type(op).__name__} for {other.__name__}", lambda n: setattr(n, "op", other())
        case ast.UnaryOp(op=ast.Not()):
            yield "no not", _doubly
        case ast.BinOp(op=op) if type(op) in CALCULATED:
            sum_ = CALCULATED[type(op)]
            yield f"{type(op).__name__} for {sum_.__name__}", lambda n: setattr(n, "op", sum_())
        case ast.Constant(value=bool() as value):
            yield f"{not value} for {value}", lambda n: setattr(n, "value", not value)
        case ast.Constant(value=int() as number):
            yield f"{number + 1} for {number}", lambda n: setattr(n, "value", number + 1)
        case ast.Constant(value=str() as text) if text and " " not in text:
            yield f"another word for {text!r}", lambda n: setattr(n, "value", f"{text}x")
        case ast.If() | ast.IfExp() | ast.While():
            yield "never", lambda n: setattr(n, "test", ast.Constant(False))
        case ast.Return(value=ast.expr() as given) if ast.unparse(given) != "None":
            yield "nothing returned", lambda n: setattr(n, "value", ast.Constant(None))
        case ast.Expr(value=ast.Call()):
            yield "not called", lambda n: setattr(n, "value", ast.Constant(None))
        case _:
            pass


def _doubly(node: ast.UnaryOp) -> None:
    """`not x` becomes `not not x`: a bool still."""
    node.operand = ast.UnaryOp(op=ast.Not(), operand=node.operand)


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A module to change, and who imported which of its values: module, name there, name here."""

    module: ModuleType
    tree: ast.Module
    holders: tuple[tuple[ModuleType, str, str], ...]


def subject(name: str) -> Subject:
    """A module by its name, once the tests ran: whatever could hold its values is imported."""
    module = importlib.import_module(name)
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    return Subject(module=module, tree=tree, holders=tuple(_holders(module)))


def _holders(module: ModuleType) -> Iterator[tuple[ModuleType, str, str]]:
    for name, other in list(sys.modules.items()):
        file = getattr(other, "__file__", None)
        if name.split(".")[0] in OURS and file and file.endswith(".py"):
            for node in ast.walk(ast.parse(Path(file).read_text(encoding="utf-8"))):
                if isinstance(node, ast.ImportFrom) and node.module == module.__name__:
                    yield from ((other, each.asname or each.name, each.name) for each in node.names)


class Mutations:
    """The plugin that runs the tests once, then for each mutant those that call what it changes."""

    def __init__(self, names: list[str], *, sample: int, seed: int) -> None:
        self.names, self.sample, self.seed = names, sample, seed
        self.results: dict[str, tuple[int, int, int]] = {}  # noticed, made, there are
        self.seconds = 0.0
        self.failed = ""  # the first test that does not pass as it is

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """In place of pytest's own loop."""
        files = [str(importlib.import_module(name).__file__) for name in self.names]
        began = time.monotonic()
        seen = self._watched(session.items, files)
        self.seconds = time.monotonic() - began
        for name, file in zip(self.names, files, strict=True):
            self._each_mutant_of(subject(name), session.items, seen[file])
        return True

    def _watched(
        self, items: list[pytest.Item], files: list[str]
    ) -> dict[str, dict[int, list[str]]]:
        """By file and line, the tests that run it. All must pass."""
        watch = coverage.Coverage(include=files, data_file=None, config_file=False)
        watch.start()
        try:
            passed = self._all_pass(items, begin=watch.switch_context)
        finally:
            watch.stop()
        if not passed:
            pytest.exit(f"the tests do not pass as they are: {self.failed}", 2)
        data = watch.get_data()
        return {file: data.contexts_by_lineno(file) for file in files}

    def _each_mutant_of(
        self, changed: Subject, items: list[pytest.Item], seen: dict[int, list[str]]
    ) -> None:
        if self._noticed(None, changed, items):
            pytest.exit(f"{changed.module.__name__}, put in unchanged, lets tests fail", 2)
        all_ = list(mutants_of(changed.tree))
        chosen = random.Random(self.seed).sample(all_, min(self.sample or len(all_), len(all_)))
        noticed = 0
        for mutant in sorted(chosen, key=lambda each: each.line):
            asked = _asked(mutant, changed.tree, items, seen)
            if asked and self._noticed(mutant, changed, asked):
                noticed += 1
                continue
            why = "" if asked else " (no test calls it)"
            print(f"\n  {changed.module.__name__}:{mutant.line} {mutant.says}{why}", flush=True)
        self.results[changed.module.__name__] = noticed, len(chosen), len(all_)

    def _all_pass(
        self, items: list[pytest.Item], *, begin: Callable[[str], object] = lambda _: None
    ) -> bool:
        """Up to the first that fails. Session fixtures stay: there is always a test to come."""
        for item, after in zip(items, [*items[1:], items[0]], strict=True):
            begin(item.nodeid)
            reports = runtestprotocol(item, log=False, nextitem=after)
            if failed := [each for each in reports if each.failed]:
                self.failed = f"{item.nodeid}\n{failed[0].longreprtext}"
                return False
        return True

    def _noticed(self, mutant: Mutant | None, changed: Subject, items: list[pytest.Item]) -> bool:
        child = os.fork()
        if child == 0:
            signal.alarm(30 + int(PATIENCE * self.seconds))
            try:
                transplant(_changed(changed.tree, mutant), changed)
                noticed = not self._all_pass(items)
            except BaseException:  # noqa: BLE001 - it cannot even be loaded: that is noticed
                noticed = True
            os._exit(1 if noticed else 0)
        _, status = os.waitpid(child, 0)
        return status != 0


def _asked(
    mutant: Mutant, tree: ast.Module, items: list[pytest.Item], seen: dict[int, list[str]]
) -> list[pytest.Item]:
    """The tests that run the function it changes; all, where it changes a value of the module."""
    lines = _lines_of_function(mutant, tree)
    if lines is None:
        return items
    calling = {context for line in lines for context in seen.get(line, ())}
    return [item for item in items if item.nodeid in calling]


def _lines_of_function(mutant: Mutant, tree: ast.Module) -> range | None:
    """The outermost function it is in. Its `def` runs at import, its body when it is called."""
    for function in _functions(tree.body):
        if any(node is _node_of(mutant, tree) for node in ast.walk(function)):
            return range(function.body[0].lineno, (function.end_lineno or 0) + 1)
    return None


def _functions(body: Iterable[ast.stmt]) -> Iterator[ast.FunctionDef]:
    for node in body:
        if isinstance(node, ast.FunctionDef):
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node.body)


def _node_of(mutant: Mutant, tree: ast.Module) -> Any:
    return list(ast.walk(tree))[mutant.node]


def _changed(tree: ast.Module, mutant: Mutant | None) -> ast.Module:
    """A copy of the tree with the one change, or with none."""
    other = copy.deepcopy(tree)
    if mutant:
        mutant.change(_node_of(mutant, other))
    return ast.fix_missing_locations(other)


def transplant(tree: ast.Module, changed: Subject) -> None:
    """Give the functions that others hold already the mutant's code, and all who hold its values.

    What others calculated from a value when they were imported stays as it was.
    """
    module = changed.module
    new = dict(module.__dict__)
    exec(compile(tree, str(module.__file__), "exec"), new)
    for name, value in new.items():
        _graft(module.__dict__.get(name), value, module)
        if _is_value(name, value):
            module.__dict__[name] = value
    for holder, there, name in changed.holders:
        if _is_value(name, new.get(name)):
            setattr(holder, there, new[name])


def _is_value(name: str, value: Any) -> bool:
    return value is not None and not callable(value) and not name.startswith("__")


def _graft(old: Any, new: Any, module: ModuleType) -> None:
    if isinstance(old, type) and getattr(old, "__module__", "") == module.__name__:
        for name, value in vars(new).items():
            _graft(vars(old).get(name), value, module)
        return
    old, new = _inner(old), _inner(new)
    both = isinstance(old, FunctionType) and isinstance(new, FunctionType)
    if both and old.__module__ == module.__name__:
        old.__code__, old.__defaults__ = new.__code__, new.__defaults__
        old.__kwdefaults__ = new.__kwdefaults__


def _inner(value: Any) -> Any:
    """The function within decorators and properties."""
    value = getattr(value, "fget", None) or getattr(value, "func", None) or value
    while hasattr(value, "__wrapped__"):
        if hasattr(value, "cache_clear"):
            value.cache_clear()
        value = value.__wrapped__
    return getattr(value, "__func__", value)


def main() -> int:
    """Mutate modules one by one; the exit code says whether nine of ten of each were noticed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("module", help="one, or several with commas between")
    parser.add_argument("tests", nargs="+")
    parser.add_argument("--sample", type=int, default=0, help="so many mutants; 0: all")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    names = asked.module.split(",")
    made = Mutations(names, sample=asked.sample, seed=asked.seed)
    options = ["-q", "-n0", "-p", "no:cacheprovider", "--no-header", "-m", "not slow"]
    pytest.main([*options, *asked.tests], plugins=[made])
    for name, (noticed, count, of) in made.results.items():
        print(f"{name}: {noticed} of {count} noticed ({of} there are)")
    met = [noticed >= 0.9 * count for noticed, count, _ in made.results.values()]
    return 0 if len(met) == len(names) and all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
