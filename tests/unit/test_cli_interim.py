"""`immunosep trial show` of a trial with looks."""

from immunosep.cli.pages.looks import NAMES, looks_rows
from immunosep.protocol.interim import Futility, Looks, Spending
from tests.unit.looked_at import looks


def shown(plan: Looks | None) -> dict[str, str]:
    return {name: str(said) for name, said in looks_rows(plan)}


def test_looks_are_shown_with_their_limits():
    rows = shown(looks(futility=Futility(binding=True, z=(0.0, 0.5))))
    assert rows["After"] == "33.3 %, 66.7 %, all of the information"
    assert rows["Efficacy from z"] == "3.710, 2.510, 1.965"
    assert rows["Hopeless below z"] == "0.000, 0.500"
    assert rows["Futility"] == "binding"


def test_a_family_is_shown_with_its_parameter():
    rows = shown(looks(spending=Spending.HWANG_SHIH_DECANI, parameter=-4, sided=2))
    assert rows["Alpha"] == "0.025 two-sided, Hwang, Shih & DeCani -4"
    assert "Futility" not in rows


def test_spent_beta_is_shown():
    beta = Futility(binding=False, spending=Spending.LAN_DEMETS_POCOCK, beta=0.1)
    said = shown(looks(futility=beta))["Futility"]
    assert said == "beta 0.1, Lan & DeMets in the manner of Pocock, not binding"


def test_a_trial_without_looks_shows_none():
    assert shown(None) == {}


def test_every_kind_of_look_has_a_name():
    assert set(NAMES) == set(Spending)
