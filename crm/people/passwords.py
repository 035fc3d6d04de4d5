"""Choosing one's first password at a link that is good once."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.tokens import default_token_generator
from django.contrib.auth.views import PasswordResetConfirmView
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode


def link_for(user):
    """The whole address at which this person chooses a password: good once, for three days."""
    key = urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user)
    return settings.SITE_URL.rstrip("/") + reverse("people:set_password", args=key)


@method_decorator(login_not_required, name="dispatch")
class SetPassword(PasswordResetConfirmView):
    """The link dies with its use, with any other change of the password, and after `PASSWORD_RESET_TIMEOUT`."""

    template_name = "people/set_password.html"
    success_url = reverse_lazy("people:sign_in")

    def render_to_response(self, context, **response_kwargs):
        """A password that will not do is 422, like any invalid form."""
        status = 422 if context.get("form") and context["form"].errors else 200
        return super().render_to_response(context, status=status, **response_kwargs)
