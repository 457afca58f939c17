"""Versions, amendments and where they went live are only ever added to."""

from django.db import migrations

from immunosep.web.audit.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("amendments", "0001_initial")]
    operations = [
        append_only("amendments_version"),
        append_only("amendments_amendment"),
        append_only("amendments_boundconsent"),
        append_only("amendments_activation"),
    ]
