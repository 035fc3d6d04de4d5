"""`manage.py lint`: what no general tool looks at — that templates compile and translations are whole."""

from typing import cast

from django.core.management.base import BaseCommand, CommandError
from django.template import engines
from django.template.backends.jinja2 import Jinja2
from jinja2 import TemplateError

from crm.launcher import texts


class Command(BaseCommand):
    """Compile every template and compare the catalogues with the texts in use."""

    help = "Check that every template compiles and every text is translated."
    requires_system_checks: list[str] = []

    def handle(self, *args, **options) -> None:
        """Raises CommandError with everything that is wrong, not only the first."""
        problems = [*self._broken_templates(), *(f"untranslated, {text!r}" for text in texts.untranslated())]
        if problems:
            raise CommandError(f"{len(problems)} problems:\n" + "\n".join(problems))

    def _broken_templates(self) -> list[str]:
        broken = []
        environment = cast(Jinja2, engines["jinja2"]).env
        for name in environment.list_templates(extensions=["html", "txt"]):
            try:
                environment.get_template(name)
            except TemplateError as problem:
                broken.append(f"templates/{name}:{getattr(problem, 'lineno', 1)}: {problem}")
        return broken
