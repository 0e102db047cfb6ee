from django.urls import path

from studio.comps import belonging_views, desk_views, export_views, views

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
    path(SHOT + "versions/<version:number>/figures/", desk_views.figures, name="figures"),
    path(SHOT + "relight/", belonging_views.relight_block, name="relight"),
    path(SHOT + "relight/<uuid:draw>/<str:act>/", belonging_views.decide, name="relight_act"),
    path(SHOT + "explained/", desk_views.explained, name="explained"),
    path(SHOT + "presets/", desk_views.preset_list, name="presets"),
    path(SHOT + "presets/<uuid:preset>/", desk_views.preset, name="preset"),
    path(SHOT + "presets/<uuid:preset>/apply/", desk_views.preset_apply, name="preset_apply"),
    path(SHOT + "presets/<uuid:preset>/over/", desk_views.preset_over, name="preset_over"),
    path(SHOT + "presets/<uuid:preset>/rename/", desk_views.preset_rename, name="preset_rename"),
    path(SHOT + "presets/<uuid:preset>/back/<int:revision>/", desk_views.preset_back, name="preset_back"),
    path(SHOT + "presets/<uuid:preset>/delete/", desk_views.preset_delete, name="preset_delete"),
    path(SHOT + "presets/<uuid:preset>/restore/", desk_views.preset_restore, name="preset_restore"),
    path(SHOT + "copies/", desk_views.copies, name="copies"),
    path(SHOT + "copies/back/", desk_views.copy_back, name="copy_back"),
]
