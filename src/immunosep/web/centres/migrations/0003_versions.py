from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("centres", "0002_approvals"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="approval",
            name="an approval is recorded once",
        ),
        migrations.AddField(
            model_name="approval",
            name="body",
            field=models.CharField(
                blank=True,
                choices=[("ethics_committee", "Ethics committee"), ("authority", "Authority")],
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="centre",
            name="trial_digest",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddConstraint(
            model_name="approval",
            constraint=models.UniqueConstraint(
                fields=("centre", "trial_version", "given_by", "reference"),
                name="an approval is recorded once",
            ),
        ),
    ]
