"""Devices and chats that a person's notices go to: added and ended in their own profile, by a click and never otherwise."""

from functools import cache

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.validators import URLValidator
from django.db import transaction
from django.http import Http404, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from crm.web import page, toast

from . import push, telegram
from .models import PushDevice, TelegramLink

MOST_DEVICES = 10


def places(request, **more):
    """The part of the profile with one's devices and Telegram."""
    link = TelegramLink.objects.filter(user=request.user).first() if telegram.is_there() else None
    context = {
        "devices": PushDevice.objects.filter(user=request.user).order_by("pk"), "push_key": push.public_key(),
        "telegram": telegram.is_there(), "chat": bool(link and link.chat), "bot": settings.TELEGRAM_BOT,
    }  # fmt: skip
    status, says = more.pop("status", 200), more.pop("says", None)
    template, part = "notifications/places_page.html", "notifications/_places.html"
    return page(request, template, context | more, part=part, status=status, says=says)


@require_safe
def devices(request):
    """Where one's notices go outside the CRM."""
    return places(request)


class DeviceForm(forms.Form):
    """What a browser says of its subscription."""

    endpoint = forms.CharField(max_length=1000, validators=[URLValidator(schemes=["https", "http"])])
    p256dh = forms.RegexField(r"^[\w-]{80,100}={0,2}$", max_length=100)
    auth = forms.RegexField(r"^[\w-]{20,40}={0,2}$", max_length=50)
    name = forms.CharField(max_length=100, required=False)

    def clean_endpoint(self):
        endpoint = self.cleaned_data["endpoint"]
        if not push.is_service(endpoint):
            raise forms.ValidationError(_("This browser's push service is not known here."))
        return endpoint


@require_POST
@transaction.atomic
def device_new(request):
    """Tell this browser from now on; the same browser again, or with another person, is the same row."""
    form = DeviceForm(request.POST)
    if not form.is_valid():
        why = form.errors.get("endpoint", [_("This browser could not be connected.")])[0]
        return places(request, status=422, says={"toast": toast(why, error=True)})
    answers = form.cleaned_data
    values = {
        "user": request.user,
        "p256dh": answers["p256dh"],
        "auth": answers["auth"],
        "name": answers["name"] or "?",
    }
    device, _new = PushDevice.objects.update_or_create(endpoint=answers["endpoint"], defaults=values)
    kept = PushDevice.objects.filter(user=request.user).order_by("-pk").values_list("pk", flat=True)[:MOST_DEVICES]
    PushDevice.objects.filter(user=request.user).exclude(pk__in=[device.pk, *kept]).delete()
    return places(request, says={"toast": toast(_("Notices will come to this browser"))})


@require_POST
def device_removals(request, pk):
    """Tell this device no more."""
    if not PushDevice.objects.filter(user=request.user, pk=pk).delete()[0]:
        raise Http404
    return places(request)


@require_POST
@transaction.atomic
def telegram_codes(request):
    """Give a one-time code to be sent to the bot; it is shown only now."""
    if not telegram.is_there():
        raise Http404
    return places(request, code=telegram.new_code(request.user))


@require_POST
def telegram_removals(request):
    """End the connection with one's chat, and a code that was not used."""
    if not telegram.is_there():
        raise Http404
    TelegramLink.objects.filter(user=request.user).delete()
    return places(request)


@cache
def _worker_script():
    return (settings.BASE_DIR / "static/dist/sw.js").read_bytes()


@login_not_required
@require_safe
def service_worker(request):
    """The script that shows messages while no page is open; it stands at the root, for that is how far it may see."""
    answer = HttpResponse(_worker_script(), content_type="text/javascript; charset=utf-8")
    answer.headers["Cache-Control"] = "no-store"
    return answer
