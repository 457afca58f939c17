"""Deviations, what was judged of them, and when the rules looked, are only ever added to."""

from django.db import migrations

from immunosep.web.audit.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("oversight", "0001_initial")]
    operations = [
        append_only("oversight_deviation"),
        append_only("oversight_judgement"),
        append_only("oversight_search"),
    ]
