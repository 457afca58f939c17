"""What missing scores could hide: the answer with them imputed, made worse, or taken either way."""

from collections.abc import Iterator

from immunosep.analysis.endpoints import EndpointResult
from immunosep.analysis.missing_scores import ALPHA, ImputedResponse
from immunosep.report.trial import numbers
from immunosep.report.trial.model import Block, Cell, Row, Table, Words

IMPUTATION = "derivation.imputation"


def imputed_row(result: EndpointResult) -> Iterator[Row]:
    """The line beside the other readings of the endpoint."""
    found, id_ = result.imputed, f"{result.endpoint.id}.imputed"
    if found is None or found.why_not or result.line is None:
        return
    shares = tuple(
        Cell(
            text=f"{100 * share:.1f}{numbers.TOGETHER}%",
            id=f"{id_}.{group.group}",
            value={"share": share, "imputations": found.imputations},
            derivation=IMPUTATION,
        )
        for share, group in zip(found.shares, result.line.groups, strict=True)
    )
    yield Row(
        label=f"Missing scores imputed, {found.imputations} times",
        cells=(
            *shares,
            numbers.percent_points(
                found.difference, id_=f"{id_}.difference", derivation=IMPUTATION
            ),
            numbers.ratio(found.odds_ratio, id_=f"{id_}.odds_ratio", derivation=IMPUTATION),
            numbers.p_value(found.test, id_=f"{id_}.p", derivation=IMPUTATION),
        ),
        indent=True,
    )


def imputed_note(result: EndpointResult) -> str:
    """By what the line of imputed scores is worked out, where there is one."""
    if result.imputed is None or result.imputed.why_not:
        return ""
    return " Of imputed scores: Wald’s intervals and test, pooled by Rubin’s rules."


def missing_blocks(result: EndpointResult) -> Iterator[Block]:
    """The shifts and where the conclusion tips; and the unknown taken either way."""
    found, way = result.imputed, result.either_way
    if found is not None and found.why_not:
        yield Words(
            heading="Missing scores imputed",
            paragraphs=(f"Not done: {found.why_not}.",),
        )
    elif found is not None and found.shifted:
        yield _shifts_table(result, found)
    if way is not None:
        yield Words(
            heading="Unknown responses taken either way",
            paragraphs=(
                f"Those whose response is unknown could have gone in {way.ways:,} ways, by how "
                f"many of each arm responded; in {way.significant:,} of them P is {ALPHA:g} or "
                "less by Fisher’s exact test.",
            ),
        )


def _shifts_table(result: EndpointResult, found: ImputedResponse) -> Table:
    id_ = f"{result.endpoint.id}.shift"
    return Table(
        id=f"table.{id_}",
        caption="If the treated arm’s missing scores were worse than imputed",
        head=("Points added to each", "Difference, points (95 % CI)", "P"),
        rows=tuple(
            Row(
                label=f"{line.points:g}",
                cells=(
                    numbers.percent_points(
                        line.difference,
                        id_=f"{id_}.{line.points:g}.difference",
                        derivation=IMPUTATION,
                    ),
                    numbers.p_value(
                        line.test, id_=f"{id_}.{line.points:g}.p", derivation=IMPUTATION
                    ),
                ),
            )
            for line in found.shifted
        ),
        note=f"{found.filled:,} missing daily scores were filled in, and each of the treated "
        f"arm’s after the first day made worse by these points, to 24 at most. {_tips(found)}",
    )


def _tips(found: ImputedResponse) -> str:
    assert found.test is not None
    p = found.test.p_value
    now = "P is not estimable" if p is None else f"P is {numbers.say_p(p)}"
    if found.tips_at is None:
        return f"With nothing added {now}; by none of these does it pass {ALPHA:g}."
    return (
        f"With nothing added {now}; the conclusion tips at {found.tips_at:g} points (P {ALPHA:g})."
    )
