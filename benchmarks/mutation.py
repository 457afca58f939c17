"""Do the tests notice? Each mutant of a module changes one thing; a test must fail.

    python benchmarks/mutation.py immunosep.web.casebook.signatures tests/web/test_signing.py
    python benchmarks/mutation.py MODULE TESTS... --sample 40 --seed 1

The tests run once as they are, and must pass. Then each mutant lives in a process forked from that
one, which has everything imported and the test database filled: its functions are given the
mutant's code, and the tests run until the first fails. What no test notices is printed, with its
line. Only what a program does is changed: sentences for people, docstrings and types are not.
"""

import argparse
import ast
import copy
import importlib
import os
import random
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

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
SECONDS = 300  # after which a mutant counts as noticed: it does not end


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
    """Docstrings, types, decorators, values of a class: what no function can be given."""
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
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            hidden.append(node)
    return {id(inner) for each in hidden for inner in ast.walk(each)}


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
            yield f"another word for {text!r}", lambda n: setattr(n, "value", f"{text}_")
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


class Mutations:
    """The plugin that runs the tests once, then once for each mutant."""

    def __init__(self, module: str, *, sample: int, seed: int) -> None:
        self.name, self.sample, self.seed = module, sample, seed
        self.survivors: list[Mutant] = []
        self.count = self.of = 0

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """In place of pytest's own loop."""
        if not self._all_pass(session.items):
            pytest.exit("the tests do not pass as they are", 2)
        module = importlib.import_module(self.name)
        tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
        all_ = list(mutants_of(tree))
        chosen = random.Random(self.seed).sample(all_, min(self.sample or len(all_), len(all_)))
        self.count, self.of = len(chosen), len(all_)
        for mutant in sorted(chosen, key=lambda each: each.line):
            if not self._noticed(mutant, tree, module, session.items):
                self.survivors.append(mutant)
                print(f"\n  {self.name}:{mutant.line} {mutant.says}", flush=True)
        return True

    @staticmethod
    def _all_pass(items: list[pytest.Item]) -> bool:
        """Up to the first that fails. Session fixtures stay: there is always a test to come."""
        following = zip(items, [*items[1:], items[0]], strict=True)
        return not any(
            report.failed
            for item, after in following
            for report in runtestprotocol(item, log=False, nextitem=after)
        )

    def _noticed(
        self, mutant: Mutant, tree: ast.Module, module: ModuleType, items: list[pytest.Item]
    ) -> bool:
        child = os.fork()
        if child == 0:
            signal.alarm(SECONDS)
            try:
                transplant(_changed(tree, mutant), module)
                noticed = not self._all_pass(items)
            except BaseException:  # noqa: BLE001 - it cannot even be loaded: that is noticed
                noticed = True
            os._exit(1 if noticed else 0)
        _, status = os.waitpid(child, 0)
        return status != 0


def _changed(tree: ast.Module, mutant: Mutant) -> ast.Module:
    """A copy of the tree with the one change."""
    other = copy.deepcopy(tree)
    mutant.change(list(ast.walk(other))[mutant.node])
    return ast.fix_missing_locations(other)


def transplant(tree: ast.Module, module: ModuleType) -> None:
    """Give the functions that others hold already the mutant's code, and the module its values."""
    new = dict(module.__dict__)
    exec(compile(tree, str(module.__file__), "exec"), new)
    for name, value in new.items():
        _graft(module.__dict__.get(name), value, module)
        if not callable(value) and not name.startswith("__"):
            module.__dict__[name] = value


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
    """Mutate one module; the exit code says whether nine of ten were noticed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("module")
    parser.add_argument("tests", nargs="+")
    parser.add_argument("--sample", type=int, default=0, help="so many mutants; 0: all")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    made = Mutations(asked.module, sample=asked.sample, seed=asked.seed)
    options = ["-q", "-n0", "-p", "no:cacheprovider", "--no-header", "-m", "not slow"]
    pytest.main([*options, *asked.tests], plugins=[made])
    noticed = made.count - len(made.survivors)
    print(f"{asked.module}: {noticed} of {made.count} noticed ({made.of} there are)")
    return 0 if made.count and noticed >= 0.9 * made.count else 1


if __name__ == "__main__":
    sys.exit(main())
