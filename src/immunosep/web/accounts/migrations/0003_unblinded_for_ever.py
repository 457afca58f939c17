from django.db import migrations

from immunosep.web.accounts.unblinded_for_ever import stays_unblinded


class Migration(migrations.Migration):
    """Once unblinded, never blinded again: the database itself refuses."""

    dependencies = [("accounts", "0002_sessions_and_rules")]
    operations = [stays_unblinded()]
