"""Which orders of MIMIC-IV count: the drug's name, its route, its dose, whether it was given."""

import pytest

from immunosep.sources.mimic_iv.medication import drug_orders
from tests.invented_mimic_iv import answer, at, invented_tables


def order(drug: str, route: str = "IV", **more: object) -> dict[str, object]:
    return {
        "subject_id": 1,
        "hadm_id": 1,
        "pharmacy_id": 5,
        "drug_type": "MAIN",
        "starttime": at(8),
        "stoptime": at(20),
        "drug": drug,
        "route": route,
        "dose_val_rx": "100",
        "dose_unit_rx": "mg",
        "doses_per_24_hrs": 2.0,
    } | more


def orders(*rows: dict[str, object], given: tuple[str, ...] = ()) -> list[dict[str, object]]:
    entries = [
        {"subject_id": 1, "hadm_id": 1, "pharmacy_id": 5, "charttime": at(9), "event_txt": text}
        for text in given
    ]
    return answer(drug_orders(invented_tables(prescriptions=list(rows), emar=entries)))


@pytest.mark.parametrize(
    ("drug", "route", "counts"),
    [
        ("Vancomycin", "IV", True),
        ("Vancomycin Oral Liquid", "PO", False),  # it stays in the gut
        ("CeftriaXONE", "IV", True),
        ("Sulfameth/Trimethoprim DS", "PO", True),
        ("Nitrofurantoin Monohyd (MacroBID)", "PO", False),  # it reaches the urine alone
        ("Ciprofloxacin 0.3% Ophth Soln", "LEFT EYE", False),
        ("Mupirocin Ointment 2%", "TP", False),
        ("Gentamicin", "IV", True),
        ("Gentamicin Sulfate Ophth Oint", "IV", False),
        ("CefTAZidime", "DWELL", False),  # kept inside a catheter
        ("Rifaximin", "PO", False),
        ("Omeprazole", "PO", False),
    ],
)
def test_antibacterial_counts_if_it_reaches_the_blood(drug, route, counts):
    found = {row["drug_class"] for row in orders(order(drug, route))}

    assert ("antibacterial" in found) is counts


@pytest.mark.parametrize(
    ("drug", "route", "named"),
    [
        ("MethylPREDNISolone Sodium Succ", "IV", ["methylprednisolone"]),
        ("PredniSONE", "PO/NG", ["prednisone"]),
        ("Hydrocortisone Na Succ.", "IV", ["hydrocortisone"]),
        ("Hydrocortisone Cream 2.5%", "TP", []),
        ("Hydrocortisone (Rectal) 2.5% Cream", "PR", []),
        ("PrednisoLONE Acetate 1% Ophth. Susp.", "RIGHT EYE", []),
        ("Fludrocortisone Acetate", "PO", []),
        ("Fluticasone Propionate 110mcg", "IH", []),
    ],
)
def test_corticosteroid_counts_by_mouth_or_vein(drug, route, named):
    assert [row["drug"] for row in orders(order(drug, route))] == named


@pytest.mark.parametrize(
    ("dose", "unit", "times", "mg_day"),
    [
        ("100", "mg", 2.0, 200),
        ("0.5", "g", 2.0, 1000),
        ("100", "mg", None, 100),  # once
        ("100", "mg", 0.0, 100),  # once
        ("50-100", "mg", 2.0, None),
        ("3", "DROP", 2.0, None),
        (None, "mg", 2.0, None),
    ],
)
def test_dose_a_day(dose, unit, times, mg_day):
    row = order(
        "PredniSONE", dose_val_rx=dose, dose_unit_rx=unit, doses_per_24_hrs=times, route="PO"
    )

    (found,) = orders(row)
    assert found["dose_mg_day"] == mg_day


@pytest.mark.parametrize(
    ("entries", "given"),
    [
        ((), [False]),  # ordered, not known to have been given
        (("Administered",), [True]),
        (("Not Given", "Delayed Administered"), [True]),
        (("Started",), [True]),
        (("Not Given", "Not Started"), []),  # never given
        (("Infusion Reconciliation Not Done",), []),
    ],
)
def test_order_that_was_never_given_is_left_out(entries, given):
    found = orders(order("Meropenem"), given=entries)

    assert [row["given"] for row in found] == given
