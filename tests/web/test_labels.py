"""Labels: what stands on them, that they can be read by a scanner, and that they do not tell."""

import re
from dataclasses import replace

import numpy as np
import pytest
import zxingcpp

from immunosep.errors import RefusedError
from immunosep.languages import speaking
from immunosep.randomisation.tokens import read_token, spaced
from immunosep.trials.immunosep import IMMUNOSEP
from immunosep.web.centres.models import Centre
from immunosep.web.supply.label_languages import kit_language
from immunosep.web.supply.labels import Label, draw_labels, label_of
from immunosep.web.supply.models import Preparation
from immunosep.web.unblinding.opening import arm_of
from tests.web.conftest import LogIn
from tests.web.people import NOW, Cast
from tests.web.supplied import first_order, prepared, randomised, stocked

pytestmark = pytest.mark.usefixtures("keyed")

SQUARE = re.compile(rb"([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) re f")
LABEL = Label(
    number="4679CDF4", heading="TRIAL", facts=(("Route", "Intravenous"),), lines=("Keep cold",)
)


@pytest.fixture
def made(cast: Cast) -> Preparation:
    stocked(cast)
    randomised(cast)
    return prepared(cast, first_order(), "iv")[1]


def scanned(pdf: bytes) -> str:
    """What a scanner reads: the squares of the page as pixels, with white around."""
    squares = np.array([[float(n) for n in found] for found in SQUARE.findall(pdf)])
    cells = np.round((squares[:, :2] - squares[:, :2].min(axis=0)) / squares[0, 2]).astype(int)
    size = cells.max() + 1
    grey = np.full((size + 4, size + 4), 255, dtype=np.uint8)
    grey[size + 1 - cells[:, 1], cells[:, 0] + 2] = 0
    read = zxingcpp.read_barcode(np.kron(grey, np.ones((8, 8), dtype=np.uint8)))
    assert read is not None
    return read.text


def masked(preparation: Preparation) -> bytes:
    """The label's file with one number and one participant for all: what is left to differ."""
    made = label_of(preparation)
    _, *facts = made.facts
    return draw_labels([replace(made, number=LABEL.number, facts=(("Participant", ""), *facts))])


def at(made: Preparation, country: str) -> Preparation:
    """The same, as if its centre were elsewhere."""
    made.order.centre.country = country
    return made


def test_a_label_says_all_it_has_to(made: Preparation) -> None:
    pdf = draw_labels([label_of(at(made, "Italy"))]).decode("latin-1")
    for words in (
        "IMMUNOSEP", "NCT04990232", "01-0001", "Intravenous", "20 mL", "2 of 45",
        "3 Mar 2026 10:00 CET", "For clinical trial use only", "Keep at 2 to 8",
        spaced(made.number),
    ):  # fmt: skip
        assert words.lower() in pdf.lower(), words


def test_a_scanner_reads_the_number_and_its_check_sign(made: Preparation) -> None:
    read = scanned(draw_labels([label_of(made)]))
    assert read_token(read) == made.number


def test_the_same_label_is_the_same_file(made: Preparation) -> None:
    assert draw_labels([label_of(made)]) == draw_labels([label_of(made)])


def test_labels_of_drug_and_placebo_differ_in_nothing_but_the_number(cast: Cast) -> None:
    stocked(cast)
    seen: dict[str, set[bytes]] = {}
    for serial in range(1, 9):
        order = randomised(cast, f"01-000{serial}").slot.orders.get()
        made = prepared(cast, order, "sc")[0]
        seen.setdefault(arm_of(order.slot), set()).add(masked(made))
    assert len(seen) == 2
    assert len(set.union(*seen.values())) == 1


def test_lines_too_many_for_the_label_get_smaller(made: Preparation) -> None:
    pdf = draw_labels([replace(LABEL, lines=("a line of some length, with words " * 6,) * 4)])
    sizes = {float(size) for size in re.findall(rb"/F1 ([\d.]+) Tf", pdf)}
    assert min(sizes) < 8


def test_letters_no_font_has_are_refused(cast: Cast) -> None:
    with pytest.raises(RefusedError, match="保"):
        draw_labels([replace(LABEL, lines=("保管", "Φύλαξη"))])


@pytest.mark.parametrize(
    ("country", "words"),
    [("Greece", ("Συμμετέχων", "Ενδοφλέβια", "2 από 45", "3 Μαρ 2026", "Χορηγός")),
     ("Germany", ("Teilnehmer/in", "Intravenös", "2 von 45", "3. Mär 2026", "Sponsor")),
     ("Netherlands", ("Participant", "Intravenous", "2 of 45", "3 Mar 2026", "Sponsor"))],
)  # fmt: skip
def test_a_label_is_in_the_language_of_the_centres_country(
    made: Preparation, country: str, words: tuple[str, ...]
) -> None:
    with speaking("el"):  # whoever prints it
        label = label_of(at(made, country))
    said = " ".join(part for fact in label.facts for part in fact) + " ".join(label.lines)
    assert all(word in said for word in words)


def test_a_label_in_greek_is_whole_and_read_by_a_scanner(made: Preparation) -> None:
    label = label_of(at(made, "Greece"))
    pdf = draw_labels([label])
    assert b"DejaVuSans" in pdf
    assert read_token(scanned(pdf)) == made.number
    assert pdf == draw_labels([label_of(at(made, "Greece"))])


def test_a_kits_label_is_in_the_one_language_of_all_centres(cast: Cast) -> None:
    Centre.objects.update(country="Greece")
    assert kit_language() == "el"
    Centre.objects.filter(pk=cast.jena.pk).update(country="Romania")
    assert kit_language() == "en"


def test_only_the_pharmacy_prints(cast: Cast, log_in: LogIn, made: Preparation) -> None:
    addresses = (
        f"/pharmacy/preparations/{made.number}/label.pdf",
        f"/pharmacy/orders/{made.order.number}/labels.pdf",
    )
    for address in addresses:
        assert log_in(cast.nurse).get(address).status_code == 403
        answer = log_in(cast.pharmacist).get(address)
        assert answer["Content-Type"] == "application/pdf"


def test_an_order_without_preparations_has_no_labels(cast: Cast, log_in: LogIn) -> None:
    order = randomised(cast, now=NOW).slot.orders.get()
    address = f"/pharmacy/orders/{order.number}/labels.pdf"
    assert log_in(cast.pharmacist).get(address).status_code == 404


def test_a_trial_that_says_less_has_the_rest_said_for_it(
    cast: Cast, made: Preparation, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = IMMUNOSEP.supply
    assert plan is not None
    bare = replace(IMMUNOSEP, supply=replace(plan, label_lines=("Trial medicine",)))
    monkeypatch.setattr("immunosep.web.supply.labels.trial_of", lambda _centre: bare)
    lines = label_of(at(made, "Italy")).lines
    assert "For clinical trial use only" in lines
    assert "Keep at 2 to 8 °C" in lines
