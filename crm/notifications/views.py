"""The bell's page: what a person should know, and marking it as read."""

from django.views.decorators.http import require_POST, require_safe

from crm.web import go, page

from .notices import bell, read

MOST = 100


@require_safe
def notices(request):
    """The newest notices, each leading to its card (R-514)."""
    return page(request, "notifications/notices.html", {"rows": bell(request.user, MOST)})


@require_POST
def notices_read(request):
    """Mark all notices as read."""
    read(request.user)
    return go(request, "notices")
