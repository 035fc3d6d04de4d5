"""Files in a chat: put into the card's folder first, then named by the message that shows them (R-263, R-509)."""

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.web import form_key, nothing, page, toast, visible
from files import kinds, store
from files.models import File
from files.verbs import put_part

from .models import Room

MOST = 20  # files of one message


def taken(card, pks):
    """What the message keeps of these files (ids), which all lie in the card's own folders. Raises ValidationError."""
    there = {file.pk: file for file in File.objects.there().filter(pk__in=pks, folder__card_id=card.pk)}
    if set(pks) - set(there) or len(there) > MOST:
        raise ValidationError(_("The file is not in the folder of this card."))
    return [{"pk": pk, "name": there[pk].name} for pk in sorted(there)]


def shown(messages, room):
    """Give each message its ``files`` as they are now: (file, whether drawn in place, size); one statement if there are any."""
    named = {one["pk"] for message in messages for one in message.data.get("files", ())}
    rows = File.objects.filter(pk__in=named, folder__card_id=room.card_id).select_related("blob") if named else ()
    there = {file.pk: file for file in rows}
    for message in messages:
        found = [there[one["pk"]] for one in message.data.get("files", ()) if one["pk"] in there]
        message.files = [(file, picture(file), filesizeformat(file.size)) for file in found]


def picture(file):
    """Whether the file is drawn in place; its thumbnail may be still to come, and the page asks again."""
    return not file.trashed_at and kinds.shown_as(file.name, file.blob.mime) == "picture"


@require_POST
@visible(Room)
def attachments(request, room):
    """Put one file into the card's folder, for a message that is being written; the same ``key`` puts it once."""
    upload = request.FILES.get("file")
    if upload is None:
        return nothing(422, toast=toast(_("Choose a file."), error=True))
    part = store.Part()
    try:
        store.check_room(upload.size)
        with part.held() as held:
            part.take(held, upload, settings.FILES_MOST_BYTES + 1)
        # The folder's name is in the company's language, as the others' are.
        file = put_part(room.card, part, upload.name, request.user, form_key(request), way=("Чат",), beside=True)
    except store.Refusal as refusal:
        return nothing(refusal.status, toast=toast(refusal.text, error=True))
    except PermissionDenied:
        return nothing(403, toast=toast(_("Only those who work on the card put files into it."), error=True))
    finally:
        part.drop()
    return page(request, "chats/_attached.html", {"file": file, "picture": picture(file)})
