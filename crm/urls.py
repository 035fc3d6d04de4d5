"""Every address of the product, composed of the apps' own."""

from django.urls import include, path

from crm import home, web

urlpatterns = [
    path("", home.home, name="home"),
    path("create/", home.create, name="create"),
    path("healthz", web.healthz, name="healthz"),
    path("readyz", web.readyz, name="readyz"),
    path("", include("crm.people.urls")),
    path("", include("crm.boards.urls")),
    path("", include("crm.boards.card_urls")),
    path("", include("crm.activities.urls")),
    path("clients/", include("crm.clients.urls")),
    path("search/", include("crm.search.urls")),
    path("notices/", include("crm.notifications.urls")),
    path("leads/", include("leads.urls")),
    path("deals/", include("deals.urls")),
    path("expenses/", include("expenses.urls")),
    path("chats/", include("chats.urls")),
    path("files/", include("files.urls")),
]
handler404 = "crm.home.not_found"
handler500 = "crm.home.failed"
