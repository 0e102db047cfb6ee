"""`/p/<slug>/EP01/SC01_SH010/draws/<layer>/`, `/p/<slug>/worlds/`"""

from django.urls import path, re_path

from studio.generation import views

app_name = "generation"
LAYER = "p/<slug:slug>/<episode:episode>/<shotpath:shot>/draws/<uuid:layer>"
urlpatterns = [
    path("p/<slug:slug>/worlds/", views.worlds, name="worlds"),
    path(f"{LAYER}/", views.draws, name="draws"),
    path(f"{LAYER}/ask/", views.ask, name="ask"),
    path(f"{LAYER}/permit/", views.permit, name="permit"),
    re_path(
        r"^p/(?P<slug>[-\w]+)/draw/(?P<pk>[0-9a-f-]{36})/(?P<act>star|unstar|bin|restore|use|cancel)/$",
        views.pick,
        name="pick",
    ),
]
