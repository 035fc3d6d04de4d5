from django.db import migrations

REQUISITES = ("legal_name", "inn", "kpp", "bank_name", "bik", "account", "correspondent_account")


def freeze(apps, schema_editor):
    """What is approved and awaits its payment keeps the payee's requisites as they are now (R-309)."""
    spending = apps.get_model("expenses", "Spending").objects
    for expense in spending.filter(stage__in=["order", "bank"]).exclude(company=None).select_related("company"):
        payee = expense.company
        found = {name: getattr(payee, name) for name in REQUISITES} | {"legal_name": payee.legal_name or payee.name}
        spending.filter(pk=expense.pk).update(requisites=found)


def link(apps, schema_editor):
    """Parts and additional payments are linked with the expense they were made of (R-315, R-317)."""
    spending, links = apps.get_model("expenses", "Spending").objects, apps.get_model("cards", "CardLink").objects
    events = apps.get_model("cards", "Event").objects
    for made in spending.exclude(split_of=None).order_by("pk"):
        whole = spending.get(pk=made.split_of_id)
        about = {"pk": made.pk, "rule": "additional"}
        additional = events.filter(card_id=whole.pk, kind="moved", data__made__contains=[about]).exists()
        rule, rest_of = ("additional", whole.pk) if additional else ("split", whole.rest_of_id)
        links.get_or_create(source_id=whole.pk, target_id=made.pk, defaults={"rule": rule})
        spending.filter(pk=made.pk).update(rest_of=rest_of)


def nothing(apps, schema_editor):
    pass


class Migration(migrations.Migration):
    dependencies = [
        ("cards", "0005_word_forms"),
        ("clients", "0004_word_forms"),
        ("expenses", "0002_requisites_and_rests"),
    ]

    operations = [migrations.RunPython(freeze, nothing), migrations.RunPython(link, nothing)]
