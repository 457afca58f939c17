"""What an archive holds of the centre as a whole: approvals, consent forms, people, their tasks."""

from collections.abc import Iterable, Iterator

from immunosep.web.accounts.models import Membership
from immunosep.web.centres.models import Approval, Centre
from immunosep.web.enrolment.models import ConsentVersion
from immunosep.web.oversight.models import Delegation, Deviation, Training
from immunosep.web.records.archive.sheets import Row, Sheet


def centre_sheets(centre: Centre) -> Iterator[Sheet]:
    """What the records hold of the centre as a whole."""
    of = (("centre", centre.pk),)
    held: tuple[tuple[str, str, tuple[str, ...], Iterable[Row]], ...] = (
        ("approvals", "Approvals",
         ("given_by", "reference", "approved_on", "trial_version", "recorded_at"),
         ((each.given_by, each.reference, each.approved_on, each.trial_version, each.recorded_at)
          for each in Approval.objects.filter(centre=centre))),
        ("consent_versions", "Versions of the consent form",
         ("version", "language", "approved_on", "withdrawn_on"),
         ((each.version, each.language, each.approved_on, each.withdrawn_on)
          for each in ConsentVersion.objects.filter(centre=centre).order_by("id"))),
        ("roles", "Who had which role",
         ("name", "role", "granted_at", "revoked_at"),
         ((each.user.name, each.get_role_display(), each.granted_at, each.revoked_at) for each in
          Membership.objects.filter(centre=centre).select_related("user").order_by("id"))),
        ("training", "Training",
         ("name", "in_what", "version", "on", "recorded_at", "recorded_by"),
         ((each.user.name, each.what, each.version, each.on, each.recorded_at,
           each.recorded_by.name) for each in Training.objects.filter(centre=centre)
          .select_related("user", "recorded_by"))),
        ("delegation", "Delegation",
         ("name", "role", "tasks", "from", "last_day", "signed_at", "signed_by"),
         ((each.user.name, each.role, "; ".join(each.tasks), each.begins, each.last_day,
           each.signed_at, each.signed_by.name) for each in
          Delegation.objects.filter(centre=centre).select_related("user", "signed_by", "end"))),
        ("centre_deviations", "Deviations of the centre as a whole",
         ("deviation", "kind", "what", "happened_at", "recorded_at", "judged"),
         ((each.pk, each.get_kind_display(), each.what, each.happened_at, each.recorded_at,
           "; ".join(f"{j.get_verdict_display()}: {j.reason} ({j.by.name})"
                     for j in each.judgements.all()))
          for each in Deviation.objects.filter(centre=centre, patient=None)
          .prefetch_related("judgements__by"))),
    )  # fmt: skip
    for id_, label, columns, rows in held:
        yield Sheet(centre=centre, id=id_, label=label, columns=columns, rows=tuple(rows), of=of)
