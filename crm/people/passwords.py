"""Choosing one's first password at a link that is good once."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import PasswordResetConfirmView
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator


@method_decorator(login_not_required, name="dispatch")
class SetPassword(PasswordResetConfirmView):
    """The link dies with its use, with any other change of the password, and after `PASSWORD_RESET_TIMEOUT`."""

    template_name = "people/set_password.html"
    success_url = reverse_lazy("people:sign_in")

    def render_to_response(self, context, **response_kwargs):
        """A password that will not do is 422, like any invalid form."""
        status = 422 if context.get("form") and context["form"].errors else 200
        return super().render_to_response(context, status=status, **response_kwargs)
