"""DOOR 1: the one place that says who may see a card, who may work on it, and how that is given and taken."""

from django.apps import apps
from django.db import connection, models
from django.db.models import Exists, OuterRef, Q
from guardian.shortcuts import assign_perm

from .prepared import composed, permission_id
from .words import meeting, worded

EXPENSES = "expenses"
LEADS = "leads"


def granted(user, codename, outer="pk"):
    """Whether the row named by ``outer`` was granted to this person, as an EXISTS on guardian's table."""
    grants = apps.get_model("cards", "CardGrant").objects
    return Exists(
        grants.filter(content_object_id=OuterRef(outer), user_id=user.pk, permission_id=permission_id(codename))
    )


class CardQuerySet(models.QuerySet):
    """Adjectives over cards; every list, count, sum and search starts with ``visible_to``."""

    def visible_to(self, user):
        """Cards this person may see (G1, G9, R-015): nothing while signed out, deactivated or without a role for it."""
        if user is None or not getattr(user, "sees_cards", False):
            return self.none()
        if user.is_executive:
            return self
        mine = granted(user, "view_card")
        if user.is_accountant:
            mine = Q(mine) | Q(pipeline=EXPENSES)
        if user.may_distribute_leads:
            mine = Q(mine) | Q(pipeline=LEADS, owner=None)
        return self.filter(mine)

    def workable_by(self, user):
        """Cards this person may change and move; what the steps themselves allow comes on top."""
        seen = self.visible_to(user)
        if user is None or not user.is_active or user.is_executive:
            return seen
        work = granted(user, "work_card")
        if user.is_accountant:
            work = Q(work) | Q(pipeline=EXPENSES)
        if user.may_distribute_leads:
            work = Q(work) | Q(pipeline=LEADS, owner=None)
        return seen.filter(work)

    def open(self):
        return self.filter(closed_at=None)

    def matching(self, *texts):
        """Cards in whose words all of one of the texts occurs, in part or in other forms; ё equals е (R-507)."""
        return meeting(self, worded(*texts))


def may_hand_over(user, card):
    """Who answers for the card, executives, and of leads also whoever distributes them."""
    return user.is_executive or card.owner_id == user.pk or (card.pipeline == LEADS and user.may_distribute_leads)


def may_work(user, card):
    """Whether this person may change the card now, asked afresh of the database."""
    return type(card).objects.workable_by(user).filter(pk=card.pk).exists()


def may_share(user, card):
    """The responsible person and executives invite; an invited colleague does not invite others (R-502)."""
    return user.is_executive or card.owner_id == user.pk


_followers = []


def on_access(func):
    """Register ``func(card, user, sees, works)``, told whenever access to a card is given or taken."""
    _followers.append(func)
    return func


def admit(card, user, work=True):
    """Let a person see the card, and work on it unless told otherwise (R-502)."""
    base = apps.get_model("cards", "Card")(pk=card.pk)
    assign_perm("view_card", user, base)
    if work:
        assign_perm("work_card", user, base)
    for follow in _followers:
        follow(card, user, True, work)


def dismiss(card, user):
    """Take all access to the card back from a person; what they hold as executive stays."""
    apps.get_model("cards", "CardGrant").objects.filter(content_object_id=card.pk, user=user).delete()
    for follow in _followers:
        follow(card, user, False, False)


def grants_of(card, user):
    """Codenames of what this person was given on the card."""
    grants = apps.get_model("cards", "CardGrant").objects.filter(content_object_id=card.pk, user=user)
    return list(grants.values_list("permission__codename", flat=True))


def grant_many(card, pairs):
    """Write the first grants of a new card in one statement; ``pairs`` are (user id, codename)."""
    grants = apps.get_model("cards", "CardGrant")
    grants.objects.bulk_create(
        [
            grants(content_object_id=card.pk, user_id=user, permission_id=permission_id(codename))
            for user, codename in dict.fromkeys(pairs)
        ],
        ignore_conflicts=True,
    )


def who_sees(card):
    """Everybody who may see this card now, for «who can see it» on its page (R-015, R-502)."""
    people = apps.get_model("people", "User").objects.seeing_cards()
    seen = Q(roles__contains=["executive"]) | Q(
        Exists(
            apps.get_model("cards", "CardGrant").objects.filter(
                content_object_id=card.pk, user_id=OuterRef("pk"), permission_id=permission_id("view_card")
            )
        )
    )
    if card.pipeline == EXPENSES:
        seen |= Q(roles__contains=["accountant"])
    if card.pipeline == LEADS and card.owner_id is None:
        seen |= Q(distributes_leads=True)
    return people.filter(seen)


def viewers(card):
    """Ids of everybody who may see this card now: whom a live hint may reach (R-015)."""
    shape = "viewers", card.pipeline, card.owner_id is None
    with connection.cursor() as cursor:
        cursor.execute(*composed(shape, card, lambda stand: who_sees(stand).order_by().values("pk")))
        return [pk for (pk,) in cursor.fetchall()]
