"""The card: what every lead, deal and expense shares, who may see it, what happened to it, what it is linked to."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin
from guardian.models import UserObjectPermissionBase

from .access import CardQuerySet
from .fields import MoneyField
from .words import stems


class Card(FSMModelMixin, models.Model):
    """One thing that stands on a board; Lead, Deal and Expense are its children.

    ``stage`` moves through ``crm.pipelines.take`` alone; ``entry`` counts the stages entered, so that a rule
    fires once per entry (G7); ``amount`` is roubles; ``next_step*`` mirror the earliest open task.
    """

    pipeline = models.CharField(max_length=20, editable=False)
    stage = FSMField(max_length=30, protected=True)
    stage_since = models.DateTimeField(default=timezone.now, editable=False)
    entry = models.PositiveIntegerField(default=1, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)

    title = models.CharField(_("Title"), max_length=300)
    owner = models.ForeignKey(
        "people.User", models.PROTECT, null=True, blank=True, related_name="cards", verbose_name=_("Responsible")
    )
    author = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+", editable=False)
    company = models.ForeignKey(
        "clients.Company", models.PROTECT, null=True, blank=True, related_name="cards", verbose_name=_("Company")
    )
    contact = models.ForeignKey(
        "clients.Contact", models.PROTECT, null=True, blank=True, related_name="cards", verbose_name=_("Contact")
    )
    amount = MoneyField(_("Amount"), null=True, blank=True)
    comment = models.TextField(_("Comment"), blank=True, max_length=10_000)

    last_touch_at = models.DateTimeField(null=True, editable=False)
    next_step_at = models.DateTimeField(null=True, editable=False)
    next_step = models.CharField(max_length=300, blank=True, editable=False)
    message_count = models.PositiveIntegerField(default=0, editable=False)
    file_count = models.PositiveIntegerField(default=0, editable=False)
    custom = models.JSONField(default=dict, blank=True, editable=False)
    # What a text filter looks in: title, number, client, phones and mails; kept by save() and by clients.
    words = models.TextField(blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = CardQuerySet.as_manager()

    letter = ""
    # Fields whose words it is found by.
    FOUND_BY = frozenset({"title", "company", "contact"})
    # The pipeline that the class is the process of; ``@pipeline`` says it.
    slug = ""

    class Meta:
        permissions = [("work_card", "Can work on the card")]
        default_permissions = ("view",)
        indexes = [
            models.Index(
                "pipeline",
                "stage",
                models.F("stage_since").desc(),
                models.F("id").desc(),
                include=("amount",),
                name="card_column",
            ),
            models.Index("owner", "pipeline", name="card_owner"),
            models.Index(fields=["pipeline", "next_step_at"], name="card_step"),
            GinIndex(OpClass(Upper("words"), name="gin_trgm_ops"), name="card_words"),
            GinIndex(stems(), name="card_stems"),
        ]

    def __str__(self):
        return self.title

    @property
    def number(self):
        """The number people call the card by, such as «С-418»."""
        return f"{self.letter or kind_of(self.pipeline).letter}-{self.pk}"

    @property
    def is_open(self):
        return self.closed_at is None

    @property
    def client_name(self):
        return str(self.company or self.contact or "")

    def get_absolute_url(self):
        from django.urls import reverse

        kind = kind_of(self.pipeline)
        return reverse(f"{kind._meta.app_label}:card", args=[self.pk])

    def as_kind(self):
        """This row as its child class (Lead, Project, Expense …), so that its own fields and steps are there."""
        kind = kind_of(self.pipeline)
        return self if type(self) is kind else kind.objects.get(pk=self.pk)

    @classmethod
    def held_with(cls, ids):
        """Ids of other cards that acts on these change as well: they are locked together."""
        return ()

    def requires(self, name):
        """Whether a field that a step needs is needed of this very card; its child may know an exception."""
        return True

    def build_words(self):
        """The text that filters and search look in."""
        parts = [self.title, self.number if self.pk else ""]
        for client in (self.company, self.contact):
            if client is not None:
                parts.append(client.words)
        return " ".join(filter(None, parts))


KINDS: dict[str, type[Card]] = {}


def kind_of(pipeline):
    """The model class whose rows carry this pipeline slug."""
    return KINDS[pipeline]


class CardGrant(UserObjectPermissionBase):
    """guardian's direct foreign-key permission rows: who may see a card, who may work on it (R-015, R-502)."""

    content_object = models.ForeignKey(Card, on_delete=models.CASCADE, related_name="grants")

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False
        indexes = [models.Index(fields=["content_object", "permission", "user"], name="grant_card")]


class Event(models.Model):
    """What happened to a card, who did it and when; written in the transaction of the change (R-508)."""

    class Kind(models.TextChoices):
        CREATED = "created", _("created")
        MOVED = "moved", _("moved")
        UNDONE = "undone", _("undone")
        TRANSFERRED = "transferred", _("transferred")
        CHANGED = "changed", _("changed")
        OWNER = "owner", _("responsible changed")
        SHARED = "shared", _("access given")
        UNSHARED = "unshared", _("access taken back")
        TASK = "task", _("task")
        TASK_DONE = "task-done", _("task done")
        TOUCH = "touch", _("contact with the client")
        NOTE = "note", _("note")
        LINKED = "linked", _("linked")
        RULE = "rule", _("rule")
        PAID = "paid", _("payment")
        STORNO = "storno", _("payment reversed")
        SPLIT = "split", _("split into payments")
        FILE = "file", _("files")
        CALL = "call", _("internal call")

    card = models.ForeignKey(Card, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=12, choices=Kind)
    actor = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    entry = models.PositiveIntegerField(default=1)
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    # The form's own key: the same form sent twice finds its first event instead of acting again.
    key = models.UUIDField(null=True, unique=True)

    class Meta:
        indexes = [
            models.Index("card", models.F("at").desc(), models.F("id").desc(), name="event_feed"),
            models.Index("kind", models.F("at").desc(), name="event_kind"),
            # A client's turning to us: the clock looks every minute for what was not answered.
            models.Index("card", "at", name="event_inbound", condition=models.Q(kind="touch", data__outbound=False)),
        ]

    def __str__(self):
        return f"{self.kind} {self.card_id}"

    # What robots of this very move have to say to the person who made it; told once, not kept.
    hints: tuple[str, ...] = ()

    def hint(self, text):
        """Tell the mover something, beside what the move itself shows."""
        self.hints = (*self.hints, text)

    def made(self, thing, **more):
        """Remember what a rule made in this move, so that undo can take it away again."""
        # Another card is named by its number: not everybody who sees this one sees that one's title.
        name = thing.number if isinstance(thing, Card) else str(thing)
        made = {"model": thing._meta.label_lower, "pk": thing.pk, "name": name, **more}
        self.data.setdefault("made", []).append(made)
        return thing


class CardLink(models.Model):
    """A link from the card that caused another to that other (R-220); shown on both."""

    source = models.ForeignKey(Card, models.CASCADE, related_name="links")
    target = models.ForeignKey(Card, models.CASCADE, related_name="backlinks")
    rule = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "target"], name="link_once")]

    def __str__(self):
        return f"{self.source_id} → {self.target_id}"
