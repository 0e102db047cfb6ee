"""`/p/<slug>/media/...`, `/jobs/...`"""

from django.urls import path, re_path

from studio.pipeline import views, views_books

app_name = "pipeline"
urlpatterns = [
    path("p/<slug:slug>/media/<str:sha256>", views.media, name="media"),
    path("jobs/<uuid:pk>/", views.job, name="job"),
    path("jobs/<uuid:pk>/cancel/", views.cancel_job, name="cancel_job"),
    path("p/<slug:slug>/ledger/", views_books.ledger, name="ledger"),
    path("p/<slug:slug>/ledger/check/", views_books.check, name="ledger_check"),
    re_path(r"^p/(?P<slug>[-\w]+)/ledger\.(?P<form>csv|json)$", views_books.export, name="ledger_export"),
    path("p/<slug:slug>/jobs/", views_books.jobs, name="jobs"),
]
