"""Looks before a trial's end, as rows of its page: when, how alpha is shared, the limits of z."""

from math import isfinite

from rich.text import Text

from immunosep.cli.pages.conduct import Rows
from immunosep.protocol.interim import Futility, Looks, Spending

NAMES = {
    Spending.OBRIEN_FLEMING: "O'Brien & Fleming",
    Spending.POCOCK: "Pocock",
    Spending.WANG_TSIATIS: "Wang & Tsiatis",
    Spending.HAYBITTLE_PETO: "Haybittle & Peto",
    Spending.LAN_DEMETS_OBRIEN_FLEMING: "Lan & DeMets in the manner of O'Brien & Fleming",
    Spending.LAN_DEMETS_POCOCK: "Lan & DeMets in the manner of Pocock",
    Spending.HWANG_SHIH_DECANI: "Hwang, Shih & DeCani",
    Spending.KIM_DEMETS: "Kim & DeMets",
}


def looks_rows(looks: Looks | None) -> Rows:
    """The plan, with the limits that follow from it."""
    if looks is None:
        return ()
    from immunosep.analysis.interim.boundaries import find_boundaries

    limits = find_boundaries(looks)
    sides = {1: "one-sided", 2: "two-sided"}[looks.sided]
    rows = {
        "After": _shares(looks.information),
        "Compares": looks.tests,
        "Alpha": f"{looks.alpha:g} {sides}, {_named(looks.spending, looks.parameter)}",
        "Efficacy from z": _limits(limits.upper),
        "Hopeless below z": _limits(limits.lower[:-1]) if limits.lower else "",
        "Futility": _futility(looks.futility) if looks.futility else "",
        "Source": looks.source,
    }
    return [(name, Text(said)) for name, said in rows.items() if said]


def _shares(information: tuple[float, ...]) -> str:
    early = [f"{100 * share:.3g} %" for share in information[:-1]]
    return ", ".join([*early, "all of the information"])


def _named(spending: Spending, parameter: float | None) -> str:
    name = NAMES[spending]
    return name if parameter is None else f"{name} {parameter:g}"


def _limits(limits: tuple[float, ...]) -> str:
    return ", ".join(f"{z:.3f}" if isfinite(z) else "never" for z in limits)


def _futility(futility: Futility) -> str:
    binding = "binding" if futility.binding else "not binding"
    if futility.spending is None:
        return binding
    return f"beta {futility.beta:g}, {_named(futility.spending, futility.parameter)}, {binding}"
