"""Addresses of a person's own account; sign-in, password and two-step pages are allauth's under /accounts/."""

from django.urls import path

from studio.accounts import views

app_name = "accounts"

urlpatterns = [
    path("me/", views.profile, name="profile"),
    path("me/tokens/", views.create_token, name="create_token"),
    path("me/tokens/<uuid:token_id>/revoke/", views.revoke_token, name="revoke_token"),
    path("me/demo/", views.demo, name="demo"),
    path("me/language/", views.language, name="language"),
]
