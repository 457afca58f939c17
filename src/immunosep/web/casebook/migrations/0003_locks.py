import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from immunosep.web.audit.append_only import append_only
from immunosep.web.casebook.closing import ENTRY, PAGE, closed_to_more

ONE_OF_THREE = (
    models.Q(scope="participant", patient__isnull=False, centre__isnull=True)
    | models.Q(scope="centre", patient__isnull=True, centre__isnull=False)
    | models.Q(scope="trial", patient__isnull=True, centre__isnull=True)
)


class Migration(migrations.Migration):
    """Locks of more than a page; what is closed takes nothing more, and the database refuses it."""

    dependencies = [
        ("casebook", "0002_append_only"),
        ("centres", "0002_approvals"),
        ("enrolment", "0002_append_only"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="Lock",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("participant", "Participant"),
                            ("centre", "Centre"),
                            ("trial", "Trial"),
                        ],
                        max_length=20,
                    ),
                ),
                ("locked", models.BooleanField()),
                ("content", models.CharField(blank=True, max_length=64)),
                ("pages", models.PositiveIntegerField()),
                ("at", models.DateTimeField()),
                ("reason", models.CharField(blank=True, max_length=300)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "centre",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="locks",
                        to="centres.centre",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="locks",
                        to="enrolment.patient",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "constraints": (
                    models.CheckConstraint(name="a lock says of what", condition=ONE_OF_THREE),
                    models.CheckConstraint(
                        name="a lock is opened for a reason",
                        condition=models.Q(locked=True) | ~models.Q(reason=""),
                    ),
                ),
            },
        ),
        append_only("casebook_lock"),
        closed_to_more(*ENTRY),
        closed_to_more(*PAGE),
    ]
