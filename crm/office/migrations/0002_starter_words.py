from django.db import migrations

from crm.office import starter


class Migration(migrations.Migration):
    dependencies = [("office", "0001_initial")]

    operations = [
        migrations.RunPython(lambda apps, _schema: starter.load(apps), migrations.RunPython.noop, elidable=False)
    ]
