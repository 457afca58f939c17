"""What the sponsor's side has said of events: their codes and their judgements, for many pages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from immunosep.web.safety.coding import stands
from immunosep.web.safety.models import Assessment, Coding


@dataclass(frozen=True, kw_only=True)
class Said:
    """Of one event: the last code and the last assessment, if there are any."""

    coding: Coding | None = None
    assessment: Assessment | None = None

    def preferred_term(self, term: object) -> str | None:
        """The dictionary's term, while the event's words are those that were coded."""
        return self.coding.preferred_term if self.coding and stands(self.coding, term) else None

    def organ_class(self, term: object) -> str | None:
        """The system organ class, likewise."""
        return self.coding.organ_class if self.coding and stands(self.coding, term) else None

    @property
    def expected(self) -> bool | None:
        """Whether it is expected of every product that may have been received."""
        return None if self.assessment is None else not self.assessment.unexpected

    @property
    def susar(self) -> bool:
        """Whether it is judged a SUSAR."""
        return self.assessment is not None and self.assessment.susar


NOTHING = Said()


def said_of(pages: Iterable[int]) -> Mapping[int, Said]:
    """By page, of those of which anything was said: two queries."""
    held = list(pages)
    codings = {each.page_id: each for each in Coding.objects.filter(page__in=held).order_by("id")}
    judged = Assessment.objects.filter(report__page__in=held).select_related("report")
    assessments = {each.report.page_id: each for each in judged.order_by("id")}
    return {
        pk: Said(coding=codings.get(pk), assessment=assessments.get(pk))
        for pk in codings.keys() | assessments.keys()
    }
