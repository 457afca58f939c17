"""The difference of two versions of a trial, told on amendments as trials really have them."""

from dataclasses import replace
from typing import Any

import pytest

from immunosep.concepts.snapshot import snapshot
from immunosep.protocol import Arm, ConsentBy, Trial
from immunosep.protocol.criteria import Criterion
from immunosep.protocol.difference import Change, difference_of
from immunosep.protocol.endpoints import SofaFall
from immunosep.protocol.substance import CT_1, Kind, Substance
from immunosep.trials.immunosep import IMMUNOSEP
from immunosep.trials.provide import PROVIDE
from tests.property.test_trial_digest import with_field
from tests.unit.small_trial import ADULT, VALID


def one(items: tuple[Any, ...], id_: str, **changed: Any) -> tuple[Any, ...]:
    """The items with one of them changed."""
    return tuple(replace(each, **changed) if each.id == id_ else each for each in items)


def amended(trial: Trial = IMMUNOSEP, **changed: Any) -> tuple[Change, ...]:
    return difference_of(trial, replace(trial, **changed)).changes


def said(trial: Trial = IMMUNOSEP, **changed: Any) -> list[str]:
    return [change.sentence for change in amended(trial, **changed)]


def rule_of(trial: Trial, id_: str, rule: Any) -> list[str]:
    """What is said of a criterion whose rule is another."""
    part = "inclusion" if id_ in {c.id for c in trial.inclusion} else "exclusion"
    return said(trial, **{part: one(getattr(trial, part), id_, rule=rule)})


def small(**changed: Any) -> list[str]:
    return [c.sentence for c in difference_of(Trial(**VALID), Trial(**VALID | changed)).changes]


@pytest.mark.parametrize("trial", [IMMUNOSEP, PROVIDE], ids=lambda trial: trial.id)
def test_an_unchanged_trial_has_no_difference(trial: Trial) -> None:
    found = difference_of(trial, replace(trial))
    assert found.is_none
    assert found.as_json()["same"] is True


def test_a_limit_is_told_as_a_number_with_what_it_was() -> None:
    assert rule_of(IMMUNOSEP, "neutropenia", snapshot.neutrophils_per_mm3 < 1000) == [
        "Exclusion criterion neutropenia: below 1,000 per mm³, was 1,500"
    ]


def test_a_limit_that_now_counts_itself_is_told_as_a_bound() -> None:
    assert rule_of(IMMUNOSEP, "neutropenia", snapshot.neutrophils_per_mm3 <= 1500) == [
        "Exclusion criterion neutropenia: 1,500 per mm³ or less, was below 1,500 per mm³"
    ]


def test_a_rule_laid_out_otherwise_in_python_is_no_change() -> None:
    hours = snapshot.hours_since_sepsis
    assert rule_of(IMMUNOSEP, "window", (hours >= 0) & (hours < 72)) == []


def test_a_rule_with_its_terms_turned_round_is_told_as_written_otherwise() -> None:
    hours = snapshot.hours_since_sepsis
    assert rule_of(IMMUNOSEP, "window", (hours < 72) & (hours >= 0)) == [
        "Inclusion criterion window: the rule is written otherwise"
    ]


def test_one_infection_more_and_one_less() -> None:
    infections = ("community_acquired_pneumonia", "hospital_acquired_pneumonia", "intra_abdominal",
                  "primary_bacteraemia")  # fmt: skip
    exclusion = tuple(c for c in IMMUNOSEP.exclusion if c.id != "excluded_infection")
    inclusion = one(IMMUNOSEP.inclusion, "infection", rule=snapshot.infection.isin(infections))
    assert said(inclusion=inclusion, exclusion=exclusion) == [
        "Inclusion criterion infection: now also intra abdominal; no longer ventilator associated "
        "pneumonia",
        "Exclusion criterion excluded_infection: removed (Acute pyelonephritis, or an infection "
        "of the abdomen (cholangitis among them), the meninges or the skin: qualifying infection "
        "is one of acute pyelonephritis, intra abdominal, acute cholangitis, meningitis, skin)",
    ]


def test_a_condition_more_names_the_column_where_there_are_several() -> None:
    contaminated = (snapshot.infection == "primary_bacteraemia") & (
        snapshot.blood_culture_contaminant
    )
    assert rule_of(IMMUNOSEP, "contaminated_culture", contaminated & (snapshot.age_years > 75)) == [
        "Exclusion criterion contaminated_culture: now also asks that age above 75 years"
    ]


def test_the_longer_window_is_told_where_it_is_written_and_where_it_is_asked() -> None:
    hours = snapshot.hours_since_sepsis
    longer = one(IMMUNOSEP.inclusion, "window", rule=(hours >= 0) & (hours < 96))
    assert said(window_hours=96, inclusion=longer) == [
        "Inclusion criterion window: below 96 h, was 72",
        "Window for the first dose: 96 h, was 72 h",
    ]


def test_an_immune_state_by_another_limit_is_told_wherever_its_rule_is_used() -> None:
    ferritin, hla_dr = snapshot.ferritin_ng_ml, snapshot.hla_dr_per_monocyte
    states = one(IMMUNOSEP.immune_states, "mals", rule=ferritin > 4000)
    states = one(states, "immunoparalysis", rule=(ferritin <= 4000) & (hla_dr < 5000))
    assert said(immune_states=states) == [
        "Immune state mals: above 4,000 ng/mL, was 4,420",
        "Immune state immunoparalysis: ferritin 4,000 ng/mL or less, was 4,420",
    ]


def test_a_dose_has_its_unit_and_is_substantial() -> None:
    regimens = tuple(
        replace(each, components=tuple(
            replace(c, dose=100.0) if c.dose == 200 else c for c in each.components
        ))
        for each in IMMUNOSEP.regimens
    )  # fmt: skip
    (change,) = amended(regimens=regimens)
    assert change.sentence == "Regimen mals × precision, infusion, dose: 100 mg, was 200 mg"
    assert change.substance is Substance.SUBSTANTIAL
    assert change.because.endswith(CT_1)


def test_a_visit_fewer_is_substantial_and_a_wider_window_is_to_be_judged() -> None:
    schedule = one(IMMUNOSEP.schedule[:-1], "day_28", days_after=3)
    gone, wider = amended(schedule=schedule)
    assert (gone.sentence, gone.substance) == (
        "Visit day_90: removed (Last contact)",
        Substance.SUBSTANTIAL,
    )
    assert (wider.sentence, wider.substance) == (
        "Visit day_28, days after: 3, was 0",
        Substance.TO_BE_JUDGED,
    )


def test_a_primary_endpoint_measured_otherwise_is_substantial() -> None:
    primary = IMMUNOSEP.endpoints[0]
    assert isinstance(primary.definition, SofaFall)
    definition = replace(primary.definition, responds_above=2.0)
    (change,) = amended(endpoints=one(IMMUNOSEP.endpoints, primary.id, definition=definition))
    assert change.sentence == (
        "Endpoint sofa_response_day_9, definition, responds above: 2, was 1.4"
    )
    assert change.substance is Substance.SUBSTANTIAL


def test_another_title_is_not_substantial() -> None:
    (change,) = amended(title="Personalised immunotherapy in bacterial sepsis")
    assert (change.kind, change.substance) == (Kind.REWORDED, Substance.NOT_SUBSTANTIAL)


def test_forms_are_how_data_are_recorded() -> None:
    forms = one(IMMUNOSEP.forms, IMMUNOSEP.forms[0].id, label="Who, and where")
    (change,) = amended(forms=forms)
    assert change.substance is Substance.NOT_SUBSTANTIAL


def test_consent_and_supply_are_told_by_field() -> None:
    assert IMMUNOSEP.consent is not None
    assert IMMUNOSEP.supply is not None
    consent = replace(
        IMMUNOSEP.consent,
        deferred_countries=("Germany",),
        deferred_within_hours=72,
        given_by=(*IMMUNOSEP.consent.given_by, ConsentBy.DEFERRED),
    )
    supply = replace(IMMUNOSEP.supply, storage_high_c=10.0, excursion_high_c=12.0)
    assert said(consent=consent, supply=supply) == [
        "Consent, given by: added deferred",
        "Consent, deferred countries: added Germany",
        "Consent, deferred within: 72 h, was nothing",
        "Supply, storage high: 10 °C, was 8 °C",
        "Supply, excursion high: 12 °C, was 10 °C",
    ]  # fmt: skip


def test_an_item_that_moved_is_told_once() -> None:
    first, second, *rest = IMMUNOSEP.exclusion
    assert said(exclusion=(second, first, *rest)) == [
        "Exclusion criterion below_18: moved behind consent_denied"
    ]


def test_a_last_visit_of_provide_later() -> None:
    last = PROVIDE.schedule[-1]
    assert said(PROVIDE, schedule=one(PROVIDE.schedule, last.id, day=last.day + 2)) == [
        f"Visit {last.id}, day: {last.day + 2}, was {last.day}"
    ]


def test_another_arm_is_substantial() -> None:
    three = (*Trial(**VALID).arms, Arm(id="half", label="Half the dose"))
    new = with_field(Trial(**VALID), "arms", three)
    (change,) = difference_of(Trial(**VALID), new).changes
    assert (change.sentence, change.substance) == (
        "Arm half: added (Half the dose)",
        Substance.SUBSTANTIAL,
    )


def test_an_added_criterion_says_its_rule_in_words() -> None:
    old = Criterion("old", "Very old", (snapshot.age_years > 90) | snapshot.age_years.isnull(),
                    source="a paper")  # fmt: skip
    assert small(exclusion=(old,)) == [
        "Exclusion criterion old: added (Very old: age above 90 years or age is unknown)"
    ]


def test_a_negated_rule_is_followed_into_the_brackets() -> None:
    rule = ~(snapshot.age_years < 16)
    before = Trial(**VALID | {"inclusion": (replace(ADULT, rule=~(snapshot.age_years < 18)),)})
    after = Trial(**VALID | {"inclusion": (replace(ADULT, rule=rule),)})
    assert [c.sentence for c in difference_of(before, after).changes] == [
        "Inclusion criterion adult: below 16 years, was 18"
    ]


def test_a_bound_written_from_its_other_side_is_read_alike() -> None:
    assert small(inclusion=(replace(ADULT, rule=snapshot.age_years >= 16),)) == [
        "Inclusion criterion adult: 16 years or more, was 18"
    ]


def test_the_same_sentence_is_not_said_twice() -> None:
    sentences = said(sponsor="Another sponsor", summary="", phase="3")
    assert sentences[:2] == [
        "Sponsor: now “Another sponsor”, was “Hellenic Institute for the Study of Sepsis”",
        "Phase: now “3”, was “2”",
    ]
    assert sentences[2].startswith("Summary: nothing, was Whether")
