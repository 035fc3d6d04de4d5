import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('leads', '0002_imports_and_journal'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='leadimport',
            name='import_file_once',
        ),
        migrations.AddField(
            model_name='leadimport',
            name='cleared_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='leadimport',
            name='taken_back_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='leadimport',
            name='taken_back_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='importrow',
            name='state',
            field=models.CharField(choices=[('ready', 'to import'), ('broken', 'mistakes'), ('known', 'contact already here'), ('repeat', 'repeat'), ('excluded', 'in the exclusion list'), ('done', 'imported'), ('kept', 'worked on, stays'), ('gone', 'taken back')], max_length=8),
        ),
        migrations.AlterField(
            model_name='intakerecord',
            name='outcome',
            field=models.CharField(choices=[('lead', 'lead made'), ('excluded', 'in the exclusion list'), ('admitted', 'lead made after all'), ('restored', 'taken from the exclusion list'), ('refused', 'not put on the exclusion list'), ('withdrawn', 'import taken back')], max_length=10),
        ),
        migrations.AddConstraint(
            model_name='leadimport',
            constraint=models.UniqueConstraint(condition=models.Q(('cleared_at', None)), fields=('by', 'digest'), name='import_file_once'),
        ),
    ]
