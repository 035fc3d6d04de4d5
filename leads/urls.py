from django.urls import path

from . import gate_views, views
from .imports import views as imports

app_name = "leads"
urlpatterns = [
    path("<int:pk>/", views.card, name="card"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("new/", views.new, name="new"),
    path("known/", views.known, name="known"),
    path("assignments/", gate_views.assignments, name="assignments"),
    path("exclusions/", gate_views.exclusion_list, name="exclusions"),
    path("exclusions/new/", gate_views.exclusion_new, name="exclusion_new"),
    path("exclusions/<int:pk>/restorations/", gate_views.restorations, name="restorations"),
    path("journal/", gate_views.journal, name="journal"),
    path("journal/<int:pk>/admissions/", gate_views.admissions, name="admissions"),
    path("imports/", imports.imports, name="imports"),
    path("imports/<int:pk>/", imports.batch, name="import"),
    path("imports/<int:pk>/starts/", imports.starts, name="starts"),
    path("imports/<int:pk>/withdrawals/", imports.withdrawals, name="withdrawals"),
    path("imports/<int:pk>/removals/", imports.removals, name="removals"),
    path("imports/<int:pk>/mend/", imports.mend, name="mend"),
]
