"""What a message is sent with."""

from django import forms
from django.utils.translation import gettext_lazy as _


class Numbers(forms.Field):
    """Ids, as many as were sent under this name."""

    widget = forms.SelectMultiple

    def to_python(self, value):
        try:
            return {int(one) for one in value or ()}
        except ValueError:
            raise forms.ValidationError(_("Whom you mention does not see this card.")) from None


class MessageForm(forms.Form):
    """Words, the number of the message they answer, and ids of the people they call."""

    text = forms.CharField(
        label=_("Message"), max_length=10_000,
        error_messages={"max_length": _("The message is too long: no more than 10 000 characters fit.")},
    )  # fmt: skip
    reply = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1)
    mention = Numbers(required=False)
