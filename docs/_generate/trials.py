"""docs/reference/trials.md: each trial as it says itself: whom, how, and why so."""

from collections.abc import Iterable, Mapping

from docs._generate import markdown
from immunosep.protocol.casebook import CaseForm
from immunosep.protocol.consent import ConsentPlan
from immunosep.protocol.criteria import Criterion, ImmuneState
from immunosep.protocol.forms import Form
from immunosep.protocol.provenance import Choice, Reference
from immunosep.protocol.supply import SupplyModel, SupplyPlan
from immunosep.protocol.treatment import Route
from immunosep.protocol.trial import Trial
from immunosep.trials import TRIALS


def page() -> str:
    """A section for each trial that ships with the package."""
    return markdown.page(*(part for trial in TRIALS.values() for part in _sections(trial)))


def _sections(trial: Trial) -> list[str]:
    name = trial.acronym or trial.id
    return [
        f"## {name}: {trial.title}",
        f"`--trial {trial.id}` · {', '.join(trial.registry_ids)} · {trial.version}",
        trial.summary,
        f"Digest: `{trial.digest}`",
        *_titled(f"### {name}, inclusion", _criteria(trial.inclusion)),
        *_titled(f"### {name}, exclusion", _criteria(trial.exclusion)),
        *_titled(f"### {name}, immune states", _states(trial.immune_states)),
        *_titled(f"### {name}, consent", _rows(_consent(trial.consent))),
        *_titled(f"### {name}, screening forms", _forms(trial.screening_forms)),
        *_titled(f"### {name}, casebook", _casebook(trial.casebook)),
        *_titled(f"### {name}, supply", _rows(_supply(trial.supply))),
        *_titled(f"### {name}, choices where sources disagree", _choices(trial.choices)),
        *_titled(f"### {name}, references", _references(trial.references)),
    ]


def _titled(title: str, text: str) -> list[str]:
    return [title, text] if text else []


def _criteria(criteria: Iterable[Criterion]) -> str:
    return markdown.table(
        ["no.", "id", "criterion", "limit", "reads", "source", "note"],
        ([str(one.number or ""), f"`{one.id}`", one.text, *_rule(one)] for one in criteria),
    )


def _states(states: Iterable[ImmuneState]) -> str:
    return markdown.table(
        ["id", "state", "limit", "reads", "source", "note"],
        ([f"`{one.id}`", one.label, *_rule(one)] for one in states),
    )


def _rule(one: Criterion | ImmuneState) -> list[str]:
    return [one.limit, _code(one.reads), one.source, one.note]


def _rows(facts: dict[str, str]) -> str:
    return markdown.table(["", ""], ([name, said] for name, said in facts.items() if said))


def _consent(plan: ConsentPlan | None) -> dict[str, str]:
    if plan is None:
        return {}
    return {
        "given by": ", ".join(plan.given_by),
        "relatives": plan.relatives,
        "deferred in": ", ".join(plan.deferred_countries),
        "made good within": f"{plan.deferred_within_hours:g} h"
        if plan.deferred_within_hours
        else "",
        "language": plan.language_note,
        "source": plan.source,
    }


def _forms(forms: Iterable[Form]) -> str:
    return markdown.table(
        ["id", "form", "filled in by", "columns", "help"],
        ([f"`{one.id}`", one.label, one.filled_by, _code(one.columns), one.help] for one in forms),
    )


def _casebook(forms: Iterable[CaseForm]) -> str:
    return markdown.table(
        ["id", "form", "when", "columns", "hidden until the lock", "checks"],
        (
            [
                f"`{one.id}`",
                one.label,
                f"each visit that assesses {one.assessment}" if one.assessment else "a log",
                _code(one.columns),
                _code(one.hidden),
                " ".join(check.says for check in one.checks),
            ]
            for one in forms
        ),
    )


def _supply(plan: SupplyPlan | None) -> dict[str, str]:
    if plan is None:
        return {}
    return {
        "model": plan.model,
        "storage, °C": f"{plan.storage_low_c:g} to {plan.storage_high_c:g}",
        "excursions": f"up to {plan.excursion_days_allowed:g} days outside "
        f"{plan.excursion_low_c:g} to {plan.excursion_high_c:g} °C",
        "doses made up at a time": _by_route(plan.doses_per_order),
        "hours they keep": _by_route(plan.prepared_shelf_life_hours),
        "kits for a full course": _kits(plan),
        "every label": " / ".join(plan.label_lines),
        "second check": "yes" if plan.second_check else "no",
        "source": plan.source,
    }


def _kits(plan: SupplyPlan) -> str:
    if plan.model is not SupplyModel.KITS:
        return ""
    return f"{plan.kits_per_component} of each component, {plan.spare_kits_per_component} spare"


def _by_route(values: Mapping[Route, float]) -> str:
    return ", ".join(f"{route.value}: {value:g}" for route, value in values.items())


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _choices(choices: Iterable[Choice]) -> str:
    return markdown.table(
        ["id", "question", "taken here", "instead of", "because", "source"],
        ([f"`{one.id}`", one.question, one.taken, *_why(one)] for one in choices),
    )


def _why(one: Choice) -> list[str]:
    return ["; ".join(one.alternatives), one.because, one.source]


def _references(references: Iterable[Reference]) -> str:
    return markdown.table(
        ["cited as", "reference"], ([one.short, one.citation] for one in references)
    )
