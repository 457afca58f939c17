"""Training and delegation are only ever added to."""

from django.db import migrations

from immunosep.web.audit.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("oversight", "0003_delegations")]
    operations = [
        append_only("oversight_training"),
        append_only("oversight_delegation"),
        append_only("oversight_delegationend"),
    ]
