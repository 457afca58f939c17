"""How a trial is run, as rows of its page: consent, screening forms, supply."""

from collections.abc import Iterable, Mapping
from typing import assert_never

from rich.console import RenderableType
from rich.text import Text

from immunosep.protocol.consent import ConsentPlan
from immunosep.protocol.forms import Form
from immunosep.protocol.supply import SupplyModel, SupplyPlan
from immunosep.protocol.treatment import Route

Rows = Iterable[tuple[str, RenderableType]]


def consent_rows(plan: ConsentPlan | None) -> Rows:
    """Who may consent, and where it may wait."""
    if plan is None:
        return ()
    deferred = f"in {', '.join(plan.deferred_countries)}" if plan.deferred_countries else ""
    within = f", within {plan.deferred_within_hours:g} h" if plan.deferred_within_hours else ""
    return _said(
        {
            "Given by": ", ".join(plan.given_by),
            "Relatives": plan.relatives,
            "Deferred": f"{deferred}{within}",
            "Language": plan.language_note,
            "Source": plan.source,
        }
    )


def form_row(form: Form) -> tuple[str, RenderableType]:
    """A form: its heading, who fills it in, its columns."""
    about = Text(f"{form.label} ({form.filled_by})\n{', '.join(form.columns)}")
    if form.help:
        about.append(f"\n{form.help}", style="dim")
    return form.id, about


def supply_rows(plan: SupplyPlan | None) -> Rows:
    """How treatment is kept, made up or packed, and labelled."""
    if plan is None:
        return ()
    return _said(
        {
            "Storage": f"{plan.storage_low_c:g} to {plan.storage_high_c:g} °C; up to "
            f"{plan.excursion_days_allowed:g} days outside {plan.excursion_low_c:g} to "
            f"{plan.excursion_high_c:g} °C",
            **_model(plan),
            "Second check": "yes" if plan.second_check else "no",
            "Every label": "\n".join(plan.label_lines),
            "Source": plan.source,
        }
    )


def _model(plan: SupplyPlan) -> dict[str, str]:
    match plan.model:
        case SupplyModel.PREPARED:
            return {
                "Model": "made up by an unblinded pharmacist",
                "Doses made up at a time": _by_route(plan.doses_per_order),
                "Made up, it keeps": _by_route(plan.prepared_shelf_life_hours, unit=" h"),
            }
        case SupplyModel.KITS:
            return {
                "Model": "numbered kits that look alike",
                "Kits for a full course": f"{plan.kits_per_component} of each component, "
                f"{plan.spare_kits_per_component} spare",
            }
        case _:
            assert_never(plan.model)


def _by_route(values: Mapping[Route, float], *, unit: str = "") -> str:
    return ", ".join(f"{route.value.upper()} {value:g}{unit}" for route, value in values.items())


def _said(facts: dict[str, str]) -> Rows:
    return [(name, Text(fact)) for name, fact in facts.items() if fact]
