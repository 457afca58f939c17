"""The operations a rule may use: those that every engine was seen to answer alike.

Ibis writes the same expression for DuckDB and for Spark, but three operations are silently wrong on
one of them: `last` over a window ignoring NULLs (ibis issue 11726), `epoch_seconds` without a cast
(ibis issue 11928), and the difference of two timestamps in hours (clock boundaries on DuckDB,
elapsed hours on Spark). An as-of join is refused by Spark. So rules use integer seconds, and this
lint refuses every operation that is not on the list.
"""

import ibis.expr.operations as ops
from ibis.expr import types as ir

from immunosep.errors import OperationError

ALLOWED = (
    # tables and columns
    ops.UnboundTable, ops.DatabaseTable, ops.InMemoryTable, ops.Field, ops.Literal, ops.Project,
    ops.Filter, ops.Aggregate, ops.JoinChain, ops.JoinReference, ops.JoinLink, ops.Union,
    ops.Distinct, ops.Sort, ops.SelfReference, ops.TableUnnest, ops.Alias, ops.DropColumns,
    ops.SortKey, ops.ExistsSubquery, ops.InSubquery,
    # comparison and three-valued logic
    ops.Equals, ops.NotEquals, ops.Less, ops.LessEqual, ops.Greater, ops.GreaterEqual, ops.Between,
    ops.InValues, ops.IsNull, ops.NotNull, ops.And, ops.Or, ops.Not, ops.NullIf,
    # arithmetic
    ops.Add, ops.Subtract, ops.Multiply, ops.Divide, ops.FloorDivide, ops.Modulus, ops.Negate,
    ops.Abs, ops.Round, ops.Floor, ops.Ceil, ops.Greatest, ops.Least, ops.Cast,
    # choosing
    ops.SearchedCase, ops.SimpleCase, ops.IfElse, ops.Coalesce,
    # aggregates and windows
    ops.Count, ops.CountStar, ops.CountDistinct, ops.Sum, ops.Mean, ops.Max, ops.Min,
    ops.ArgMax, ops.ArgMin,
    ops.Any, ops.All, ops.WindowFunction, ops.RowNumber, ops.Lag, ops.Lead, ops.WindowBoundary,
    ops.IntegerRange,
    # words
    ops.Lowercase, ops.Uppercase, ops.Strip, ops.StringContains, ops.StartsWith, ops.EndsWith,
    ops.StringLength, ops.Substring, ops.StringConcat, ops.RegexSearch,
)  # fmt: skip


def check_operations(rule: ir.Expr, *, name: str) -> None:
    """Raise OperationError naming every operation of `rule` that is outside `ALLOWED`."""
    refused = sorted({_spoken(node) for node in rule.op().find(_is_refused)})
    if refused:
        raise OperationError(
            f"rule {name!r} uses {', '.join(refused)}; engines do not answer "
            f"{'these' if len(refused) > 1 else 'this'} alike. Write it with the operations of "
            "immunosep.concepts.operations.ALLOWED, times as integer seconds."
        )


def _is_refused(node: object) -> bool:
    return not isinstance(node, ALLOWED) or _is_as_of_join(node)


def _is_as_of_join(node: object) -> bool:
    return isinstance(node, ops.JoinLink) and node.how == "asof"


def _spoken(node: object) -> str:
    return "an as-of join" if _is_as_of_join(node) else type(node).__name__
