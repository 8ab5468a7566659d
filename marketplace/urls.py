"""Routes of the marketplace app."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from marketplace.views import audit, entrance, modules, profile

urlpatterns = [
    path("login/", entrance.Login.as_view(), name="login"),
    path("logout/", LogoutView.as_view(next_page="login"), name="logout"),
    path("language/", entrance.choose_language, name="language"),
    path("profile/", profile.profile, name="profile"),
    path("profile/addresses/", profile.addresses, name="profile-addresses"),
    path("profile/addresses/<int:pk>/remove/", profile.remove, name="profile-address-remove"),
    path("profile/addresses/restore/<str:address>/", profile.restore, name="profile-address-restore"),
    path("maintenance/marketplace/", modules.marketplace, name="marketplace"),
    path("maintenance/marketplace/<slug:key>/", modules.module, name="module"),
    path(
        "maintenance/marketplace/<slug:key>/options/<slug:option_key>/", modules.option, name="module-option"
    ),
    path("maintenance/marketplace/<slug:key>/<slug:name>/", modules.step, name="module-step"),
    path("maintenance/audit/", audit.audit_log, name="audit-log"),
]
