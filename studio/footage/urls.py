"""`/p/<slug>/footage/`, `/p/<slug>/EP01/SC01_SH010/takes/`"""

from django.urls import path

from studio.footage import views

app_name = "footage"
SHOT = "p/<slug:slug>/<episode:episode>/<shotpath:shot>"
urlpatterns = [
    path("p/<slug:slug>/footage/", views.footage, name="list"),
    path(f"{SHOT}/takes/", views.takes, name="takes"),
    path(f"{SHOT}/takes/permit/", views.permit, name="permit"),
    path("p/<slug:slug>/footage/<uuid:pk>/circle/", views.circle, name="circle"),
    path("p/<slug:slug>/footage/<uuid:pk>/uncircle/", views.uncircle, name="uncircle"),
    path("p/<slug:slug>/footage/<uuid:pk>/window/", views.window, name="window"),
]
