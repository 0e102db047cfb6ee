"""Takes for scripts: send, list, circle."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Schema

from studio.core.api import Router
from studio.footage import services
from studio.footage.models import Take
from studio.footage.selectors import takes_for
from studio.productions import policy
from studio.productions.models import Layer
from studio.productions.policy import Action
from studio.productions.selectors import get_production, shots_for

router = Router(tags=["footage"])


class TakeOut(Schema):
    id: UUID
    shot: str
    layer: UUID
    number: int
    slate: str
    filename: str
    state: str
    error: str
    circled: bool
    frame_count: int
    centre_milli: int
    artefact: str
    proxy: str | None
    probe: dict[str, Any]
    screen: dict[str, Any]

    @staticmethod
    def of(take: Take) -> dict[str, Any]:
        names = (
            "id",
            "number",
            "slate",
            "filename",
            "state",
            "error",
            "circled",
            "frame_count",
            "centre_milli",
            "probe",
        )
        plain = {name: getattr(take, name) for name in names}
        return plain | {
            "shot": take.shot.code,
            "layer": take.layer_id,
            "artefact": take.artefact_id,
            "proxy": take.proxy_id,
            "screen": take.screen,
        }


class PermitIn(Schema):
    filename: str
    size: int
    layer: UUID
    slate: str = ""
    sha256: str = ""


class PermitOut(Schema):
    """Send the bytes to `url` by tus 1.0 with `Authorization: Permit <permit>`."""

    url: str
    permit: str
    upload: UUID
    expires: str


class WindowIn(Schema):
    centre_milli: int


@router.get("/takes", response=list[TakeOut])
def list_takes(request: HttpRequest, slug: str, shot: str = "", state: str = "") -> list[dict[str, Any]]:
    """The production's takes; `shot=EP01_SC01_SH010` or `state=ready` narrow them."""
    production = get_production(request.user, slug)
    policy.require(request.user, Action.SEE_INTERNAL, production)
    found = takes_for(request.user, production)
    found = found.filter(shot__code=shot) if shot else found
    found = found.filter(state=state) if state else found
    return [TakeOut.of(take) for take in found.order_by("shot__code", "number")]


@router.post("/shots/{code}/takes", response=PermitOut)
def send_take(request: HttpRequest, slug: str, code: str, sent: PermitIn) -> dict[str, Any]:
    """A permit to send one take. The file is probed once all its bytes have arrived."""
    shot = get_object_or_404(shots_for(request.user, get_production(request.user, slug)), code=code)
    policy.require(request.user, Action.UPLOAD, shot)
    layer = get_object_or_404(Layer, pk=sent.layer, shot=shot)
    origin = request.headers.get("Origin") or f"{request.scheme}://{request.get_host()}"
    return services.permit(
        actor=request.user, shot=shot, layer=layer, filename=sent.filename, size=sent.size, sha256=sent.sha256,
        slate=sent.slate, origin=origin,
    )  # fmt: skip


def _take(request: HttpRequest, slug: str, pk: UUID) -> Take:
    return get_object_or_404(takes_for(request.user, get_production(request.user, slug)), pk=pk)


@router.get("/takes/{pk}", response=TakeOut)
def one_take(request: HttpRequest, slug: str, pk: UUID) -> dict[str, Any]:
    return TakeOut.of(_take(request, slug, pk))


@router.post("/takes/{pk}/circle", response=TakeOut)
def circle_take(request: HttpRequest, slug: str, pk: UUID) -> dict[str, Any]:
    take = _take(request, slug, pk)
    services.circle_take(actor=request.user, take=take)
    return TakeOut.of(take)


@router.post("/takes/{pk}/uncircle", response=TakeOut)
def uncircle_take(request: HttpRequest, slug: str, pk: UUID) -> dict[str, Any]:
    take = _take(request, slug, pk)
    services.uncircle_take(actor=request.user, take=take)
    return TakeOut.of(take)


@router.post("/takes/{pk}/window", response=TakeOut)
def move_window(request: HttpRequest, slug: str, pk: UUID, sent: WindowIn) -> dict[str, Any]:
    """Choose the centre of the 9:16 window of a wider take, 0 (left) .. 1000 (right)."""
    take = _take(request, slug, pk)
    services.move_window(actor=request.user, take=take, centre_milli=sent.centre_milli)
    return TakeOut.of(take)
