"""What is said of adverse events beyond their page: reports, judgements, submissions, codes.

Every row is somebody's word at a moment; rows are only ever added, and the database refuses change.
The last row of a kind is what stands. Nothing here may tell an arm: expectedness is judged of each
product that the participant's immune state could receive.
"""

from django.db import models

from immunosep.concepts.expedited_reporting import SUSPECTED, is_susar
from immunosep.web.accounts.models import User
from immunosep.web.casebook.models import Page


class SeriousReport(models.Model):
    """A serious event told to the sponsor by its centre (ICH E6(R3) Annex 1, 2.7.2): once."""

    page = models.OneToOneField(Page, on_delete=models.PROTECT, related_name="serious_report")
    aware_at = models.DateTimeField()  # when the investigator knew
    reported_at = models.DateTimeField()  # by the server's clock
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(aware_at__lte=models.F("reported_at")),
                name="a serious event is reported after it is known",
            ),
        )

    def __str__(self) -> str:
        return f"report of page {self.page_id}"


class Assessment(models.Model):
    """What the sponsor's side makes of a report, blinded; the last one stands.

    `known_at` is since when the sponsor has known what it says: the clocks of a SUSAR start there.
    """

    class Relatedness(models.TextChoices):
        UNRELATED = "unrelated", "Unrelated"
        UNLIKELY = "unlikely", "Unlikely"
        POSSIBLE = "possible", "Possible"
        PROBABLE = "probable", "Probable"

    report = models.ForeignKey(SeriousReport, on_delete=models.PROTECT, related_name="assessments")
    expected = models.JSONField()  # of each active product of the immune state: yes or no
    relatedness = models.CharField(max_length=20, choices=Relatedness.choices)
    fatal = models.BooleanField()  # or life-threatening
    serious = models.BooleanField()  # as the investigator had said by then
    by_investigator = models.CharField(max_length=20, blank=True)  # relatedness, likewise
    comment = models.TextField(blank=True)
    known_at = models.DateTimeField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(known_at__lte=models.F("at")),
                name="an assessment follows what it rests on",
            ),
            models.CheckConstraint(
                condition=models.Q(relatedness__in=["unrelated", "unlikely", *SUSPECTED]),
                name="relatedness is unrelated, unlikely, possible or probable",
            ),
        )

    @property
    def suspected(self) -> bool:
        """Whether either sees a reasonable possibility; an investigator's silence counts as one.

        The sponsor cannot talk an investigator's suspicion down (Regulation (EU) 536/2014 annex
        III, 2.1).
        """
        return self.relatedness in SUSPECTED or self.by_investigator in ("", *SUSPECTED)

    @property
    def unexpected(self) -> bool:
        """Whether it is unexpected of any product that the participant may have received."""
        return not self.expected or not all(self.expected.values())

    @property
    def susar(self) -> bool:
        """Whether it is a suspected unexpected serious adverse reaction."""
        return is_susar(serious=self.serious, suspected=self.suspected, unexpected=self.unexpected)


class Submission(models.Model):
    """A report sent to an authority or an ethics committee, outside this site."""

    class To(models.TextChoices):
        AUTHORITY = "authority", "Authority"
        ETHICS_COMMITTEE = "ethics_committee", "Ethics committee"

    class Kind(models.TextChoices):
        INITIAL = "initial", "Initial"
        FOLLOW_UP = "follow_up", "Follow-up"

    report = models.ForeignKey(SeriousReport, on_delete=models.PROTECT, related_name="submissions")
    to = models.CharField(max_length=20, choices=To.choices)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    sent_at = models.DateTimeField()
    reference = models.CharField(max_length=100)
    recorded_at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(sent_at__lte=models.F("recorded_at")),
                name="a submission is recorded after it was sent",
            ),
            models.CheckConstraint(
                condition=~models.Q(reference=""), name="a submission has a reference"
            ),
            models.UniqueConstraint(
                fields=["report", "to"],
                condition=models.Q(kind="initial"),
                name="an initial report is sent once to each",
            ),
        )


class FollowUp(models.Model):
    """More that is known of a serious event, in words, by its centre or by the sponsor's side."""

    report = models.ForeignKey(SeriousReport, on_delete=models.PROTECT, related_name="follow_ups")
    text = models.TextField()
    role = models.CharField(max_length=60)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(condition=~models.Q(text=""), name="a follow-up says something"),
        )


class Coding(models.Model):
    """The dictionary's words for an event; the last one stands while the event's own words do."""

    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="codings")
    version = models.CharField(max_length=40)  # of the dictionary, such as MedDRA 28.0
    term = models.CharField(max_length=300)  # the investigator's words that were coded
    preferred_term = models.CharField(max_length=200)
    organ_class = models.CharField(max_length=200)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(version="")
                & ~models.Q(preferred_term="")
                & ~models.Q(organ_class=""),
                name="a code says its term, its organ class and its dictionary",
            ),
        )
