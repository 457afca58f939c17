"""Finding the nearest centre from a town: names in any script, distances, two maps."""

import re

import pytest
from django.test import Client

from immunosep.protocol.centres import Precision
from immunosep.trials.immunosep import IMMUNOSEP
from immunosep.web.public import gazetteer, houses, land, maps, marks
from immunosep.web.public.houses import House
from tests.web.people import Cast
from tests.web.test_study import words_of

pytestmark = pytest.mark.django_db


def house(city: str, latitude: float, longitude: float) -> House:
    return House(
        city=city,
        country="Greece",
        point=(latitude, longitude),
        precision=Precision.CITY,
        departments=(),
    )


@pytest.mark.parametrize("typed", ["Patras", "PATRÁS", "ΠΆΤΡΑ", "Πατρα", "  patras  "])
def test_town_is_found_by_any_of_its_names(client: Client, cast: Cast, typed: str):
    said = words_of(client.get("/find-centre/", {"town": typed}).content)
    assert "From Pátra, Greece" in said
    assert "Athens, 171 km: the nearest that takes patients" in said
    assert said.index("Kardítsa, Greece") < said.index("Elefsína, Greece")


def test_find_centre_sets_no_cookie(client: Client):
    answer = client.get("/find-centre/", {"town": "Patras"})
    assert not answer.cookies
    assert "public" in answer["Cache-Control"]


def test_find_centre_without_a_town_lists_every_department(client: Client):
    page = client.get("/find-centre/").content.decode()
    assert page.count('<span class="badge') == len(IMMUNOSEP.centres)
    assert page.count('class="centre"') > 8


def test_town_of_a_common_name_is_chosen_from_a_list(client: Client, cast: Cast):
    page = client.get("/find-centre/", {"town": "Athens"}).content.decode()
    assert "Which Athens?" in page
    assert re.search(r"\d{3},\d{3} people", page)
    first = re.search(r'href="(/find-centre/\?place=\d+)">Athens, Greece', page)
    assert first
    assert "From Athens, Greece" in words_of(client.get(first[1]).content)


def test_misspelt_town_is_answered_with_the_nearest_spelling(client: Client):
    said = words_of(client.get("/find-centre/", {"town": "Patrass"}).content)
    assert "No town called “Patrass” is known here" in said
    assert "Pátra, Greece" in said


@pytest.mark.parametrize("typed", ["qqxqqx", "[", "x" * 5000, "\x00", "<b>", "\n1\t"])
def test_unknown_town_is_said_to_be_unknown(client: Client, typed: str):
    answer = client.get("/find-centre/", {"town": typed})
    assert answer.status_code == 200
    assert b"<b>" not in answer.content
    assert "is known here" in words_of(answer.content)


@pytest.mark.parametrize("number", ["1", "٣", "-1", "x", "9" * 50])
def test_number_of_no_town_shows_all_centres(client: Client, number: str):
    answer = client.get("/find-centre/", {"place": number})
    assert "All centres" in words_of(answer.content)


def test_no_open_centre_is_said_in_words(client: Client):
    said = words_of(client.get("/find-centre/", {"town": "Patras"}).content)
    assert "No centre takes patients now" in said


def test_far_town_has_distances_and_no_map(client: Client, cast: Cast):
    page = client.get("/find-centre/", {"town": "Auckland"}).content
    assert b"<svg viewBox" not in page.split(b"<main")[1]
    assert "km: the nearest that takes patients" in words_of(page)


def test_trial_without_centres_says_so(client: Client, settings):
    settings.TRIAL = "provide"
    assert "do not name its centres" in words_of(client.get("/find-centre/").content)


@pytest.mark.parametrize(
    ("one", "other", "km"),
    [
        # Half and a quarter of the Earth's circumference, of the radius that the module names.
        ((90.0, 0.0), (-90.0, 0.0), 20015.1),
        ((0.0, 0.0), (0.0, 90.0), 10007.5),
        # Nashville to Los Angeles, the worked example of many textbooks, on the mean radius.
        ((36.12, -86.67), (33.94, -118.40), 2886.4),
        ((38.0, 23.7), (38.0, 23.7), 0.0),
    ],
)
def test_distance_is_that_of_the_great_circle(one, other, km: float):
    assert houses.km_between(one, other) == pytest.approx(km, abs=0.1)
    assert houses.km_between(other, one) == pytest.approx(km, abs=0.1)


@pytest.mark.parametrize(
    ("to", "bearing"), [((1, 0), 0), ((0, 1), 90), ((-1, 0), 180), ((0, -1), 270)]
)
def test_bearing_is_clockwise_from_north(to, bearing: float):
    assert houses.bearing_degrees((0, 0), to) == pytest.approx(bearing)


def test_departments_of_one_hospital_share_a_house():
    attikon = [h for h in houses.houses_of(IMMUNOSEP) if len(h.departments) == 3]
    assert len(attikon) == 1
    assert attikon[0].at_the_door


def test_surroundings_keep_distance_and_direction():
    patras = gazetteer.find_places("Patras")[0]
    north = house("North", patras.latitude + 1, patras.longitude)
    drawn = maps.surroundings_of(patras, houses.nearest_first([north], patras.point))
    assert drawn is not None
    assert drawn.marks[0].x == pytest.approx(land.WIDTH / 2, abs=0.1)
    assert land.WIDTH / 2 - drawn.marks[0].y == pytest.approx(land.WIDTH / 2 / 1.15, abs=0.1)
    assert [ring.km for ring in drawn.rings] == [50, 100]


def test_overview_places_hospitals_where_people_live():
    drawn = maps.overview_of(houses.houses_of(IMMUNOSEP))
    assert 0.5 < drawn.height / drawn.width < 2
    assert all(0 < mark.x < drawn.width and 0 < mark.y < drawn.height for mark in drawn.marks)
    assert len(drawn.ours) > 1000
    assert len(drawn.others) > 1000


def test_overview_of_one_hospital_is_not_a_point():
    drawn = maps.overview_of([house("Athens", 38.0, 23.7)])
    assert drawn.height > 100


def test_close_hospitals_share_a_mark_named_by_most_of_them():
    placed = [((50.0, 50.0), house("A", 0, 0)), ((52.0, 50.0), house("B", 0, 0)),
              ((51.0, 50.0), house("B", 0, 0)), ((90.0, 90.0), house("C", 0, 0))]  # fmt: skip
    found = marks.marks_of(placed, marks.Labels(height=200))
    assert [mark.label for mark in found] == ["B (3)", "C"]


def test_label_that_finds_no_room_is_left_out():
    labels = marks.Labels(height=200, taken=[(0, 0, land.WIDTH, 200)])
    assert labels.put(marks.Mark(x=100, y=100, radius=5), "Athens").label == ""


def test_labels_of_a_map_never_cover_each_other():
    labels = marks.Labels(height=400)
    for number in range(40):
        labels.put(marks.Mark(x=10.0 * number, y=200, radius=3), "Somewhere")
    boxes = labels.taken
    assert len(boxes) > 4
    assert not any(
        a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
        for at, a in enumerate(boxes)
        for b in boxes[:at]
    )


def test_gazetteer_knows_no_country_of_a_wrong_name():
    assert gazetteer.country_code("Greece") == "GR"
    assert gazetteer.country_code("Hellas") == ""
    assert gazetteer.find_places("") == ()
    assert gazetteer.places_spelt_almost(" ") == ()
