import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("enrolment", "0002_append_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="Page",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("form", models.CharField(max_length=60)),
                ("visit", models.CharField(blank=True, max_length=60)),
                ("number", models.PositiveIntegerField(default=1)),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("started", "Started"),
                            ("complete", "Complete"),
                            ("frozen", "Frozen"),
                            ("locked", "Locked"),
                        ],
                        default="started",
                        max_length=20,
                    ),
                ),
                ("entries_made", models.PositiveIntegerField(default=0)),
                ("verified", models.BooleanField(default=False)),
                ("opened_at", models.DateTimeField()),
                ("request", models.UUIDField(null=True)),
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pages",
                        to="enrolment.patient",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("patient", "form", "visit", "number"), name="a page is there once"
                    ),
                    models.UniqueConstraint(fields=("request",), name="a request adds one page"),
                ],
            },
        ),
        migrations.CreateModel(
            name="PageEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("column", models.CharField(max_length=60)),
                ("value", models.JSONField(null=True)),
                ("entered_at", models.DateTimeField()),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("trial_digest", models.CharField(max_length=64)),
                (
                    "entered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="casebook.page",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "indexes": [
                    models.Index(fields=["page", "column"], name="casebook_pa_page_id_92c68e_idx")
                ],
            },
        ),
        migrations.CreateModel(
            name="Query",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("column", models.CharField(blank=True, max_length=60)),
                ("check_id", models.CharField(blank=True, max_length=60)),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "Open"), ("answered", "Answered"), ("closed", "Closed")],
                        default="open",
                        max_length=20,
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="queries",
                        to="casebook.page",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            models.Q(("check_id", ""), _negated=True),
                            models.Q(("status", "closed"), _negated=True),
                        ),
                        fields=("page", "check_id"),
                        name="a rule asks about a page once at a time",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="QueryStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "Open"), ("answered", "Answered"), ("closed", "Closed")],
                        max_length=20,
                    ),
                ),
                ("text", models.TextField()),
                ("at", models.DateTimeField()),
                ("role", models.CharField(blank=True, max_length=60)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "query",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="casebook.query",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="Signature",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("block", models.CharField(max_length=60)),
                ("meaning", models.CharField(max_length=200)),
                ("name", models.CharField(max_length=200)),
                ("content", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatures",
                        to="enrolment.patient",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="Step",
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
                            ("completed", "Completed"),
                            ("reopened", "Reopened"),
                            ("missed", "Said not to take place"),
                            ("verified", "Compared with the source"),
                            ("unverified", "Verification taken back"),
                            ("frozen", "Frozen"),
                            ("unfrozen", "Unfrozen"),
                            ("locked", "Locked"),
                            ("unlocked", "Unlocked"),
                        ],
                        max_length=20,
                    ),
                ),
                ("entries", models.PositiveIntegerField()),
                ("at", models.DateTimeField()),
                ("reason", models.CharField(blank=True, max_length=300)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="casebook.page",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
    ]
