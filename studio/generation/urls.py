"""`/p/<slug>/EP01/SC01_SH010/draws/<layer>/`, `/p/<slug>/worlds/`"""

from django.urls import path, re_path

from studio.generation import (
    views,
    views_continuity,
    views_draws,
    views_library,
    views_models,
    views_places,
    views_style,
)

app_name = "generation"
LAYER = "p/<slug:slug>/<episode:episode>/<shotpath:shot>/draws/<uuid:layer>"
urlpatterns = [
    path("p/<slug:slug>/style/", views_style.style, name="style"),
    path("p/<slug:slug>/models/", views_models.models, name="models"),
    path("p/<slug:slug>/models/use/", views_models.use, name="models_use"),
    path("p/<slug:slug>/models/<slug:model_name>/", views_models.model, name="model"),
    path("p/<slug:slug>/models/<slug:model_name>/verify/", views_models.verify, name="verify_model"),
    re_path(r"^p/(?P<slug>[-\w]+)/draw/(?P<pk>[0-9a-f-]{36})/preview\.jpg$", views.preview, name="preview"),
    re_path(r"^p/(?P<slug>[-\w]+)/draw/(?P<pk>[0-9a-f-]{36})/replay/$", views_draws.replay, name="replay"),
    re_path(r"^p/(?P<slug>[-\w]+)/draw/(?P<pk>[0-9a-f-]{36})/$", views_draws.draw, name="draw"),
    path("p/<slug:slug>/worlds/", views.worlds, name="worlds"),
    path("p/<slug:slug>/worlds/<uuid:location_id>/", views_continuity.continuity_page, name="continuity"),
    path("p/<slug:slug>/worlds/<uuid:location_id>/place/", views_places.place, name="place"),
    path("p/<slug:slug>/worlds/<uuid:location_id>/place/lock/", views_places.lock, name="lock"),
    path("p/<slug:slug>/worlds/<uuid:location_id>/place/upgrade/", views_places.upgrade, name="upgrade"),
    path(
        "p/<slug:slug>/worlds/<uuid:location_id>/place/upgrade/<uuid:batch>/back/",
        views_places.upgrade_back,
        name="upgrade_back",
    ),
    path("p/<slug:slug>/library/", views_library.shelves, name="library"),
    path("p/<slug:slug>/library/<uuid:item_id>/", views_library.item, name="library_item"),
    path("p/<slug:slug>/library/<uuid:item_id>/picture/", views_library.picture, name="library_picture"),
    path("p/<slug:slug>/library/<uuid:item_id>/use/", views_library.use, name="library_use"),
    path("p/<slug:slug>/library/uses/<uuid:use_id>/back/", views_library.back, name="library_back"),
    path(f"{LAYER}/", views_draws.draws, name="draws"),
    path(f"{LAYER}/ask/", views_draws.ask, name="ask"),
    path(f"{LAYER}/quote/", views_draws.quote, name="quote"),
    path(f"{LAYER}/progress/", views_draws.progress, name="progress"),
    path(f"{LAYER}/permit/", views.permit, name="permit"),
    re_path(
        r"^p/(?P<slug>[-\w]+)/draw/(?P<pk>[0-9a-f-]{36})/(?P<act>star|unstar|bin|restore|use|cancel)/$",
        views_draws.pick,
        name="pick",
    ),
]
