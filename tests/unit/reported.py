"""Pages written for tests, and what they hold once parsed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from immunosep.protocol import Trial
from immunosep.report import write_feasibility_report, write_patients_report
from immunosep.screening.assess import assess
from immunosep.screening.explain import explain
from immunosep.screening.feasibility import count_feasibility
from immunosep.trials import find_trial
from tests.property.invented import HOUR, table_of
from tests.property.test_screening import ENROLLED

TRIAL = find_trial("immunosep")
NOW = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
FEW = [
    ENROLLED | {"patient_id": "calm"},
    ENROLLED | {"patient_id": "storm", "ferritin_ng_ml": 9000.0, "hla_dr_per_monocyte": None},
    ENROLLED | {"patient_id": "young", "age_years": 17.0, "hiv": True},
    ENROLLED | {"patient_id": "late", "first_dose_at": 300 * HOUR},
    ENROLLED | {"patient_id": "awaited", "hla_dr_per_monocyte": None},
    ENROLLED | {"patient_id": "open", "sofa": None, "platelets_10e3_ul": 90.0},
    ENROLLED | {"patient_id": "unmeasured", "ferritin_ng_ml": None, "sepsis_onset_at": None},
]
MANY = [row | {"patient_id": f"p{at}", "unit": f"ward {at % 3}"} for at, row in enumerate(FEW * 20)]
Rows = Sequence[dict[str, Any]]
VOID = {"meta", "link", "br", "img", "input", "hr"}


@dataclass
class Page(HTMLParser):
    """The tags of a page with their attributes, and its text; a tag left open is a fault."""

    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    open_tags: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open_tags.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open_tags.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open_tags or self.open_tags[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all_of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    def with_class(self, name: str) -> list[dict[str, str | None]]:
        return [a for _, a in self.tags if name in (a.get("class") or "").split()]


def read_page(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    page.close()
    assert page.open_tags == []
    return page


def patients_report(
    path: Path, rows: Rows, trial: Trial = TRIAL, source: str = "patients.csv"
) -> Path:
    table = table_of(list(rows))
    found = explain(trial, table)
    write_patients_report(
        path, trial=trial, assessments=found, patients=table, source=source, now=NOW
    )
    return path


def feasibility_report(path: Path, rows: Rows) -> Path:
    table = table_of(list(rows))
    answers = assess(TRIAL, table)
    counted = count_feasibility(TRIAL, answers, table)
    write_feasibility_report(
        path, trial=TRIAL, feasibility=counted, answers=answers, source="records", now=NOW
    )
    return path
