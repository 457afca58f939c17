"""The tables of the endpoints: proportions, states, readings, times, means, order, estimands."""

from collections.abc import Callable, Iterator, Mapping

from immunosep.analysis.comparisons import Averaged, Compared, Survived
from immunosep.analysis.endpoints import EndpointResult, Filled
from immunosep.analysis.report_data import TrialAnalysis
from immunosep.report.trial import numbers
from immunosep.report.trial.missing_tables import imputed_note, imputed_row, missing_blocks
from immunosep.report.trial.model import Block, Cell, Row, Table, Words
from immunosep.report.trial.unknown_words import unknown_words

NOTHING = Cell(text="")
COMPARISON = ("Difference, points (95 % CI)", "Odds ratio (95 % CI)", "P")
METHODS = (
    "Difference in percentage points with Newcombe’s interval; odds ratio with Woolf’s; P by "
    "Fisher’s exact test, two-sided."
)


def derivation_of(result: EndpointResult) -> str:
    """The id of what says where an endpoint's numbers come from."""
    return f"derivation.{result.endpoint.id}"


def short_arm(analysis: TrialAnalysis, group: str) -> str:
    """An arm as the head of a column: 'Immunotherapy chosen by …' is too long for one."""
    label = next(one.label for one in analysis.groups if one.id == group)
    return label if len(label) <= 16 else label.split(" chosen ")[0].split(",")[0]


def short_state(label: str) -> str:
    """An immune state without what it is called as well, in brackets."""
    return label.split(" (")[0]


def endpoint_blocks(analysis: TrialAnalysis, result: EndpointResult) -> Iterator[Block]:
    """Everything about one endpoint, in the order in which it is read."""
    endpoint = result.endpoint
    if result.not_derived:
        yield Words(
            heading=endpoint.label,
            id=endpoint.id,
            paragraphs=(f"Not derived: {result.not_derived}.",),
        )
        return
    paragraphs = (*_introduced(result), unknown_words(analysis, result))
    yield Words(heading=endpoint.label, id=endpoint.id, paragraphs=tuple(filter(None, paragraphs)))
    if result.line is not None:
        yield proportions_table(analysis, result)
        yield from missing_blocks(result)
    if result.order is not None:
        yield _order_table(analysis, result)
        if analysis.compared:
            yield _order_compared(result)
    if result.numbers is not None:
        yield _numbers_table(analysis, result)
    if result.times is not None:
        yield from _times_table(analysis, result, result.times)
    if result.filled:
        yield _filled_table(analysis, result)
    yield _estimand(analysis, result)


def proportions_table(analysis: TrialAnalysis, result: EndpointResult) -> Table:
    """All participants, each immune state, the readings side by side, the adjusted odds ratio."""
    assert result.line is not None
    from_ = derivation_of(result)
    rows = [compared_row(result.line, derivation=from_, strong=True)]
    if result.by_state:
        rows.append(Row(label="By immune state"))
        rows += [compared_row(line, derivation=from_, indent=True) for line in result.by_state]
    if result.stratified is not None:
        rows += _stratified_rows(result, from_)
    if result.sensitivity:
        rows.append(Row(label="Read in another way"))
        rows += [
            compared_row(one.line, derivation=from_, indent=True) for one in result.sensitivity
        ]
        rows += imputed_row(result)
    if result.adjusted is not None:
        rows.append(_adjusted_row(result, from_))
    return Table(
        id=f"table.{result.endpoint.id}",
        caption=result.endpoint.label,
        head=head_of(analysis, comparison=COMPARISON),
        rows=tuple(rows),
        note=f"{METHODS}{imputed_note(result)}{_adjusted_note(result)}"
        if analysis.compared
        else "",
    )


def head_of(analysis: TrialAnalysis, *, comparison: tuple[str, ...] = ()) -> tuple[str, ...]:
    """A head: the groups with their sizes, then what compares them."""
    groups = tuple(
        f"{short_arm(analysis, group.id)} (n {int(group.members.sum()):,})"
        for group in analysis.groups
    )
    return ("", *groups, *(comparison if analysis.compared else ()))


def compared_row(
    line: Compared, *, derivation: str, indent: bool = False, strong: bool = False
) -> Row:
    """A line of a table of proportions."""
    cells = [
        numbers.events(counted, id_=f"{line.id}.{counted.group}", derivation=derivation)
        for counted in line.groups
    ]
    if len(line.groups) == 2:
        cells += [
            numbers.percent_points(line.difference, id_=f"{line.id}.difference",
                                   derivation=derivation),
            numbers.ratio(line.odds_ratio, id_=f"{line.id}.odds_ratio", derivation=derivation),
            numbers.p_value(line.fisher, id_=f"{line.id}.p", derivation=derivation),
        ]  # fmt: skip
    return Row(label=short_state(line.label), cells=tuple(cells), indent=indent, strong=strong)


def _stratified_rows(result: EndpointResult, from_: str) -> list[Row]:
    found, id_ = result.stratified, result.endpoint.id
    assert found is not None
    return [
        Row(
            label="States together (Mantel-Haenszel)",
            cells=(
                NOTHING, NOTHING, NOTHING,
                numbers.ratio(found.odds_ratio, id_=f"{id_}.mantel_haenszel", derivation=from_),
                numbers.p_value(found.test, id_=f"{id_}.mantel_haenszel.p", derivation=from_),
            ),
            indent=True,
        ),
        *(
            Row(
                label=f"Do the states differ? ({name})",
                cells=(
                    NOTHING, NOTHING, NOTHING, NOTHING,
                    numbers.p_value(test, id_=f"{id_}.{key}.p", derivation=from_),
                ),
                indent=True,
            )
            for name, key, test in (
                ("Breslow-Day", "breslow_day", found.breslow_day),
                ("Tarone", "tarone", found.tarone),
            )
        ),
    ]  # fmt: skip


def _adjusted_row(result: EndpointResult, from_: str) -> Row:
    found, id_ = result.adjusted, result.endpoint.id
    assert found is not None
    return Row(
        label="Adjusted",
        cells=(
            NOTHING, NOTHING, NOTHING,
            numbers.ratio(found.odds_ratio, id_=f"{id_}.adjusted", derivation=from_),
            numbers.p_value(found.test, id_=f"{id_}.adjusted.p", derivation=from_),
        ),
    )  # fmt: skip


def _adjusted_note(result: EndpointResult) -> str:
    found = result.adjusted
    if found is None:
        return ""
    by = ", ".join(name.replace("=", " ").replace("_", " ") for name in found.covariates)
    how = "Firth’s penalised logistic regression" if found.penalised else "logistic regression"
    without = f", without {found.left_out}" if found.left_out else ""
    return f" Adjusted by {how} for {by or 'nothing'}{without}; P by Wald’s test."


def _order_table(analysis: TrialAnalysis, result: EndpointResult) -> Table:
    found, from_, id_ = result.order, derivation_of(result), result.endpoint.id
    assert found is not None
    totals = {group: sum(counts) for group, counts in found.counts.items()}
    nobody = {group for group, total in totals.items() if not total and found.unknown[group]}
    rows = [
        Row(
            label=level.capitalize(),
            cells=tuple(
                numbers.unknown(id_=f"{id_}.{level}.{group}", derivation=from_)
                if group in nobody
                else numbers.number(counts[at], of=totals[group], id_=f"{id_}.{level}.{group}",
                                    derivation=from_)
                for group, counts in found.counts.items()
            ),
        )
        for at, level in enumerate(found.levels)
    ]  # fmt: skip
    rows.append(
        Row(
            label="Not recorded",
            cells=tuple(
                numbers.number(found.unknown[group], id_=f"{id_}.unknown.{group}",
                               derivation=from_)
                for group in found.counts
            ),
        )
    )  # fmt: skip
    return Table(
        id=f"table.{id_}",
        caption=result.endpoint.label,
        head=head_of(analysis),
        rows=tuple(rows),
    )


def _order_compared(result: EndpointResult) -> Table:
    found, from_, id_ = result.order, derivation_of(result), result.endpoint.id
    assert found is not None
    cells = (
        numbers.ratio(found.odds_ratio, id_=f"{id_}.odds_ratio", derivation=from_),
        numbers.p_value(found.test, id_=f"{id_}.p", derivation=from_),
        numbers.p_value(found.likelihood_ratio, id_=f"{id_}.ratio.p", derivation=from_),
        numbers.p_value(found.proportional, id_=f"{id_}.proportional.p", derivation=from_),
    )
    return Table(
        id=f"table.{id_}.compared",
        caption="Compared",
        head=("", "Odds ratio (95 % CI)", "P (Wald)", "P (likelihood ratio)",
              "P that odds are proportional (Brant)"),
        rows=(Row(label="A worse outcome", cells=cells, strong=True),),
    )  # fmt: skip


def _numbers_table(analysis: TrialAnalysis, result: EndpointResult) -> Table:
    assert result.numbers is not None
    from_ = derivation_of(result)
    lines = (result.numbers, *result.numbers_by_state)
    return Table(
        id=f"table.{result.numbers.id}.means",
        caption=f"{result.endpoint.label}: mean (SD)"
        if result.line is None
        else "The fall itself, points: mean (SD)",
        head=head_of(
            analysis,
            comparison=("Difference of means (95 % CI)", "P (Student)", "P (Welch)"),
        ),
        rows=tuple(_mean_row(line, from_) for line in lines),
    )


def _mean_row(line: Averaged, from_: str) -> Row:
    cells = [
        numbers.mean(one, id_=f"{line.id}.{one.group}.mean", derivation=from_)
        for one in line.groups
    ]
    if len(line.groups) == 2:
        cells += [
            numbers.points(line.student, id_=f"{line.id}.difference", derivation=from_),
            numbers.p_value(line.student_test, id_=f"{line.id}.student.p", derivation=from_),
            numbers.p_value(line.welch_test, id_=f"{line.id}.welch.p", derivation=from_),
        ]
    return Row(label=short_state(line.label), cells=tuple(cells))


def _times_table(
    analysis: TrialAnalysis, result: EndpointResult, times: Survived
) -> Iterator[Table]:
    if not analysis.compared:
        return
    from_, id_ = derivation_of(result), f"{result.endpoint.id}.time"
    rows = (
        ("Hazard ratio (Cox, Efron’s ties)",
         numbers.ratio(times.hazard_ratio, id_=f"{id_}.hazard_ratio", derivation=from_)),
        ("Hazard ratio, stratified by immune state",
         numbers.ratio(times.stratified_hazard_ratio, id_=f"{id_}.stratified", derivation=from_)),
        ("Log-rank test, P",
         numbers.p_value(times.log_rank, id_=f"{id_}.log_rank.p", derivation=from_)),
        ("Are hazards proportional? P (Grambsch-Therneau)",
         numbers.p_value(times.proportional, id_=f"{id_}.proportional.p", derivation=from_)),
        (f"Difference of restricted mean times to day {times.until_day}, days",
         numbers.points(times.restricted_difference, id_=f"{id_}.restricted", derivation=from_)),
    )  # fmt: skip
    yield Table(
        id=f"table.{id_}",
        caption="As a time",
        head=("", "Estimate (95 % CI)"),
        rows=tuple(Row(label=label, cells=(cell,)) for label, cell in rows),
        note=untimed(analysis, times),
    )


def untimed(analysis: TrialAnalysis, times: Survived) -> str:
    """Of how many of each group no time is known, if of any."""
    if not any(times.unknown.values()):
        return ""
    return f"Without those of whom no time is known: {_by_arm(analysis, times.unknown)}."


def _by_arm(analysis: TrialAnalysis, counts: Mapping[str, int]) -> str:
    return ", ".join(
        f"{count:,} ({short_arm(analysis, group)})" for group, count in counts.items()
    )  # fmt: skip


def _filled_table(analysis: TrialAnalysis, result: EndpointResult) -> Table:
    from_, id_ = derivation_of(result), result.endpoint.id
    lines: tuple[tuple[str, str, Callable[[Filled], int]], ...] = (
        ("Days with a score of their own", "observed", lambda one: one.days["observed"]),
        ("Days carried forward", "carried", lambda one: one.days["carried"]),
        ("Days dead, counted as the worst score", "dead", lambda one: one.days["dead"]),
        ("Participants with a day carried forward", "who", lambda one: one.participants_carried),
        ("Participants carried forward on the last day", "last",
         lambda one: one.carried_on_last_day),
        ("Participants who died and respond by the formula", "dead_responders",
         lambda one: one.dead_responders),
    )  # fmt: skip
    return Table(
        id=f"table.{id_}.filled",
        caption="How the days were filled",
        head=head_of(analysis),
        rows=tuple(
            Row(
                label=label,
                cells=tuple(
                    numbers.number(count(one), id_=f"{id_}.filled.{key}.{one.group}",
                                   derivation=from_)
                    for one in result.filled
                ),
            )
            for label, key, count in lines
        ),
    )  # fmt: skip


def _introduced(result: EndpointResult) -> Iterator[str]:
    endpoint = result.endpoint
    yield f"{endpoint.rank.capitalize()} endpoint. Planned analysis: {endpoint.analysis}."
    if endpoint.note:
        yield endpoint.note.replace("`", "")


def _estimand(analysis: TrialAnalysis, result: EndpointResult) -> Words:
    estimand = result.endpoint.estimand
    terms = [
        ("Treatment", estimand.treatment),
        ("Population", estimand.population),
        ("Variable", estimand.variable),
        ("Summary", estimand.summary),
    ]
    for one in result.happened:
        event = one.event
        said = "not counted" if one.counts is None else _by_arm(analysis, one.counts)
        if any(one.unknown.values()):
            said += f"; unknown of {_by_arm(analysis, one.unknown)}"
        terms.append(
            (
                f"Intercurrent event: {event.event}",
                f"{event.strategy.capitalize()}: {event.handling}. Happened to {said}.",
            )
        )
    return Words(heading="Estimand (ICH E9(R1))", terms=tuple(terms))
