"""Signing in and out, one's own profile, and the people of the company for the administrator."""

from functools import wraps

from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.db import transaction
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.sockets import hint
from crm.web import go, page

from .forms import PersonForm, ProfileForm, SignInForm
from .models import User
from .passwords import link_for

YEAR = 365 * 24 * 3600


@method_decorator(login_not_required, name="dispatch")
class SignIn(LoginView):
    template_name = "people/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_invalid(self, form):
        """422 with the address as it was typed; what exactly was wrong is nobody's business."""
        return self.render_to_response(self.get_context_data(form=form), status=422)


def named(request, credentials):
    """The account that a wrong password is counted for, however its address was spelled."""
    return ((credentials or {}).get("username") or request.POST.get("username", "")).strip().lower()


def locked_out(request, credentials, *args, **kwargs):
    """Too many wrong passwords: say when to come back, never whether the account exists."""
    form = SignInForm(request, initial={"username": request.POST.get("username", "")[:254]})
    context = {"form": form, "locked": True, "next": request.POST.get("next", "")}
    return render(request, "people/sign_in.html", context, status=429)


@require_http_methods(["GET", "POST"])
def profile(request):
    """One's own name, phone, language, theme and password."""
    user = User.objects.get(pk=request.user.pk)
    form = ProfileForm(request.POST or None, instance=user, initial={"theme": request.COOKIES.get("theme", "")})
    if request.method == "POST" and form.is_valid():
        update_session_auth_hash(request, form.save())
        answer = go(request, "people:profile")
        if theme := form.cleaned_data["theme"]:
            answer.set_cookie("theme", theme, max_age=YEAR, samesite="Lax")
        else:
            answer.delete_cookie("theme", samesite="Lax")
        return answer
    return page(request, "people/profile.html", {"form": form}, status=422 if form.errors else 200)


def for_administrators(view):
    """Let in administrators; for everybody else the page is not there."""

    @wraps(view)
    def inner(request, *args, **kwargs):
        if not request.user.is_administrator:
            raise Http404
        return view(request, *args, **kwargs)

    return inner


@require_safe
@for_administrators
def people(request):
    """Everybody of the company."""
    return page(request, "people/people.html", {"people": User.objects.order_by("-is_active", "name")})


@require_http_methods(["GET", "POST"])
@for_administrators
@transaction.atomic
def person(request, pk=None):
    """Add a person, change roles, or end someone's access at once (R-501); who is new gets a link."""
    user = None
    if pk is not None:
        rows = User.objects.select_for_update() if request.method == "POST" else User.objects
        user = rows.filter(pk=pk).first()
        if user is None:
            raise Http404
    form = PersonForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        return go(request, reverse("people:person", args=[form.save().pk]))
    shown = User.objects.filter(pk=pk).first() if pk else None
    link = link_for(shown) if shown and shown.is_active and not shown.has_usable_password() else ""
    context = {"form": form, "person": shown, "link": link}
    return page(request, "people/person.html", context, status=422 if form.errors else 200)


@require_POST
@for_administrators
@transaction.atomic
def invitations(request, pk):
    """Take a person's password away and end their sessions: they choose a new one at the link the page then shows."""
    user = User.objects.select_for_update().filter(pk=pk).first()
    if user is None:
        raise Http404
    if user.pk != request.user.pk:
        user.set_unusable_password()
        user.save(update_fields=["password"])
        user.shut_out()
        hint([user.pk], {"type": "access"})
    return go(request, reverse("people:person", args=[user.pk]))
