import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("centres", "0003_versions"),
        ("enrolment", "0002_append_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="Deviation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("first_dose_outside_window", "First dose outside its window"),
                            ("dose_not_given", "Dose not given"),
                            ("dose_late", "Dose given late"),
                            ("visit_missed", "Visit missed"),
                            ("visit_outside_window", "Visit outside its window"),
                            ("consent_after_procedure", "Consent after a procedure of the trial"),
                            ("serious_event_late", "Serious event reported after 24 hours"),
                            ("eligibility", "Enrolled against a criterion"),
                            ("consent", "Consent: form, version or person"),
                            ("treatment", "Preparation, storage or giving of treatment"),
                            ("other_medication", "Medicine that the protocol excludes"),
                            ("assessment", "Assessment not done as planned"),
                            ("confidentiality", "Confidentiality or blinding"),
                            ("other", "Other"),
                        ],
                        max_length=40,
                    ),
                ),
                ("about", models.CharField(blank=True, max_length=80)),
                ("what", models.TextField()),
                ("happened_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                ("trial_digest", models.CharField(max_length=64)),
                (
                    "centre",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deviations",
                        to="centres.centre",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deviations",
                        to="enrolment.patient",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("about", ""), _negated=True),
                        fields=("patient", "kind", "about"),
                        name="a rule finds a deviation once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("patient__isnull", False),
                                ("recorded_by", None),
                                models.Q(("about", ""), _negated=True),
                            ),
                            models.Q(("about", ""), ("recorded_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="a rule or a person finds a deviation",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("what", ""), _negated=True),
                        name="a deviation says what happened",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "first_dose_outside_window",
                                    "dose_not_given",
                                    "dose_late",
                                    "visit_missed",
                                    "visit_outside_window",
                                    "consent_after_procedure",
                                    "serious_event_late",
                                    "eligibility",
                                    "consent",
                                    "treatment",
                                    "other_medication",
                                    "assessment",
                                    "confidentiality",
                                    "other",
                                ],
                            )
                        ),
                        name="a deviation is of a listed kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("happened_at__lte", models.F("recorded_at"))),
                        name="a deviation happened before it is recorded",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Judgement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("important", "Important"),
                            ("not_important", "Not important"),
                            ("none", "No deviation after all"),
                        ],
                        max_length=20,
                    ),
                ),
                ("reason", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "deviation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="judgements",
                        to="oversight.deviation",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="a judgement has a reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("verdict__in", ["important", "not_important", "none"])),
                        name="a judgement is one of three",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Search",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("found", models.PositiveIntegerField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
    ]
