"""Rules in words, and how one rule differs from another: read from their expression trees.

Two rules are compared operation by operation, never by how their Python was written, so that a rule
that was merely laid out otherwise has no difference, and a limit that moved is told as a number.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import ibis.expr.operations as ops
from ibis.expr import types as ir

from immunosep.protocol.digest import plain_of
from immunosep.tables.dictionary import COLUMNS
from immunosep.tables.units import UNIT_SIGNS

BOUNDS: Mapping[type[ops.Node], str] = {
    ops.Less: "below {}",
    ops.LessEqual: "{} or less",
    ops.Greater: "above {}",
    ops.GreaterEqual: "{} or more",
    ops.Equals: "{}",
    ops.NotEquals: "not {}",
}
MIRRORED: Mapping[type[ops.Node], type[ops.Node]] = {
    ops.Less: ops.Greater,
    ops.LessEqual: ops.GreaterEqual,
    ops.Greater: ops.Less,
    ops.GreaterEqual: ops.LessEqual,
    ops.Equals: ops.Equals,
    ops.NotEquals: ops.NotEquals,
}
OTHERWISE = "the rule is written otherwise"
MORE = {ops.And: "now also asks that", ops.Or: "now also holds if"}
LESS = {ops.And: "no longer asks that", ops.Or: "no longer holds if"}


def rule_in_words(rule: ir.Expr) -> str:
    """What a rule asks, in words and signs of the data dictionary."""
    return _words(rule.op())


def differences_of_rules(old: ir.Expr, new: ir.Expr) -> list[str]:
    """Each place where two rules differ: `below 1,000 per mm³, was 1,500`; none if nowhere."""
    if plain_of(old) == plain_of(new):
        return []
    subject = len(_columns(old.op()) | _columns(new.op())) > 1
    found = list(_differ(old.op(), new.op(), subject=subject))
    return list(dict.fromkeys(found))


def number_in_words(value: float) -> str:
    """A number as a person writes it, thousands apart."""
    return f"{value:,.12g}"


def _differ(old: ops.Node, new: ops.Node, *, subject: bool) -> Iterator[str]:
    if plain_of(old) == plain_of(new):
        return
    match old, new:
        case (ops.And(), ops.And()) | (ops.Or(), ops.Or()):
            yield from _operands_differ(old, new, subject=subject)
        case ops.Not(), ops.Not():
            yield from _differ(old.arg, new.arg, subject=subject)
        case ops.InValues(), ops.InValues() if plain_of(old.value) == plain_of(new.value):
            yield from _options_differ(old, new, subject=subject)
        case _:
            yield _other_bound(old, new, subject=subject) or _was(_words(old), _words(new))


def _operands_differ(old: ops.Node, new: ops.Node, *, subject: bool) -> Iterator[str]:
    """What two chains of `and`, or of `or`, do not share, those about the same columns paired."""
    kind = type(old)
    before, after = _flat(old, kind), _flat(new, kind)
    gone = [each for each in before if not _has(after, each)]
    come = [each for each in after if not _has(before, each)]
    if not gone and not come:  # the same terms in another order, or one said twice
        yield OTHERWISE
    for each in list(gone):
        twin = next((one for one in come if _columns(one) == _columns(each)), None)
        if twin is not None:
            gone.remove(each)
            come.remove(twin)
            yield from _differ(each, twin, subject=subject)
    yield from (f"{MORE[kind]} {_words(each)}" for each in come)
    yield from (f"{LESS[kind]} {_words(each)}" for each in gone)


def _has(terms: list[ops.Node], term: ops.Node) -> bool:
    return any(_sign(each) == _sign(term) for each in terms)


def _sign(node: ops.Node) -> str:
    return repr(plain_of(node))


def _options_differ(old: ops.Node, new: ops.Node, *, subject: bool) -> Iterator[str]:
    about = f"{_words(new.value)}: " if subject else ""
    before, after = ([_words(each) for each in node.options] for node in (old, new))
    come = [word for word in after if word not in before]
    gone = [word for word in before if word not in after]
    said = [f"now also {', '.join(come)}"] if come else []
    said += [f"no longer {', '.join(gone)}"] if gone else []
    yield about + ("; ".join(said) or OTHERWISE)


def _other_bound(old: ops.Node, new: ops.Node, *, subject: bool) -> str:
    """Two comparisons of one thing with a literal: the new bound, and what it was."""
    one, other = _bound(old), _bound(new)
    if one is None or other is None or plain_of(one[0]) != plain_of(other[0]):
        return ""
    about = f"{_words(other[0])} " if subject else ""
    same_side = one[1] is other[1] and all(_is_number(held[2].value) for held in (one, other))
    was = number_in_words(one[2].value) if same_side else _said(*one)
    return _was(was, f"{about}{_said(*other)}")


def _bound(node: ops.Node) -> tuple[ops.Node, type[ops.Node], ops.Literal] | None:
    """A comparison with a literal: what is compared, how, with what."""
    if type(node) not in BOUNDS:
        return None
    if isinstance(node.right, ops.Literal):
        return node.left, type(node), node.right
    if isinstance(node.left, ops.Literal):
        return node.right, MIRRORED[type(node)], node.left
    return None


def _said(about: ops.Node, how: type[ops.Node], literal: ops.Literal) -> str:
    exactly = "exactly " if how is ops.Equals and _is_number(literal.value) else ""
    return exactly + BOUNDS[how].format(f"{_words(literal)}{_unit(about)}")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _was(old: str, new: str) -> str:
    return f"{new}, was {old}" if old != new else OTHERWISE


def _words(node: Any) -> str:
    if (bound := _bound(node) if isinstance(node, ops.Node) else None) is not None:
        verb = "is " if bound[1] in (ops.Equals, ops.NotEquals) else ""
        return f"{_words(bound[0])} {verb}{_said(*bound)}"
    match node:
        case ops.Field():
            return _label(node.name)
        case ops.Literal():
            return _literal(node.value)
        case ops.InValues():
            return f"{_words(node.value)} is one of {', '.join(map(_words, node.options))}"
        case ops.And() | ops.Or():
            between = " and " if isinstance(node, ops.And) else " or "
            return between.join(_bracketed(each) for each in _flat(node, type(node)))
        case ops.Not():
            return f"not {_bracketed(node.arg)}"
        case ops.IsNull():
            return f"{_words(node.arg)} is unknown"
        case ops.Cast():
            return _words(node.arg)
        case ops.Node():
            return f"{_operation(node)} of {', '.join(_words(held) for held in _held(node))}"
        case tuple() | list():
            return ", ".join(_words(held) for held in node)
        case _:
            return _literal(node)


def _bracketed(node: ops.Node) -> str:
    return f"({_words(node)})" if isinstance(node, ops.And | ops.Or) else _words(node)


def _held(node: ops.Node) -> list[Any]:
    return [held for held in node.__args__ if held is not None and held != ()]


def _operation(node: ops.Node) -> str:
    return re.sub(r"(?<!^)([A-Z])", r" \1", type(node).__name__).lower()


def _flat(node: ops.Node, kind: type[ops.Node]) -> list[ops.Node]:
    if not isinstance(node, kind):
        return [node]
    return [*_flat(node.left, kind), *_flat(node.right, kind)]


def _columns(node: ops.Node) -> frozenset[str]:
    return frozenset(field.name for field in node.find(ops.Field))


def _label(name: str) -> str:
    label = COLUMNS[name].label if name in COLUMNS else name.replace("_", " ")
    keeps = label[:2].isupper() or label[:1] == label[:2]
    return label if keeps else label[0].lower() + label[1:]


def _literal(value: Any) -> str:
    match value:
        case None:
            return "unknown"
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return number_in_words(value)
        case _:
            return str(value).replace("_", " ")


def _unit(about: ops.Node) -> str:
    """The unit of the one column that is compared, behind a number; nothing where there is none."""
    names = _columns(about)
    codes = {COLUMNS[name].unit for name in names if name in COLUMNS}
    if len(names) != 1 or not codes or codes == {""}:
        return ""
    sign = UNIT_SIGNS.get(code := codes.pop(), code)
    return f" per {sign[1:]}" if sign.startswith("/") else f" {sign}"
