"""Takes: receive, measure, make viewable, circle."""

from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from studio.core.errors import Conflict, Invalid
from studio.footage.models import Take
from studio.footage.states import TAKE
from studio.jobs import services as jobs
from studio.ledger.services import record
from studio.media import services as media
from studio.media.models import Artefact, Upload
from studio.media.receivers import receiver
from studio.productions import layers, policy
from studio.productions.models import Element, Layer, LayerKind, Origin, Shot
from studio.productions.policy import Action

# What a stranger's film may ask of us: 8K, and an hour at 60 frames a second.
MAX_PIXELS = 8192 * 4320
MAX_FRAMES = 216_000


def permit(
    *, actor: Any, shot: Shot, layer: Layer, filename: str, size: int, sha256: str, slate: str, origin: str
) -> dict[str, Any]:
    """Let `actor` send a take for `layer` of `shot`; see `media.services.create_permit` for the answer and errors."""
    policy.require(actor, Action.UPLOAD, shot)
    if layer.shot_id != shot.pk:
        raise Invalid(_("This layer belongs to another shot."))
    purpose = {"kind": "take", "layer": str(layer.pk), "slate": slate[:60]}
    return media.create_permit(actor, shot.production, filename, size, sha256, purpose, origin)


@receiver("take")
@transaction.atomic
def receive_take(upload: Upload, artefact: Artefact) -> Take:
    """A stored upload becomes the layer's next take; the planner has it probed."""
    layer = Layer.objects.select_for_update().select_related("shot").get(pk=upload.purpose["layer"])
    again = layer.takes.filter(artefact=artefact).first()
    if again is not None:
        raise Conflict(_("These very bytes are take %(number)s of this layer already.") % {"number": again.number})
    number = (layer.takes.aggregate(last=Max("number"))["last"] or 0) + 1
    take = Take.objects.create(
        shot=layer.shot,
        layer=layer,
        number=number,
        slate=upload.purpose.get("slate", ""),
        filename=upload.filename,
        upload=upload,
        artefact=artefact,
        uploaded_by=upload.created_by,
    )
    record(
        "take.received",
        production_id=layer.shot.production_id,
        subject=layer.shot,
        actor=upload.created_by,
        made_from=[artefact.pk],
        data={"take": number, "layer": layer.name, "file": upload.filename, "bytes": upload.size},
    )
    jobs.poke(layer.shot)
    return take


@transaction.atomic
def record_probe(*, take: Take, probe: dict[str, Any]) -> None:
    """What decoding the whole take found."""
    TAKE.move(take, Take.State.PROBED, probe=probe, error="")
    data = {
        "take": take.number,
        "size": [probe["display_width"], probe["display_height"]],
        "fps": [probe["fps_num"], probe["fps_den"]],
        "frames": probe["frame_count"],
        "corrupt": probe["corrupt_count"],
    }
    record("take.probed", production_id=take.shot.production_id, subject=take.shot, data=data)
    jobs.poke(take.shot)


@transaction.atomic
def refuse_take(*, take: Take, sentence: str) -> None:
    """The file is not something we take: it says why, and the bytes stay for who sent them to look at."""
    sentence = sentence.replace(take.artefact_id, take.filename)  # the store names its files by their bytes
    TAKE.move(take, Take.State.REFUSED, error=sentence)
    data = {"take": take.number, "file": take.filename, "why": sentence}
    record("take.refused", production_id=take.shot.production_id, subject=take.shot, data=data)


def made_for(take: Take) -> list[int]:
    """What a take's proxy hangs on beside its bytes: the production's picture and rate, and the window's place."""
    production = take.shot.production
    return [production.width, production.height, production.fps_num, production.fps_den, take.centre_milli]


def twin(take: Take) -> Take | None:
    """A take of the same production, of the same bytes, that was made viewable the same way."""
    same = Take.objects.filter(shot__production=take.shot.production_id, artefact=take.artefact_id)
    return same.filter(state=Take.State.READY, probe__made_for=made_for(take)).exclude(pk=take.pk).first()


@transaction.atomic
def record_proxy(*, take: Take, made: dict[str, Any], screen: dict[str, Any], held: list[int] | None = None) -> None:
    """The pictures people look at, and how well the take will key.

    made: artefacts `proxy`, `poster`, `filmstrip`, `waveform` (or None), and `tiles`, `frame_count`. held: the frames
    at the production's rate (from 0) that hold the one before, since theirs is damaged or missing.
    """
    probe = take.probe | {"held": held or [], "made_for": made_for(take)}
    TAKE.move(take, Take.State.READY, screen=screen, error="", probe=probe, **made)
    data = {"take": take.number, "grade": str(screen.get("grade", "")), "frames": take.frame_count}
    if held:
        data["held"] = held[:100]
    record(
        "take.ready", production_id=take.shot.production_id, subject=take.shot, made_from=[take.artefact_id], data=data
    )
    jobs.poke(take.shot)


@transaction.atomic
def move_window(*, actor: Any, take: Take, centre_milli: int) -> None:
    """Choose where the 9:16 window of a wider take sits (0 left .. 1000 right); its proxy is made again."""
    policy.require(actor, Action.UPLOAD, take.shot)
    if not 0 <= centre_milli <= 1000:
        raise Invalid(_("The window's centre lies between 0 (left) and 1000 (right)."))
    if take.circled:
        raise Conflict(_("This take is circled: uncircle it first, since versions may be made from it."))
    TAKE.move(take, Take.State.PROBED, centre_milli=centre_milli)
    data = {"take": take.number, "centre_milli": centre_milli}
    record("take.window_moved", production_id=take.shot.production_id, subject=take.shot, actor=actor, data=data)
    jobs.poke(take.shot)


@transaction.atomic
def circle_take(*, actor: Any, take: Take) -> Element:
    """Make `take` the one its shot will be cut from: it fills its layer."""
    policy.require(actor, Action.CIRCLE_TAKE, take.shot)
    if take.state != Take.State.READY:
        raise Conflict(
            _("Take %(number)s is not ready yet; it can be circled once its proxy is made.") % {"number": take.number}
        )
    layer = Layer.objects.select_for_update().get(pk=take.layer_id)
    layer.takes.exclude(pk=take.pk).update(circled=False)
    element = take.element or layers.make_element(
        production=take.shot.production,
        name=f"{take.shot.code} T{take.number}",
        kind=layer.kind,
        origin=Origin.CAPTURED,
        artefact=take.artefact,
        proxy=take.proxy,
        poster=take.poster,
        licence="own",
        source=take.filename,
        declared_by=take.uploaded_by,
    )
    element.media = media_of(take)
    element.proxy, element.poster = take.proxy, take.poster
    element.save(update_fields=["media", "proxy", "poster"])
    Take.objects.filter(pk=take.pk).update(circled=True, element=element)
    take.circled, take.element = True, element
    layers.fill_layer(layer=layer, element=element, actor=actor)
    data = {"take": take.number, "layer": layer.name}
    record(
        "take.circled",
        production_id=take.shot.production_id,
        subject=take.shot,
        actor=actor,
        made_from=[take.artefact_id],
        data=data,
    )
    jobs.poke(take.shot)
    return element


@transaction.atomic
def uncircle_take(*, actor: Any, take: Take) -> None:
    """Take the circle back: the layer stands empty again."""
    policy.require(actor, Action.CIRCLE_TAKE, take.shot)
    if not take.circled:
        return
    Take.objects.filter(pk=take.pk).update(circled=False)
    take.circled = False
    Layer.objects.filter(pk=take.layer_id, element=take.element).update(element=None)
    record(
        "take.uncircled",
        production_id=take.shot.production_id,
        subject=take.shot,
        actor=actor,
        data={"take": take.number},
    )


def media_of(take: Take) -> dict[str, Any]:
    """What a comp needs to know of the take: its size, length at the production's rate, and 9:16 window."""
    production = take.shot.production
    return {
        "width": take.probe["display_width"],
        "height": take.probe["display_height"],
        "frame_count": take.frame_count,
        "fps_num": production.fps_num,
        "fps_den": production.fps_den,
        "centre_milli": take.centre_milli,
        "has_alpha": bool(take.probe.get("has_alpha")),
        "screen": bool(take.screen.get("found", True)),
        "has_audio": bool(take.probe.get("audio")),
        "keyed": take.layer.kind in (LayerKind.ACTOR, LayerKind.CROWD, LayerKind.FOREGROUND),
    }
