"""`/p/<slug>/media/...`, `/jobs/...`"""

from django.urls import path

from studio.pipeline import views

app_name = "pipeline"
urlpatterns = [
    path("p/<slug:slug>/media/<str:sha256>", views.media, name="media"),
    path("jobs/<uuid:pk>/", views.job, name="job"),
    path("jobs/<uuid:pk>/cancel/", views.cancel_job, name="cancel_job"),
]
