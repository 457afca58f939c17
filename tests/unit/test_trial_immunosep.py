"""ImmunoSep's value against what its registry entry and its report say."""

from collections import Counter, defaultdict

import pytest

from immunosep.concepts.operations import check_operations
from immunosep.protocol.endpoints import Rank, Reversal, SofaFall
from immunosep.trials import TRIALS
from immunosep.trials.immunosep import IMMUNOSEP

INCLUSION = "adult consent contraception infection sepsis_3 immune_state covid_19 window"
EXCLUSION = (
    "below_18 consent_denied excluded_infection stage_iv_malignancy neutropenia do_not_resuscitate "
    "contaminated_culture active_tuberculosis hiv primary_immunodeficiency corticosteroids "
    "anti_cytokine systemic_lupus demyelinating_disease pregnancy_or_lactation"
)
COUNTRIES = {
    "Greece": 30,
    "Netherlands": 2,
    "Germany": 1,
    "Italy": 1,
    "Romania": 1,
    "Switzerland": 1,
}
BOX_OF_COUNTRIES = ((35.0, 53.0), (4.0, 27.0))  # latitudes and longitudes of all six


def test_inclusion_criteria_are_the_eight_registered():
    assert [criterion.id for criterion in IMMUNOSEP.inclusion] == INCLUSION.split()


def test_exclusion_criteria_are_the_fifteen_registered():
    assert [criterion.id for criterion in IMMUNOSEP.exclusion] == EXCLUSION.split()


@pytest.mark.parametrize("trial", TRIALS.values(), ids=TRIALS)
def test_criteria_are_numbered_in_order(trial):
    assert [c.number for c in trial.inclusion] == list(range(1, len(trial.inclusion) + 1))
    assert [c.number for c in trial.exclusion] == list(range(1, len(trial.exclusion) + 1))


@pytest.mark.parametrize("trial", TRIALS.values(), ids=TRIALS)
def test_every_criterion_says_what_it_asks_its_limit_and_source(trial):
    assert all(c.text and c.limit and c.source for c in trial.criteria)
    assert all(s.label and s.limit and s.source for s in trial.immune_states)


@pytest.mark.parametrize("trial", TRIALS.values(), ids=TRIALS)
def test_every_rule_uses_only_operations_that_engines_answer_alike(trial):
    for rule_of in (*trial.criteria, *trial.immune_states):
        check_operations(rule_of.rule, name=rule_of.id)


@pytest.mark.parametrize("trial", TRIALS.values(), ids=TRIALS)
def test_choices_have_alternatives_reasons_and_sources(trial):
    assert all(c.question and c.taken and c.alternatives for c in trial.choices)
    assert all(c.because and c.source for c in trial.choices)


@pytest.mark.parametrize(
    "id_",
    [
        "immunoparalysis_ferritin",
        "neutropenia_limit",
        "hydrocortisone_for_index_shock",
        "respiratory_support",
        "block_sizes",
        "reversal_day",
        "renal_adjustment",
        "sample_size_basis",
        "day_15_responders",
        "response_limit",
        "centre_count",
    ],
)
def test_a_disagreement_of_the_sources_is_a_named_choice(id_):
    assert IMMUNOSEP.choice(id_).id == id_


def test_centres_are_the_36_listed_in_6_countries():
    assert Counter(centre.country for centre in IMMUNOSEP.centres) == COUNTRIES


def test_one_centre_is_listed_as_recruiting_and_flagged():
    (centre,) = [c for c in IMMUNOSEP.centres if c.status == "Active - Recruiting"]
    assert centre.city == "Alexandroupolis"
    assert any("completed" in flag for flag in centre.flags)


def test_centres_of_one_hospital_are_flagged():
    by_hospital = defaultdict(list)
    for centre in IMMUNOSEP.centres:
        by_hospital[centre.hospital].append(centre)
    shared = [centres for centres in by_hospital.values() if len(centres) > 1]
    assert {centres[0].hospital: len(centres) for centres in shared} == {
        "attikon": 3,
        "sotiria": 4,
        "evangelismos": 2,
        "alexandroupolis": 2,
    }
    assert all(any("listed" in f for f in c.flags) for centres in shared for c in centres)


def test_cities_spelt_with_an_accent_are_kept_and_flagged():
    accented = [centre for centre in IMMUNOSEP.centres if not centre.city.isascii()]
    assert [c.city for c in accented] == ["Ioánnina", "Elefsína", "Kardítsa", "Thessaloníki"]
    assert all(any("accent" in flag for flag in centre.flags) for centre in accented)


def test_centres_lie_in_their_part_of_the_world():
    (south, north), (west, east) = BOX_OF_COUNTRIES
    assert all(south < centre.latitude < north for centre in IMMUNOSEP.centres)
    assert all(west < centre.longitude < east for centre in IMMUNOSEP.centres)


def test_sofa_is_scored_on_every_day_the_endpoints_need():
    scored = {visit.day for visit in IMMUNOSEP.schedule if "SOFA" in visit.assessments}
    assert scored == set(range(1, 16))


def test_visits_hold_the_listed_days():
    assert {0, 2, 3, 4, 5, 7, 8, 15, 28, 90} <= {visit.day for visit in IMMUNOSEP.schedule}


def test_the_primary_endpoint_is_the_fall_of_sofa_to_day_9():
    (primary,) = [e for e in IMMUNOSEP.endpoints if e.rank is Rank.PRIMARY]
    definition = primary.definition
    assert isinstance(definition, SofaFall)
    assert (definition.baseline_day, definition.first_day, definition.last_day) == (1, 2, 9)
    assert (definition.responds_above, definition.dead_counts_as) == (1.4, 24)


@pytest.mark.parametrize("trial", TRIALS.values(), ids=TRIALS)
def test_every_estimand_has_its_attributes(trial):
    for endpoint in trial.endpoints:
        estimand = endpoint.estimand
        assert estimand.treatment
        assert estimand.population
        assert estimand.variable
        assert estimand.summary


def test_sample_size_leaves_enough_for_the_analysis():
    size = IMMUNOSEP.sample_size
    assert size is not None
    assert (size.total, size.per_arm, size.analysed) == (280, 117, 238)


def test_reversal_has_limits_of_its_own():
    reversal = next(e for e in IMMUNOSEP.endpoints if e.id == "reversal").definition
    assert isinstance(reversal, Reversal)
    assert (reversal.hla_dr_above, reversal.ferritin_below) == (8000, 4420)


def test_the_repr_of_a_trial_is_one_line():
    assert repr(IMMUNOSEP) == (
        "<Trial immunosep: 8 inclusion and 15 exclusion criteria, 2 immune states>"
    )
