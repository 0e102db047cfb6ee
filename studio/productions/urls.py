"""Addresses of productions and what they are made of.

`studio.pipeline.pages` adds the board and the shot's page and mounts both.
"""

from django.urls import path, re_path

from studio.productions import views, views_papers, views_people, views_routes

app_name = "productions"

urlpatterns = [
    path("", views.productions, name="list"),
    path("productions/new/", views.create, name="create"),
    path("join/<str:secret>/", views_people.join, name="join"),
    path("p/<slug:slug>/", views.overview, name="overview"),
    path("p/<slug:slug>/settings/", views.settings, name="settings"),
    path("p/<slug:slug>/episodes/new/", views.create_episode, name="create_episode"),
    path("p/<slug:slug>/team/", views_people.team, name="team"),
    path("p/<slug:slug>/team/invite/", views_people.invite, name="invite"),
    path("p/<slug:slug>/team/invitations/<uuid:invitation_id>/revoke/", views_people.revoke, name="revoke_invitation"),
    path("p/<slug:slug>/team/<uuid:member_id>/role/", views_people.change_role, name="change_role"),
    path("p/<slug:slug>/team/<uuid:member_id>/remove/", views_people.remove, name="remove_member"),
    path("p/<slug:slug>/rates/", views_papers.rates, name="rates"),
    path("p/<slug:slug>/rates/<uuid:rate_id>/remove/", views_papers.remove_rate, name="remove_rate"),
    path("p/<slug:slug>/consents/", views_papers.consents, name="consents"),
    path("p/<slug:slug>/consents/<uuid:likeness_id>/", views_papers.consents, name="edit_consent"),
    path("p/<slug:slug>/consents/<uuid:likeness_id>/remove/", views_papers.remove_consent, name="remove_consent"),
    path("p/<slug:slug>/locations/", views_papers.locations, name="locations"),
    path("p/<slug:slug>/locations/<uuid:location_id>/", views_papers.locations, name="edit_location"),
    path("p/<slug:slug>/locations/<uuid:location_id>/remove/", views_papers.remove_location, name="remove_location"),
    path("p/<slug:slug>/<episode:episode>/edit/", views.edit_episode, name="edit_episode"),
    path("p/<slug:slug>/<episode:episode>/scenes/new/", views.create_scene, name="create_scene"),
    path("p/<slug:slug>/<episode:episode>/scenes/<uuid:scene_id>/", views.edit_scene, name="edit_scene"),
    path("p/<slug:slug>/<episode:episode>/shots/new/", views.create_shot, name="create_shot"),
    path("p/<slug:slug>/<episode:episode>/place/", views.place, name="place"),
    path("p/<slug:slug>/<episode:episode>/<shotpath:shot>/facts/", views.facts, name="facts"),
    path("p/<slug:slug>/<episode:episode>/<shotpath:shot>/layers/", views.add_layer, name="add_layer"),
    path(
        "p/<slug:slug>/<episode:episode>/<shotpath:shot>/layers/<uuid:layer_id>/", views.edit_layer, name="edit_layer"
    ),
    path(
        "p/<slug:slug>/<episode:episode>/<shotpath:shot>/layers/<uuid:layer_id>/remove/",
        views.remove_layer,
        name="remove_layer",
    ),
    path(
        "p/<slug:slug>/<episode:episode>/<shotpath:shot>/layers/<uuid:layer_id>/place/",
        views.place_layer,
        name="place_layer",
    ),
    path("p/<slug:slug>/<episode:episode>/<shotpath:shot>/route/", views_routes.route_shot, name="route_shot"),
    path(
        "p/<slug:slug>/<episode:episode>/<shotpath:shot>/layers/<uuid:layer_id>/route/",
        views_routes.set_route,
        name="set_route",
    ),
    path(
        "p/<slug:slug>/<episode:episode>/<shotpath:shot>/layers/<uuid:layer_id>/route/rule/",
        views_routes.follow_rule,
        name="follow_rule",
    ),
    path(
        "p/<slug:slug>/<episode:episode>/<shotpath:shot>/layers/<uuid:layer_id>/route/proposal/",
        views_routes.answer_proposal,
        name="answer_proposal",
    ),
    re_path(
        r"^p/(?P<slug>[-\w]+)/(?P<episode>EP\d{2,3})/(?P<shot>SC\d{2,3}_SH\d{3,4})/(?P<act>hold|omit|restore)/$",
        views.set_aside,
        name="set_aside",
    ),
]
