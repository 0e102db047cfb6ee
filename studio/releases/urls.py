"""`/p/<slug>/EP01/cut/`, `/p/<slug>/EP01/release/[N/]`"""

from django.urls import path

from studio.releases import views, views_cut

app_name = "releases"
CUT = "p/<slug:slug>/<episode:episode>/cut/"
RELEASE = "p/<slug:slug>/<episode:episode>/release/"
ONE = f"{RELEASE}<int:number>/"
urlpatterns = [
    path(CUT, views_cut.cut, name="cut"),
    path(f"{CUT}add/", views_cut.add_all, name="add_all"),
    path(f"{CUT}move/", views_cut.move, name="move"),
    path(f"{CUT}<shotpath:shot>/add/", views_cut.add, name="add"),
    path(f"{CUT}<shotpath:shot>/remove/", views_cut.remove, name="remove"),
    path(f"{CUT}<shotpath:shot>/trim/", views_cut.trim, name="trim"),
    path(f"{CUT}<shotpath:shot>/take/", views_cut.take, name="take"),
    path(RELEASE, views.release, name="release"),
    path(f"{RELEASE}new/", views.create, name="create"),
    path(ONE, views.release, name="release"),
    path(f"{ONE}check/", views.check, name="check"),
    path(f"{ONE}waive/", views.waive, name="waive"),
    path(f"{ONE}label/", views.label, name="label"),
    path(f"{ONE}conform/", views.conform, name="conform"),
    path(f"{ONE}sign/", views.sign, name="sign"),
    path(f"{ONE}seal/", views.seal, name="seal"),
    path(f"{ONE}publish/", views.publish, name="publish"),
    path(f"{ONE}withdraw/", views.withdraw, name="withdraw"),
    path(f"{ONE}verify/", views.verify, name="verify"),
]
