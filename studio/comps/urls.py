from django.urls import path

from studio.comps import export_views, views

app_name = "comps"
SHOT = "p/<slug:slug>/<episode:episode>/<shotpath:shot>/comp/"

urlpatterns = [
    path(SHOT, views.comp, name="comp"),
    path(SHOT + "settings/", views.settings, name="settings"),
    path(SHOT + "settings/undo/", views.undo, name="undo"),
    path(SHOT + "settings/redo/", views.redo, name="redo"),
    path(SHOT + "settings/reset/", views.reset, name="reset"),
    path(SHOT + "settings/history/", views.history, name="history"),
    path(SHOT + "settings/go/", views.go, name="go"),
    path(SHOT + "preview/", views.preview_frame, name="preview"),
    path(SHOT + "preview/<str:digest>.jpg", views.preview_picture, name="picture"),
    path(SHOT + "layers/", views.layers, name="layers"),
    path(SHOT + "panels/", views.panels, name="panels"),
    path(SHOT + "versions/", views.versions, name="versions"),
    path(SHOT + "versions/start/", views.start, name="start"),
    path(SHOT + "versions/<version:number>/submit/", views.submit, name="submit"),
    path(SHOT + "versions/<version:number>/export/", export_views.start, name="export"),
    path(SHOT + "versions/<version:number>/settings/", views.copy, name="copy"),
]
