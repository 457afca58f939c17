"""The operations a rule may use: those that every engine was seen to answer alike.

Ibis writes the same expression for DuckDB and for Spark, but four operations are silently wrong on
one of them: `last` over a window ignoring NULLs (ibis issue 11726), `epoch_seconds` without a cast
(ibis issue 11928), the difference of two timestamps in hours (clock boundaries on DuckDB, elapsed
hours on Spark), and a whole number over a decimal (cut to six places on Spark). Spark has no as-of
join, and DuckDB no cast of a time to seconds. So rules use integer seconds, and this lint refuses
every operation that is not on the list.
"""

import ibis.expr.operations as ops
from ibis.expr import types as ir

from immunosep.errors import OperationError

ALLOWED = (
    # tables and columns
    ops.UnboundTable, ops.DatabaseTable, ops.InMemoryTable, ops.Field, ops.Literal, ops.Project,
    ops.Filter, ops.Aggregate, ops.JoinChain, ops.JoinReference, ops.JoinLink, ops.Union,
    ops.Distinct, ops.Sort, ops.SelfReference, ops.TableUnnest, ops.Unnest, ops.Alias,
    ops.DropColumns,
    ops.SortKey, ops.ExistsSubquery, ops.InSubquery,
    # comparison and three-valued logic
    ops.Equals, ops.NotEquals, ops.Less, ops.LessEqual, ops.Greater, ops.GreaterEqual, ops.Between,
    ops.InValues, ops.IsNull, ops.NotNull, ops.And, ops.Or, ops.Not, ops.NullIf,
    # arithmetic
    ops.Add, ops.Subtract, ops.Multiply, ops.Divide, ops.FloorDivide, ops.Modulus, ops.Negate,
    ops.Abs, ops.Round, ops.Floor, ops.Ceil, ops.Greatest, ops.Least, ops.Cast,
    # words of bits
    ops.BitwiseAnd, ops.BitwiseRightShift,
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

ALLOWED_BY_NAME = ("bit_or",)  # engines' own aggregates that Ibis does not write for all of them


def check_operations(rule: ir.Expr, *, name: str) -> None:
    """Raise OperationError naming every operation of `rule` that is outside `ALLOWED`."""
    refused = sorted({_refusal(node) for node in rule.op().find(_refusal)})
    if refused:
        raise OperationError(
            f"rule {name!r} uses {', '.join(refused)}; engines do not answer "
            f"{'these' if len(refused) > 1 else 'this'} alike. Write it with the operations of "
            "immunosep.concepts.operations.ALLOWED, times as integer seconds."
        )


def _refusal(node: ops.Node) -> str:
    """What to call the operation in a refusal; empty if it is allowed."""
    match node:
        case ops.JoinLink(how="asof"):
            return "an as-of join"
        case ops.Cast(arg=ops.Value() as cast) if cast.dtype.is_temporal():
            return "a cast of a time"
        case (
            ops.Divide(left=left, right=ops.Literal() as by)
            | ops.Multiply(left=left, right=ops.Literal() as by)
        ) if left.dtype.is_integer() and by.dtype.is_floating():
            return "a whole number times or over a decimal"  # Spark answers in decimals, cut short
        case ops.AggUDF() if node.__func_name__ in ALLOWED_BY_NAME:
            return ""
        case _:
            return "" if isinstance(node, ALLOWED) else type(node).__name__
