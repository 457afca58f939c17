"""How the parts, items and fields of a trial are called where a difference speaks of them."""

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from ibis.expr import types as ir

from immunosep.protocol.rules_in_words import number_in_words, rule_in_words
from immunosep.protocol.treatment import Component, Regimen

PARTS: Mapping[str, str] = {
    "id": "Id",
    "title": "Title",
    "acronym": "Acronym",
    "registry_ids": "Registered as",
    "sponsor": "Sponsor",
    "phase": "Phase",
    "version": "Version",
    "summary": "Summary",
    "inclusion": "Inclusion criterion",
    "exclusion": "Exclusion criterion",
    "consent": "Consent",
    "immune_states": "Immune state",
    "window_hours": "Window for the first dose",
    "forms": "Form",
    "interventions": "Intervention",
    "arms": "Arm",
    "regimens": "Regimen",
    "double_blind": "Double-blind",
    "allocation": "Allocation",
    "supply": "Supply",
    "schedule": "Visit",
    "casebook": "Case form",
    "blocks": "Block of visits",
    "tolerance_limits": "Tolerance limit",
    "training_required": "Training required",
    "endpoints": "Endpoint",
    "plan": "Analysis plan",
    "sample_size": "Sample size",
    "centres": "Centre",
    "choices": "Choice",
    "amendments": "Entry in the list of amendments",
    "references": "Reference",
}
"""Each field of a trial, in its order, by the noun for it or for one of its items."""

ROUTES: Mapping[str, str] = {"iv": "infusion", "sc": "injection", "oral": "by mouth"}
SAID_BY = ("text", "label", "name", "question", "changed", "citation", "handling")
"""The field in which an item says what it is; the first that it has."""

UNITS: Mapping[str, str] = {
    "hours": "h",
    "days": "days",
    "ml": "mL",
    "c": "°C",
    "years": "years",
}
"""The last word of a field's name, where it is a unit, and its sign."""


def noun_of(part: str) -> str:
    """What a part of the trial is called, or one of its items."""
    return PARTS.get(part) or part.replace("_", " ").capitalize()


def key_of(item: Any) -> str:
    """What an item is called by, so that it can be found in another version."""
    match item:
        case Regimen():
            return " × ".join(part for part in (item.state, item.arm) if part)
        case Component():
            return ROUTES[item.route.value]
        case _ if is_dataclass(item):
            named = (getattr(item, name, None) for name in ("id", "version", "event"))
            return next((str(name) for name in named if name), type(item).__name__)
        case _:
            return str(item)


def field_in_words(name: str) -> str:
    """A field's name without its unit."""
    words, unit = _split(name)
    return words if unit else name.replace("_", " ")


def value_in_words(value: Any, *, of: str = "") -> str:
    """A value as a sentence has it; `of` is the field it stands in, whose name has the unit."""
    match value:
        case None | "":
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case Enum():
            return str(value.value).replace("_", " ")
        case int() | float():
            return f"{number_in_words(value)} {_split(of)[1]}".strip()
        case str():
            return value
        case ir.Expr():
            return rule_in_words(value)
        case tuple() | list():
            return ", ".join(map(value_in_words, value)) or "nothing"
        case Mapping():
            return ", ".join(f"{value_in_words(k)} {value_in_words(v)}" for k, v in value.items())
        case _:
            return shortly(value)


def shortly(item: Any) -> str:
    """What an item is, in the words it has for itself, its numbers, or its rule."""
    if not is_dataclass(item) or isinstance(item, type):
        return value_in_words(item)
    text = next((str(said) for name in SAID_BY if (said := getattr(item, name, ""))), "")
    rule = getattr(item, "rule", None)
    if isinstance(rule, ir.Expr):
        return f"{text}: {rule_in_words(rule)}" if text else rule_in_words(rule)
    return text or _fields_in_words(item)


def _fields_in_words(item: Any) -> str:
    kind = re.sub(r"(?<!^)([A-Z])", r" \1", type(item).__name__).lower()
    held = {field.name: getattr(item, field.name) for field in fields(item)}
    said = [
        f"{field_in_words(name)} {value_in_words(value, of=name)}"
        for name, value in held.items()
        if value not in (None, "", (), {}) and name != "source"
    ]
    return f"{kind}: {', '.join(said)}" if said else kind


def _split(name: str) -> tuple[str, str]:
    """A field's name as words and the sign of its unit."""
    if name == "days":
        return "at most", "days"
    words, _, last = name.rpartition("_")
    return (words.replace("_", " "), UNITS[last]) if words and last in UNITS else (name, "")
