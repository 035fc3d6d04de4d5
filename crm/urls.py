"""Every address of the product, composed of the apps' own."""

from django.urls import include, path

from crm import home, shell, web
from crm.notifications.device_views import service_worker

urlpatterns = [
    path("", home.home, name="home"),
    path("create/", home.create, name="create"),
    path("waiting/", shell.badges, name="badges"),
    path("sw.js", service_worker, name="service_worker"),
    path("healthz", web.healthz, name="healthz"),
    path("readyz", web.readyz, name="readyz"),
    path("", include("crm.people.urls")),
    path("", include("crm.boards.urls")),
    path("", include("crm.boards.card_urls")),
    path("", include("crm.activities.urls")),
    path("clients/", include("crm.clients.urls")),
    path("search/", include("crm.search.urls")),
    path("settings/", include("crm.office.urls")),
    path("notices/", include("crm.notifications.urls")),
    path("", include("crm.oversight.urls")),
    path("leads/", include("leads.urls")),
    path("deals/", include("deals.urls")),
    path("expenses/", include("expenses.urls")),
    path("chats/", include("chats.urls")),
    path("calls/", include("crm.calls.urls")),
    path("files/", include("files.urls")),
]
handler404 = "crm.home.not_found"
handler500 = "crm.home.failed"
