"""One's own password for the file manager: made, told once, ended (R-263)."""

import hashlib
import secrets
from urllib.parse import urljoin

from django.conf import settings
from django.dispatch import receiver
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from crm.people.models import User, shut_out
from crm.web import go, page

from ..models import DavKey

PAGE, PART = "files/dav_page.html", "files/_dav.html"


def digest(secret):
    """What is kept of a password: it is long and random, so one round is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_secret(user):
    """Give the person a new password, which ends the old one; only now can it be told."""
    secret = secrets.token_urlsafe(24)
    DavKey.objects.update_or_create(user=user, defaults={"digest": digest(secret), "created_at": timezone.now()})
    return secret


def person(email, secret):
    """Whose this address and password are, asked afresh; None for anybody else, and for one who left."""
    key = DavKey.objects.filter(digest=digest(secret)).first()
    user = User.objects.active().filter(pk=key.user_id).first() if key else None
    return user if user is not None and user.email.lower() == email.lower() else None


@receiver(shut_out)
def revoke(sender, user, **rest):
    """Whoever is shut out opens no folder either (R-501)."""
    DavKey.objects.filter(user=user).delete()


def block(request, secret=None):
    context = {
        "key": DavKey.objects.filter(user=request.user).first(), "secret": secret,
        "place": urljoin(settings.SITE_URL, "/dav/"),
    }  # fmt: skip
    return page(request, PAGE, context, PART)


@require_safe
def dav(request):
    """The block of one's profile: whether there is a password, and the way to make or end one."""
    return block(request)


@require_POST
def dav_keys(request):
    """Make a new password and tell it this once."""
    return block(request, new_secret(request.user))


@require_POST
def dav_revocations(request):
    """End the password."""
    revoke(None, request.user)
    return block(request) if request.headers.get("HX-Request") else go(request, "people:profile")
