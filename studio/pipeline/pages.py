"""`/`, `/p/...`: the productions' own pages, and with them the board and the shot's page, which show what all
apps hold.
"""

from django.urls import path

from studio.pipeline import views_board, views_shot
from studio.productions import urls

app_name = "productions"

SHOT = "p/<slug:slug>/<episode:episode>/<shotpath:shot>/"

urlpatterns = [
    *urls.urlpatterns,
    path("p/<slug:slug>/<episode:episode>/", views_board.board, name="board"),
    path(SHOT, views_shot.shot, name="shot"),
    path(SHOT + "card/", views_board.card, name="card"),
]
