"""Forms of people: signing in, one's own profile, and what the administrator says of a person."""

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from crm.sockets import hint
from crm.web import SeenMixin

from .models import Role, User

THEMES = [("", _("As on the device")), ("light", _("Light")), ("dark", _("Dark"))]


class SignInForm(AuthenticationForm):
    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": _("The e-mail and the password do not match."),
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.is_bound:
            del self.fields["username"].widget.attrs["autofocus"]
            self.fields["password"].widget.attrs["autofocus"] = True


class Password(forms.PasswordInput):
    def __init__(self, autocomplete):
        super().__init__(attrs={"autocomplete": autocomplete})


class ProfileForm(forms.ModelForm):
    """One's own name, phone, language, theme and password; a new password ends one's other sessions (R-501)."""

    theme = forms.ChoiceField(label=_("Theme"), choices=THEMES, required=False)
    current = forms.CharField(
        label=_("Password now"), required=False, strip=False, max_length=4096, widget=Password("current-password")
    )
    password = forms.CharField(
        label=_("New password"), required=False, strip=False, max_length=4096, widget=Password("new-password"),
        help_text=_("Ends your other sessions, your calendar address, the file manager's password, push and Telegram."),
    )  # fmt: skip

    class Meta:
        model = User
        fields = ["name", "phone", "language"]
        labels = {"name": _("Full name")}

    field_order = ["name", "phone", "language", "theme", "current", "password"]

    def clean_password(self):
        password = self.cleaned_data["password"]
        if password:
            validate_password(password, self.instance)
        return password

    def clean(self):
        answers = super().clean()
        if answers.get("password") and not self.instance.check_password(answers.get("current", "")):
            self.add_error("current", _("This is not the password you have now."))
        return answers

    def save(self, commit=True):
        user = super().save(commit=False)
        # These alone: an administrator may be changing at this moment what the person may do.
        user.save(update_fields=self._meta.fields)
        if password := self.cleaned_data["password"]:
            user.set_password(password)
            user.save(update_fields=["password"])
            user.shut_out()
            hint([user.pk], {"type": "access"})
        return user


class PersonForm(SeenMixin):
    """A person of the company; a change of what they may do ends their sessions at once (R-501)."""

    roles = forms.MultipleChoiceField(label=_("Roles"), choices=Role.choices, widget=forms.CheckboxSelectMultiple)
    was_changed = _("Somebody has changed this person meanwhile. What you typed is kept: look again and save.")

    ACCESS = {"roles", "is_active", "distributes_leads"}

    class Meta:
        model = User
        fields = ["name", "email", "position", "phone", "roles", "distributes_leads", "is_active"]
        labels = {"name": _("Full name")}

    def clean_email(self):
        email = self.cleaned_data["email"].lower()
        if User.objects.exclude(pk=self.instance.pk).filter(email__iexact=email).exists():
            raise forms.ValidationError(_("This e-mail already belongs to a person here."))
        return email

    def clean(self):
        answers = super().clean()
        stays = answers.get("is_active") and Role.ADMINISTRATOR in answers.get("roles", [])
        was = self.instance.pk and Role.ADMINISTRATOR in User.objects.get(pk=self.instance.pk).roles
        if was and not stays and User.last_administrator(self.instance):
            raise forms.ValidationError(_("This is the last administrator: name another one first."))
        return answers

    def save(self, commit=True):
        if self.instance.pk is None:
            self.instance.set_unusable_password()
        user = super().save(commit)
        if self.ACCESS & set(self.changed_data):
            if user.is_active:
                user.end_sessions()
            else:
                user.shut_out()
            hint([user.pk], {"type": "access"})
        return user
