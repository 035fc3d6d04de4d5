"""People of the company, what they are trusted with, and how they sign in."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.dispatch import Signal
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

# Sent with ``user`` when a person is shut out: whatever lets them in without a session ends with it.
shut_out = Signal()


class Role(models.TextChoices):
    """What a person is trusted with (G1); one person may hold several."""

    EXECUTIVE = "executive", _("executive")
    MANAGER = "manager", _("manager")
    ACCOUNTANT = "accountant", _("accountant")
    ADMINISTRATOR = "administrator", _("administrator")


class UserQuerySet(models.QuerySet):
    def active(self):
        return self.filter(is_active=True)

    def with_role(self, *roles):
        return self.active().filter(roles__overlap=list(roles))

    def executives(self):
        return self.with_role(Role.EXECUTIVE)

    def accountants(self):
        return self.with_role(Role.ACCOUNTANT)

    def seeing_cards(self):
        """People who have a role in which cards are seen, as ``User.sees_cards`` says of one."""
        return self.active().filter(
            Q(roles__overlap=[Role.EXECUTIVE, Role.MANAGER, Role.ACCOUNTANT]) | Q(distributes_leads=True)
        )

    def assignable(self):
        """People whom a lead or a deal may be given to."""
        return self.with_role(Role.MANAGER, Role.EXECUTIVE)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    def get_by_natural_key(self, email):
        return self.get(email__iexact=email)

    def create_user(self, email, password=None, **fields):
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person with a mail address to sign in with, roles, and a language (R-501)."""

    email = models.EmailField(_("E-mail"))
    name = models.CharField(_("Name"), max_length=120)
    position = models.CharField(_("Job title"), max_length=120, blank=True)
    phone = models.CharField(_("Phone"), max_length=40, blank=True)
    roles = ArrayField(models.CharField(max_length=20, choices=Role), default=list, verbose_name=_("Roles"))
    distributes_leads = models.BooleanField(_("Distributes leads"), default=False)
    language = models.CharField(
        _("Language"), max_length=5, choices=[("ru", "Русский"), ("en", "English")], default="ru"
    )
    is_active = models.BooleanField(_("Works here"), default=True)
    # Raised whenever access changes: every session carries it in its hash, so all of them end at once.
    epoch = models.PositiveIntegerField(default=0, editable=False)
    joined_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("person")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_once"),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        super().clean()
        self.email = type(self).objects.normalize_email(self.email).strip().lower()

    def _holds(self, role):
        return self.is_active and role in self.roles

    @property
    def is_executive(self):
        return self._holds(Role.EXECUTIVE)

    @property
    def is_manager(self):
        return self._holds(Role.MANAGER)

    @property
    def is_accountant(self):
        return self._holds(Role.ACCOUNTANT)

    @property
    def is_administrator(self):
        return self._holds(Role.ADMINISTRATOR)

    def has_board(self, pipeline):
        """Whether this person works with that kind of card, a pipeline's slug; which of them, ``visible_to`` says."""
        return (
            self.works_with_clients
            or (pipeline == "expenses" and self.is_accountant)
            or (pipeline == "leads" and self.may_distribute_leads)
        )

    @property
    def works_with_clients(self):
        return self.is_executive or self.is_manager

    @property
    def may_distribute_leads(self):
        return self.is_executive or (self.is_active and self.distributes_leads)

    @property
    def sees_cards(self):
        """Whether the person has a role in which cards are seen at all; without one, a grant of old opens nothing (G1)."""
        return self.works_with_clients or self.is_accountant or self.may_distribute_leads

    # guardian asks these two of any user model.
    is_superuser = False

    def has_perm(self, perm, obj=None):
        return False

    @property
    def initials(self):
        return initials(self.name)

    @property
    def tone(self):
        return tone(self.pk)

    @property
    def first_name(self):
        return self.name.split(" ")[0]

    def role_names(self):
        return [Role(role).label for role in self.roles]

    def get_session_auth_hash(self):
        return salted_hmac("crm.people.session", f"{self.password}:{self.epoch}", algorithm="sha256").hexdigest()

    def end_sessions(self):
        """End every session and socket of this person now: what they may do has changed (R-501)."""
        type(self).objects.filter(pk=self.pk).update(epoch=F("epoch") + 1)
        self.refresh_from_db(fields=["epoch"])

    def shut_out(self):
        """End every session, socket, token and device: the person left, or their password is another (R-501)."""
        with transaction.atomic():
            self.end_sessions()
            shut_out.send(type(self), user=self)

    @classmethod
    def last_administrator(cls, user):
        """Whether nobody but this person could administer the company."""
        return not cls.objects.with_role(Role.ADMINISTRATOR).filter(~Q(pk=user.pk)).exists()


def initials(name):
    """Two letters that stand for a person: first letters of the first two words."""
    return "".join(word[0] for word in name.split()[:2]).upper()


def tone(pk):
    """The avatar's colour letter, always the same for one person."""
    return "abcdefgh"[(pk or 0) % 8]
