"""Signing in and out, one's own profile, and the people of the company for the administrator."""

from django import forms
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.views import LoginView
from django.http import Http404
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from crm.sockets import hint
from crm.web import go, page

from .models import Role, User


class SignInForm(AuthenticationForm):
    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": _("The e-mail and the password do not match."),
    }


@method_decorator(login_not_required, name="dispatch")
class SignIn(LoginView):
    template_name = "people/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True


def locked_out(request, credentials, *args, **kwargs):
    """Too many wrong passwords: say when to come back, never whether the account exists."""
    form = SignInForm(request)
    return render(request, "people/sign_in.html", {"form": form, "locked": True}, status=429)


class ProfileForm(forms.ModelForm):
    password = forms.CharField(
        label=_("New password"), required=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    class Meta:
        model = User
        fields = ["name", "phone", "language"]

    def clean_password(self):
        password = self.cleaned_data["password"]
        if password:
            validate_password(password, self.instance)
        return password

    def save(self, commit=True):
        if self.cleaned_data["password"]:
            self.instance.set_password(self.cleaned_data["password"])
        return super().save(commit)


@require_http_methods(["GET", "POST"])
def profile(request):
    """One's own name, phone, language and password."""
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=request.user.pk))
    if request.method == "POST" and form.is_valid():
        update_session_auth_hash(request, form.save())
        return go(request, "people:profile")
    return page(request, "people/profile.html", {"form": form}, status=422 if form.errors else 200)


class PersonForm(forms.ModelForm):
    roles = forms.MultipleChoiceField(label=_("Roles"), choices=Role.choices, widget=forms.CheckboxSelectMultiple)
    password = forms.CharField(
        label=_("Password"), required=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    class Meta:
        model = User
        fields = ["name", "email", "position", "phone", "roles", "distributes_leads", "is_active"]

    def clean_email(self):
        email = self.cleaned_data["email"].lower()
        if User.objects.exclude(pk=self.instance.pk).filter(email__iexact=email).exists():
            raise forms.ValidationError(_("This e-mail already belongs to a person here."))
        return email

    def clean_password(self):
        password = self.cleaned_data["password"]
        if password:
            validate_password(password, self.instance)
        elif self.instance.pk is None:
            raise forms.ValidationError(_("Set a first password."))
        return password

    def clean(self):
        fields = super().clean()
        stays = fields.get("is_active") and Role.ADMINISTRATOR in fields.get("roles", [])
        was = self.instance.pk and Role.ADMINISTRATOR in User.objects.get(pk=self.instance.pk).roles
        if was and not stays and User.last_administrator(self.instance):
            raise forms.ValidationError(_("This is the last administrator: name another one first."))
        return fields

    def save(self, commit=True):
        access = {"roles", "is_active", "distributes_leads", "password"} & set(self.changed_data)
        if self.cleaned_data["password"]:
            self.instance.set_password(self.cleaned_data["password"])
        user = super().save(commit)
        if access:
            user.end_sessions()
            hint([user.pk], {"type": "access"})
        return user


def _administrator(request):
    if not request.user.is_administrator:
        raise Http404


@require_safe
def people(request):
    """Everybody of the company, for the administrator."""
    _administrator(request)
    return page(request, "people/people.html", {"people": User.objects.order_by("-is_active", "name")})


@require_http_methods(["GET", "POST"])
def person(request, pk=None):
    """Add a person, change roles, or end someone's access at once (R-501)."""
    _administrator(request)
    user = User.objects.filter(pk=pk).first() if pk else None
    if pk and user is None:
        raise Http404
    form = PersonForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        form.save()
        return go(request, "people:list")
    return page(request, "people/person.html", {"form": form, "person": user}, status=422 if form.errors else 200)
