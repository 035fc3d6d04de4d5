from django.urls import path

from . import decision_views, device_views, outbox_views, views, wish_views

urlpatterns = [
    path("", views.notices, name="notices"),
    path("read/", views.notices_read, name="notices_read"),
    path("bell/", views.bell, name="notices_bell"),
    path("<int:pk>/read/", views.notice_read, name="notice_read"),
    path("of/<int:pk>/read/", views.card_read, name="notices_of_card"),
    path("wishes/", wish_views.wishes, name="notices_wishes"),
    path("devices/", device_views.devices, name="notices_devices"),
    path("devices/new/", device_views.device_new, name="notices_device_new"),
    path("devices/<int:pk>/removals/", device_views.device_removals, name="notices_device_removals"),
    path("telegram/codes/", device_views.telegram_codes, name="notices_telegram_codes"),
    path("telegram/removals/", device_views.telegram_removals, name="notices_telegram_removals"),
    path("decisions/<str:token>/", decision_views.decision, name="notices_decision"),
    path("undelivered/", outbox_views.undelivered, name="notices_undelivered"),
    path("undelivered/resends/", outbox_views.resends, name="notices_resends"),
    path("undelivered/<int:pk>/resends/", outbox_views.resend, name="notices_resend"),
]
