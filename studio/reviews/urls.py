from django.urls import path

from studio.reviews import views

app_name = "reviews"
P = "p/<slug:slug>/review/"
SHOT = "p/<slug:slug>/<episode:episode>/<shotpath:shot>/review/"

urlpatterns = [
    path(P, views.queue, name="queue"),
    path(P + "notes.csv", views.notes_csv, name="csv"),
    path(P + "notes/<uuid:note_id>/reply/", views.reply, name="reply"),
    path(P + "notes/<uuid:note_id>/move/", views.move, name="move"),
    path(P + "notes/<uuid:note_id>/drawings/<uuid:annotation_id>/remove/", views.remove_drawing, name="remove-drawing"),
    path(SHOT, views.review, name="review"),
    path(SHOT + "<version:number>/", views.review, name="version"),
    path(SHOT + "<version:number>/notes/", views.notes, name="notes"),
    path(SHOT + "<version:number>/decision/", views.decision, name="decision"),
    path(SHOT + "<version:number>/submit/", views.submit, name="submit"),
]
