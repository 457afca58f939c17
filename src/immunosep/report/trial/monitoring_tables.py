"""For a monitoring committee: limits at the looks, the look now, power, and what is to come."""

from collections.abc import Iterator
from datetime import date
from math import isfinite

from immunosep.analysis.interim.boundaries import Boundaries
from immunosep.analysis.interim.events import EventForecast
from immunosep.analysis.monitoring import LookNow, Monitoring
from immunosep.analysis.report_data import TrialAnalysis
from immunosep.protocol.interim import Looks
from immunosep.report.trial.model import Block, Cell, Row, Table, Words
from immunosep.report.trial.numbers import MINUS, TOGETHER
from immunosep.screening.recruitment import RecruitmentForecast

MONITORING = "derivation.monitoring"
SIDES = {1: "one-sided", 2: "two-sided"}


def monitoring_blocks(analysis: TrialAnalysis) -> Iterator[Block]:
    """Everything of the chapter; nothing in a final report."""
    found = analysis.monitoring
    if found is None:
        return
    yield _plan(found)
    if found.limits is not None:
        yield _limits_table(found.limits)
    if found.now is not None:
        yield _now_table(analysis, found.now)
    if found.recruitment is not None:
        yield _recruitment_table(found.recruitment)
    if found.events is not None and found.events_of is not None:
        yield _events_table(found.events, found.events_of.label)
    if found.recruitment is None and found.events is None:
        yield Words(
            heading="What is to come",
            paragraphs=("The planned number has joined and was followed: nothing to forecast.",),
        )


def _plan(found: Monitoring) -> Words:
    if found.looks is None:
        said = "The trial’s value plans no look before the end"
        said += (
            "." if found.limits is None else ": the limit below is that of one test, at the end."
        )
        return Words(heading="Looks", paragraphs=(said,))
    return Words(heading="Looks", paragraphs=(_planned(found.looks),))


def _planned(looks: Looks) -> str:
    name = looks.spending.value.replace("_", " ")
    binding = ""
    if looks.futility is not None:
        binding = f" Futility is {'binding' if looks.futility.binding else 'not binding'}."
    return (
        f"{len(looks.information)} looks, alpha {looks.alpha:g} {SIDES[looks.sided]}, shared by "
        f"{name}.{binding} Source: {looks.source}."
    )


def _limits_table(limits: Boundaries) -> Table:
    heads = ["Look", "Information", "Efficacy from z"]
    if limits.lower is not None:
        heads.append("Hopeless below z")
    return Table(
        id="table.limits",
        caption="Limits at the planned looks",
        head=tuple(heads),
        rows=tuple(_limit_row(limits, at) for at in range(len(limits.information))),
        note="z of the treated arm against the control, above 0 in favour of the treatment."
        if limits.sided == 1
        else "z of the treated arm against the control; the mirror image is a limit as well.",
    )


def _limit_row(limits: Boundaries, at: int) -> Row:
    id_ = f"limits.{at + 1}"
    cells = [
        _cell(f"{100 * limits.information[at]:.1f}{TOGETHER}%", limits.information[at],
              f"{id_}.information"),
        _z(limits.upper[at], f"{id_}.upper"),
    ]  # fmt: skip
    if limits.lower is not None:
        cells.append(_z(limits.lower[at], f"{id_}.lower"))
    return Row(label=str(at + 1), cells=tuple(cells))


def _now_table(analysis: TrialAnalysis, now: LookNow) -> Table:
    rows = [
        (f"Participants with an answer, of {now.planned:,} planned",
         _cell(f"{now.known:,}", now.known, "look.known")),
        ("Information",
         _cell(f"{100 * now.information:.1f}{TOGETHER}%", now.information, "look.information")),
    ]  # fmt: skip
    if now.limits is not None:
        rows.append(("Efficacy from z, at this look", _z(now.limits.upper[-1], "look.upper")))
    if analysis.compared:
        rows += _powers(now)
    return Table(
        id="table.look",
        caption=f"The look now: {now.endpoint.label}",
        head=("", "Value"),
        rows=tuple(Row(label=label, cells=(cell,)) for label, cell in rows),
        note=_now_note(now),
    )


def _now_note(now: LookNow) -> str:
    if now.z is None:
        return ""
    said = "z on the pooled proportion, above 0 in favour of the treated arm."
    if now.power is None:
        return f"{said} All the information is there: no power is left to foretell."
    return (
        f"{said} Power: the chance to pass an upper limit still to come, were the effect as named; "
        "predictive power averages it over what this look leaves likely, each effect having been "
        "as likely before."
    )


def _powers(now: LookNow) -> list[tuple[str, Cell]]:
    rows = [("z", _z(now.z, "look.z"))]
    if now.power is None:
        return rows
    told = (
        ("as planned", now.power.design, "design"),
        ("as seen so far", now.power.trend, "trend"),
        ("none", now.power.null, "null"),
    )
    rows += [
        (f"Conditional power, the effect being {words}", _share(value, f"look.conditional.{id_}"))
        for words, value, id_ in told
    ]
    return [*rows, ("Predictive power", _share(now.predictive, "look.predictive"))]


def _recruitment_table(found: RecruitmentForecast) -> Table:
    rows = [
        Row(
            label=_said(by.day),
            cells=(
                _cell(
                    f"{by.expected:.0f} ({by.low:,} to {by.high:,})",
                    {"expected": by.expected, "low": by.low, "high": by.high},
                    f"recruitment.{by.day}",
                ),
            ),
        )
        for by in found.curve
    ]
    ends = {"early": found.early, "middle": found.middle, "late": found.late}
    said = {name: None if day is None else day.isoformat() for name, day in ends.items()}
    middle, early, late = (_said(day) for day in (found.middle, found.early, found.late))
    rows.append(
        Row(
            label=f"All {found.target:,} there",
            cells=(_cell(f"{middle} ({early} to {late})", said, "recruitment.target"),),
            strong=True,
        )
    )
    return Table(
        id="table.recruitment",
        caption=f"Randomised, as forecast from the {found.enrolled:,} so far",
        head=("By the beginning of", "Expected (95 % interval)"),
        rows=tuple(rows),
        note="Each centre at a rate of its own, those that have screened anybody; a centre counts "
        "as open from the first patient it screened.",
    )


def _events_table(found: EventForecast, label: str) -> Table:
    return Table(
        id="table.events",
        caption=f"{label}: events, as forecast from the {found.events:,} so far, arms together",
        head=("In", "Expected (95 % interval)"),
        rows=tuple(
            Row(
                label=f"{by.days_ahead:g} days",
                cells=(
                    _cell(
                        f"{by.expected:.0f} ({by.low:,} to {by.high:,})",
                        {"expected": by.expected, "low": by.low, "high": by.high},
                        f"events.in.{by.days_ahead:g}",
                    ),
                ),
            )
            for by in found.curve
        ),
        note="Of those under observation and those still to join, at the hazard so far.",
    )


def _said(day: date | None) -> str:
    return "not within 20 years" if day is None else f"{day.day} {day.strftime('%B %Y')}"


def _z(value: float | None, id_: str) -> Cell:
    if value is None or not isfinite(value):
        return _cell("none", None, id_)
    return _cell(f"{value:.3f}".replace("-", MINUS), value, id_)


def _share(value: float | None, id_: str) -> Cell:
    return _cell("no effect is planned" if value is None else f"{value:.3f}", value, id_)


def _cell(text: str, value: object, id_: str) -> Cell:
    return Cell(text=text, id=id_, value=value, derivation=MONITORING)
