"""Make the demo production, step by step, saying how far it is."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from studio.generation import library
from studio.ledger.models import Entry
from studio.ledger.services import anchor, record
from studio.pipeline.demo import data, ground
from studio.pipeline.demo.meter import Meter
from studio.pipeline.demo.story import Story
from studio.pipeline.demo.work import AT_ONCE, ended, finish_jobs
from studio.productions.models import Production
from studio.reviews.models import Note

PLANNED = {"media.adopt": 5, "footage.probe": 4, "footage.proxy": 4, "generation.draw": 11, "comps.render": 8}
DONE = "demo.seeded"


def seeded() -> Production | None:
    """The demo production, if it stands complete."""
    found = Production.objects.filter(slug=data.SLUG).first()
    return found if found and Entry.objects.filter(production_id=found.pk, verb=DONE).exists() else None


def seed(write: Callable[[str], None], *, at_once: int = AT_ONCE) -> Production:
    """Make the demo production; one left half-made by an interrupted start is completed.

    write: takes one line at a time. Raises DomainError with a sentence if something cannot be made.
    """
    priya = ground.producer()
    production = ground.production(priya)
    meter = Meter(write, PLANNED, lambda: ended(production.pk))
    cast = ground.team(production)
    meter.say(_("%(count)d people have joined “%(title)s”") % {"count": len(cast), "title": production.title})
    ground.keep_papers(production, cast)
    shots = ground.breakdown(production, cast)
    meter.say(_("2 episodes, %(count)d shots, rate card and consents are written down") % {"count": len(shots)})
    story = Story(cast, shots)
    gather(story)
    finish_jobs(production.pk, meter, at_once=at_once)
    compose(story)
    finish_jobs(production.pk, meter, at_once=at_once)
    first_look(story)
    finish_jobs(production.pk, meter, at_once=at_once)
    settle(story)
    finish_jobs(production.pk, meter, at_once=at_once)
    record(DONE, production_id=production.pk, subject=production, code=production.slug)
    anchor(production.pk)
    meter.say(_("the demo production is complete"))
    return production


def gather(story: Story) -> None:
    """Routes by people's word, footage, plates and rain."""
    why = "Behind rain and out of focus, a plate by rule holds. 雨幕之后，程序化背景足够。"
    for code in ("EP01_SC01_SH010", "EP01_SC01_SH030"):
        story.override("vera", code, "background", "procedural", why)
    story.override(
        "dan", "EP01_SC02_SH010", "background", "procedural", "We know this room; the draw must not invent one."
    )
    story.override(
        "dan", "EP01_SC02_SH030", "background", "generated", "A dusk we never shot: bring one in, and declare it."
    )
    story.override("vera", "EP02_SC02_SH010", "background", "procedural", "Same roof as the night, in morning light.")
    story.propose("ana", "EP02_SC01_SH020", "background", "procedural", "The city family has this street, in the rain.")
    story.write_style("ana", **data.STYLE)
    story.lock("vera", data.LOCATIONS["rooftop"][0], data.ROOF_COMMENT, **data.ROOF)
    for code in ("EP01_SC01_SH020", "EP01_SC01_SH030"):
        story.pin("vera", code)
    story.shoot("EP01_SC01_SH020", "demo_take_1.mp4", "A12/3")
    story.draw("vera", "EP01_SC01_SH010", data.NIGHT_ROOF)
    story.shoot("EP01_SC02_SH020", "demo_take_2.mp4", "B04/1")
    story.draw("vera", "EP01_SC01_SH010", data.RAIN, kind="effect")
    story.draw("ana", "EP01_SC02_SH010", data.NIGHT_OFFICE)
    story.stand("vera", "EP01_SC02_SH010", "foreground", data.LAMP_NAME)
    story.draw("ana", "EP01_SC02_SH010", data.LAMP, kind="foreground")
    story.draw("ana", "EP02_SC01_SH010", data.CROWD, kind="crowd", frames=36)
    story.declare("EP01_SC02_SH030")
    story.draw("ana", "EP02_SC02_SH010", data.MORNING)
    story.draw("ana", "EP02_SC01_SH020", data.STREET, count=3)
    story.draw("ana", "EP01_SC02_SH040", data.GLASS, count=1)


def compose(story: Story) -> None:
    """Takes circled, layers filled, first versions started; the same people are shot for two more shots."""
    for code in ("EP01_SC01_SH020", "EP01_SC02_SH020"):
        story.circle("dan", code)
    for code in ("EP01_SC01_SH020", "EP01_SC01_SH030"):
        story.share("cleo", "EP01_SC01_SH010", code, "background")
        story.share("cleo", "EP01_SC01_SH010", code, "effect")
    story.share("cleo", "EP01_SC02_SH010", "EP01_SC02_SH020", "background")
    story.share("vera", "EP01_SC02_SH020", "EP01_SC02_SH040", "actor")
    story.pick("EP02_SC01_SH020")
    story.comp("EP01_SC01_SH020", 1, "First key, all automatic")
    story.comp(
        "EP01_SC02_SH020", 1, "Zhao over the night office", {"actor": {"frame_offset": 0, "exposure_milli": -150}}
    )
    story.shoot("EP01_SC02_SH030", "demo_take_1.mp4", "A14/2")
    story.shoot("EP01_SC01_SH030", "demo_take_2.mp4", "B02/5")
    story.comp("EP01_SC01_SH010", 1, "Plate and rain, nobody there")
    story.comp("EP01_SC02_SH010", 1, "The room before anyone comes in")


def first_look(story: Story) -> None:
    """Notes on the first versions; what they ask for is made."""
    note = story.note(
        "dan", "EP01_SC01_SH020", 1, "The rain covers her eyes. Half of it, please. 雨挡住了眼睛，减一半。",
        kind="effect", frame_in=8, frame_out=22, must=True,
        drawings=ring(12, (330, 270), (640, 360)),
    )  # fmt: skip
    warm = story.note(
        "vera", "EP01_SC01_SH020", 1, "Skin a little warm for this street light.", kind="actor", frame_in=4
    )
    story.decide("dan", "EP01_SC01_SH020", 1, "changes")
    for code in ("EP01_SC01_SH030", "EP01_SC02_SH030"):
        story.circle("dan", code)
    story.comp("EP01_SC02_SH030", 1, "The dusk from outside", {"match": {"colour_milli": 500}})
    story.comp(
        "EP01_SC01_SH030",
        1,
        "Same roof, same rain",
        {"background": {"flip": 1}, "actor": {"scale_milli": 1120, "y_milli": 90}},
    )
    story.comp(
        "EP01_SC01_SH020",
        2,
        "Rain at half, cooler skin",
        {"effect": {"opacity_milli": 500}, "actor": {"temperature_milli": -60}},
    )
    story.comp("EP02_SC02_SH010", 1, "After the rain")
    story.answer("cleo", note, "Halved; the near drops stay, they sell the distance. 减半，近处的雨滴留着。")
    story.answer("cleo", warm, "Cooler by a touch in v002.")


def settle(story: Story) -> None:
    """What was asked for is looked at; people decide; two shots are set aside, one is merely planned."""
    for note in Note.objects.filter(shot=story.shots["EP01_SC01_SH020"], parent=None, version__number=1):
        story.address("cleo", note, 2)
        story.verify("dan", note)
    story.decide("vera", "EP01_SC01_SH020", 2, "approve", "Clean edge in the hair.", kind="actor")
    story.decide("dan", "EP01_SC01_SH020", 2, "approve", "That look. 就是这个眼神。")
    story.decide("dan", "EP01_SC01_SH010", 1, "approve")
    story.decide("mei", "EP01_SC02_SH010", 1, "approve", "Leave the lamp exactly there. 台灯别动。")
    story.note(
        "kai",
        "EP01_SC02_SH030",
        1,
        "A layer is declared AI-made: the episode owes the label.",
        kind="background",
        label_note=True,
    )
    story.decide("dan", "EP01_SC02_SH030", 1, "approve", "Keep her stillness.")
    glow = story.note(
        "dan", "EP01_SC02_SH020", 1, "His left ear glows: screen light left in the edge. 左耳边缘泛光。",
        kind="actor", frame_in=14, must=True,
        drawings=ring(14, (170, 330), (240, 430)),
    )  # fmt: skip
    story.answer("vera", glow, "Despill up, unmix stays. Cleo, look at 1015 too.")
    story.note(
        "mei", "EP01_SC02_SH020", 1, "Could the lamp behind him be warmer?", kind="background", frame_in=0, frame_out=23
    )
    story.decide("dan", "EP01_SC02_SH020", 1, "changes")
    story.note("vera", "EP01_SC01_SH030", 1, "Horizon is right for his height. Rain reads well.", frame_in=6)
    story.note("gus", "EP01_SC01_SH030", 1, "Is he angry or tired here? I read tired.", frame_in=20, internal=False)
    story.decide("vera", "EP01_SC01_SH030", 1, "approve", "Edges hold; over to Dan.", kind="actor")
    story.note("eddie", "EP02_SC02_SH010", 1, "I need eight frames more at the tail for the dissolve.", frame_in=23)
    for code in ("EP01_SC01_SH010", "EP01_SC01_SH020", "EP01_SC02_SH030"):
        story.cut_in("eddie", code)
    story.trim("eddie", "EP01_SC01_SH010", 6, 35)
    story.omit("dan", "EP01_SC01_SH040")
    story.hold("dan", "EP02_SC02_SH020")
    story.unplan("dan", "EP02_SC01_SH030")
    story.prepare_release("dan", "EP01_SC01_SH010")
    worlds(story)


def worlds(story: Story) -> None:
    """The rooftop's next version, which one shot takes; and what is worth keeping goes into the library."""
    story.lock("vera", data.LOCATIONS["rooftop"][0], data.ROOF_NEXT_COMMENT, **data.ROOF_NEXT)
    story.pin("dan", "EP02_SC02_SH010")
    kept = {name: story.keep("ana", code, kind, name, *told) for code, kind, name, *told in data.KEPT}
    story.keep_style("ana", "Teal nights, amber lamps 青夜暖灯")
    if not kept[data.SHARED].shared:
        library.change(actor=story.cast["vera"], item=kept[data.SHARED], shared=True)
    story.reuse("ana", kept[data.SHARED], "EP02_SC01_SH010", "effect")


def ring(frame: int, corner: tuple[int, int], other: tuple[int, int]) -> dict[int, list[dict[str, Any]]]:
    """A hand-drawn frame around what a note means, in thousandths of the picture."""
    (left, top), (right, bottom) = corner, other
    points = [[left, top], [right, top], [right, bottom], [left, bottom], [left, top]]
    return {frame: [{"colour": "#ff6b4a", "width": 6, "points": points}]}
