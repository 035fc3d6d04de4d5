"""`manage.py messages`: texts of code and templates into the translators' files."""

from django.core.management.base import BaseCommand

from crm.launcher import texts


class Command(BaseCommand):
    """Gather texts and say which await translation."""

    help = "Bring the translation catalogues to the texts of code and templates, and list what is untranslated."
    requires_system_checks: list[str] = []

    def handle(self, *args, **options) -> None:
        """Update the files; the list goes to the standard output."""
        texts.update()
        self.stdout.write("\n".join(texts.untranslated()) or "Everything is translated.")
