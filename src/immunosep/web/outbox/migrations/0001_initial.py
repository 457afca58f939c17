import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import immunosep.web.outbox.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=immunosep.web.outbox.models.new_id,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("sequence", models.BigIntegerField(unique=True)),
                ("kind", models.CharField(max_length=40)),
                ("centre", models.CharField(blank=True, max_length=60)),
                ("subject", models.CharField(max_length=120)),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ("sequence",),
            },
        ),
        migrations.CreateModel(
            name="Place",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("sequence", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="there is one place in the trail"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Webhook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("url", models.CharField(max_length=500)),
                ("kinds", models.JSONField()),
                ("sealed", models.TextField()),
                ("made_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("url__startswith", "https://")),
                        name="a webhook is reached by HTTPS",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at", None),
                            ("ended_at__gte", models.F("made_at")),
                            _connector="OR",
                        ),
                        name="a webhook ends after it is made",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=immunosep.web.outbox.models.new_id,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("day", models.DateField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("taken", "Being sent"),
                            ("sent", "Sent"),
                            ("empty", "Nothing to say"),
                            ("dead", "Given up"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("made_at", models.DateTimeField()),
                ("next_at", models.DateTimeField()),
                ("taken_at", models.DateTimeField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
                ("fault", models.CharField(blank=True, max_length=60)),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="outbox.notice"
                    ),
                ),
                (
                    "webhook",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="outbox.webhook"
                    ),
                ),
            ],
            options={
                "ordering": ("made_at", "id"),
                "indexes": [
                    models.Index(fields=["state", "next_at"], name="outbox_deli_state_92f6b1_idx")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("day", None),
                                ("notice__isnull", False),
                                ("user", None),
                                ("webhook__isnull", False),
                            ),
                            models.Q(
                                ("user__isnull", False),
                                ("webhook", None),
                                models.Q(
                                    models.Q(("day__isnull", False), ("notice", None)),
                                    models.Q(("day", None), ("notice__isnull", False)),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="a message goes to one, about one thing",
                    ),
                    models.UniqueConstraint(
                        fields=("notice", "user"), name="a person is told once"
                    ),
                    models.UniqueConstraint(
                        fields=("notice", "webhook"), name="a webhook is told once"
                    ),
                    models.UniqueConstraint(
                        fields=("user", "day"), name="a person has one digest a day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("done_at", None),
                            ("state__in", ["sent", "empty", "dead"]),
                            _negated=True,
                        ),
                        name="a message that is done has its time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Choice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "topic",
                    models.CharField(
                        choices=[
                            ("queries", "Questions about entries"),
                            ("visits", "Overdue pages"),
                            ("safety", "Serious adverse events and their clocks"),
                            ("unblinding", "Unblinding: that it happened, never what was learnt"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "how",
                    models.CharField(
                        choices=[
                            ("at_once", "At once"),
                            ("daily", "Once a day"),
                            ("none", "Not by e-mail"),
                        ],
                        max_length=10,
                    ),
                ),
                ("since", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices_chosen",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "topic"), name="a topic is chosen once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("how__in", ["at_once", "daily", "none"])),
                        name="a notice comes at once, daily or not",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("how", "at_once"), ("topic", "visits"), _negated=True),
                        name="overdue pages are told by the day",
                    ),
                ],
            },
        ),
    ]
