"""`manage.py firstadmin`: the first person of a new installation, who adds all others."""

import os
import sys
from getpass import getpass

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from crm.people.models import Role, User
from crm.people.passwords import link_for


class Command(BaseCommand):
    """Asks a person at a terminal; a script gives `CRM_ADMIN_EMAIL` and gets a link to choose the password at."""

    help = "Create the first administrator."
    requires_system_checks: list[str] = []

    def handle(self, *args, **options) -> None:
        """Raises CommandError when the company has an administrator, or the answers will not do."""
        email = os.environ.get("CRM_ADMIN_EMAIL", "").strip().lower()
        administrators = User.objects.with_role(Role.ADMINISTRATOR)
        waiting = administrators.filter(email=email).first() if email else None
        if waiting and not waiting.has_usable_password():
            self._invite(waiting)
        elif administrators.exists():
            raise CommandError("The company has an administrator already, who can add people and roles.")
        elif email:
            self._invite(self._create(email, email.partition("@")[0], None))
        elif sys.stdin.isatty():
            self._ask()
        else:
            raise CommandError("Nobody to ask: run it at a terminal, or set CRM_ADMIN_EMAIL.")

    def _ask(self) -> None:
        name, email = input("Name: ").strip(), input("E-mail: ").strip().lower()
        password = getpass("Password: ")
        if getpass("Password again: ") != password:
            raise CommandError("The passwords differ. Nobody was created.")
        self._create(email, name or email, password)
        self.stdout.write(f"{name or email} can sign in at {settings.SITE_URL}")

    def _create(self, email: str, name: str, password: str | None) -> User:
        user = User(email=email, name=name, roles=[Role.ADMINISTRATOR])
        try:
            if password is not None:
                validate_password(password, user)
            user.set_password(password)
            user.full_clean()
        except ValidationError as wrong:
            raise CommandError("\n".join([*wrong.messages, "Nobody was created."])) from None
        user.save()
        return user

    def _invite(self, user: User) -> None:
        self.stdout.write(f"{user.email} chooses the password here, once, within three days:\n")
        self.stdout.write(f"  {link_for(user)}\n")
