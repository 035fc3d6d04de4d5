"""What a message is sent with."""

from django import forms
from django.utils.translation import gettext_lazy as _


class Numbers(forms.Field):
    """Ids, as many as were sent under this name."""

    widget = forms.SelectMultiple
    default_error_messages = {"odd": _("Whom you mention does not see this card.")}

    def to_python(self, value):
        try:
            return {int(one) for one in value or ()}
        except ValueError:
            raise forms.ValidationError(self.error_messages["odd"]) from None


class MessageForm(forms.Form):
    """Words, the number of the message they answer, ids of the people they call and of the files they come with."""

    text = forms.CharField(
        label=_("Message"), max_length=10_000, required=False,
        error_messages={"max_length": _("The message is too long: no more than 10 000 characters fit.")},
    )  # fmt: skip
    reply = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1)
    mention = Numbers(required=False)
    file = Numbers(required=False, error_messages={"odd": _("The file is not in the folder of this card.")})

    def clean(self):
        said = super().clean()
        if not self.errors and not said["text"] and not said["file"]:
            self.add_error("text", self.fields["text"].error_messages["required"])
        return said
