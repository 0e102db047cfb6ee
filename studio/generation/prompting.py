"""Help with prompts that needs no model: fragments from place, hour, weather and the production's style, put together
the way each class of models reads, with the list of what it must not show where it reads one. Pure.

Sources: the tag habit of SD and SDXL checkpoints; sentences for models with T5 or language-model encoders (FLUX, SD3,
Qwen-Image, Z-Image, Wan, LTX, HunyuanVideo); which of them read Chinese, and that distilled models drawn without
guidance (FLUX, Z-Image at guidance 1) do not see a negative prompt: their pipelines in diffusers 0.42.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache

from modelhost.families import FAMILIES
from studio.generation import swatches
from studio.generation.pinning import Pinned
from studio.generation.prompt_words import (
    FRAMES,
    HOURS,
    KINDS,
    MOTIONS,
    NEVER,
    NOBODY,
    PALETTES,
    PLACES,
    STUTTER,
    WEATHERS,
    Words,
)

TAGS, SENTENCES = "tags", "sentences"
CHINESE = frozenset({"qwen-image", "z-image", "wan", "hunyuan", "hunyuan15"})
TAGGED = frozenset({"sd", "sdxl"})
LANGUAGES = ("en", "zh")
PLACE, HOUR, WEATHER, LOOK, FRAME, MOTION, KIND = "place", "hour", "weather", "look", "frame", "motion", "kind"


@dataclass(frozen=True)
class Habit:
    """How a class of models reads: tags or sentences, languages, whether it sees a negative prompt, film or still."""

    form: str
    languages: tuple[str, ...]
    negative: bool
    film: bool


@dataclass(frozen=True)
class Style:
    """The production's own words, for every prompt: look, camera, what to avoid. In any language; passed on as is."""

    look: str = ""
    camera: str = ""
    avoid: str = ""


@dataclass(frozen=True)
class Asked:
    """What a layer is to show. kind: the layer's; place: its location's name, description; heading: its scene's;
    pinned: what the version of the location says that its shot is drawn by."""

    kind: str = "background"
    place: str = ""
    description: str = ""
    heading: str = ""
    pinned: Pinned | None = None


@dataclass(frozen=True)
class Fragment:
    """group: PLACE, HOUR, ...; title: for people, to be translated, or the production's own words; chosen: whether the
    suggestion holds it."""

    group: str
    title: str
    text: str
    chosen: bool


@dataclass(frozen=True)
class Help:
    """prompt, negative: ready to draw with (negative empty where the class ignores it); fragments: to add or leave."""

    habit: Habit
    language: str
    prompt: str
    negative: str
    fragments: tuple[Fragment, ...]
    avoided: tuple[Fragment, ...]


@cache
def habit_of(model_class: str) -> Habit:
    """model_class: a family's name; one nobody knows here (a remote workflow) reads English sentences and negatives."""
    family = FAMILIES.get(model_class)
    return Habit(
        TAGS if model_class in TAGGED else SENTENCES,
        LANGUAGES if model_class in CHINESE else ("en",),
        # Guidance 1 is no guidance: the negative prompt has nothing to push against.
        family is None or (family.negative and family.guidance_milli > 1_000),
        bool(family and family.video),
    )


def help_for(model_class: str, asked: Asked, style: Style, *, language: str = "en", film: bool = False) -> Help:
    """Everything a form can offer. language: "en" or "zh"; English where the class does not read it."""
    habit = habit_of(model_class)
    said = language if language in habit.languages else "en"
    pinned = asked.pinned or Pinned()
    places, hours, weathers = (found(words, asked) for words in (PLACES, HOURS, WEATHERS))
    if pinned.light:  # the light set-up speaks, not the heading
        hours, weathers = _lit(pinned, hours)
    frames = [_through(one, pinned.lens_mm) for one in FRAMES]
    groups = [
        *_fragments(PLACE, PLACES, places[:1], habit, said),
        *_place_itself(asked, known=bool(places or pinned.words)),
        *_own(PLACE, pinned.words),
        *_fragments(HOUR, HOURS, hours[:1], habit, said),
        *_fragments(WEATHER, WEATHERS, weathers[:1], habit, said),
        *_own(HOUR, pinned.light_words),
        *_own(LOOK, style.look, style.camera),
        *_fragments(LOOK, PALETTES, [one for one in PALETTES if one.key == pinned.palette], habit, said),
        *_own(LOOK, swatches.named(pinned.colours, said)),
        *_fragments(FRAME, frames, frames, habit, said),
    ]
    if asked.kind in KINDS:
        groups += _fragments(KIND, [KINDS[asked.kind]], [KINDS[asked.kind]], habit, said)
    if film or habit.film:
        groups += _fragments(MOTION, MOTIONS, MOTIONS[:1], habit, said)
    never = [*([NOBODY] if asked.kind in ("background", "effect", "foreground") else []), *NEVER]
    never += [STUTTER] if film or habit.film else []
    avoided = (
        [*_own(LOOK, style.avoid, pinned.avoid), *_fragments(KIND, never, never, habit, said)] if habit.negative else []
    )
    return Help(
        habit, said,
        written([one for one in groups if one.chosen], habit, said),
        (", " if said == "en" else "，").join(one.text for one in avoided if one.chosen),
        tuple(groups), tuple(avoided),
    )  # fmt: skip


def written(fragments: Iterable[Fragment], habit: Habit, language: str) -> str:
    """Fragments as one prompt: a list of tags, or sentences with place, hour and weather in the first one."""
    chosen = list(fragments)
    if habit.form == TAGS:
        return ", ".join(one.text.strip(" .,。，") for one in chosen)
    first = [one for one in chosen if one.group in (PLACE, HOUR, WEATHER)]
    rest = [one for one in chosen if one not in first]
    comma, stop = (", ", ". ") if language == "en" else ("，", "。")
    sentences = [comma.join(one.text.strip(" .,。，") for one in first)] if first else []
    sentences += [one.text.strip(" .。") for one in rest]
    whole = stop.join(sentence[:1].upper() + sentence[1:] for sentence in sentences if sentence)
    return whole + stop.strip() if whole else ""


def meant(heading: str, place: str = "") -> list[str]:
    """Keys of the weathers and hours that a scene's heading and its location's name mean, weathers first."""
    asked = Asked(place=place, heading=heading)
    return [one.key for words in (WEATHERS, HOURS) for one in found(words, asked)]


def found(words: Iterable[Words], asked: Asked) -> list[Words]:
    """Those that the heading or the location's name means; the heading goes first, since it says this scene."""
    told = [asked.heading.casefold(), asked.place.casefold()]
    return [one for text in told for one in words if any(means(sign, text) for sign in one.found_by)]


def _lit(pinned: Pinned, hours: list[Words]) -> tuple[list[Words], list[Words]]:
    """The hour and the weather of a light set-up; a storm keeps the heading's hour."""
    weather = "storm" if pinned.light == "storm" else {"rain": "rain", "mist": "fog"}.get(pinned.weather, "")
    chosen = [one for one in HOURS if one.key == pinned.light] or hours
    return chosen, [one for one in WEATHERS if one.key == weather]


def _through(words: Words, lens_mm: int | None) -> Words:
    """The camera's words with the pinned lens in the place of the usual 35 mm."""
    if words.key != "lens" or lens_mm is None:
        return words
    return replace(words, **{name: getattr(words, name).replace("35", str(lens_mm)) for name in ("tags", "en", "zh")})


def means(sign: str, text: str) -> bool:
    """Whether the word is in the text: "bar" is not in "barn"."""
    if sign.isascii():
        return re.search(rf"(?<![a-z]){re.escape(sign)}(?![a-z])", text) is not None
    if sign == "日":
        return re.search(r"(?<![\u4e00-\u9fff])日(?![\u4e00-\u9fff])", text) is not None
    return sign in text


def _fragments(
    group: str, words: Iterable[Words], chosen: Iterable[Words], habit: Habit, language: str
) -> list[Fragment]:
    held = {one.key for one in chosen}
    return [Fragment(group, one.title, _text(one, habit, language), one.key in held) for one in words]


def _text(words: Words, habit: Habit, language: str) -> str:
    if habit.form == TAGS:
        return words.tags
    return words.zh if language == "zh" else words.en


def _place_itself(asked: Asked, *, known: bool) -> list[Fragment]:
    """What the location is called and how it is described: said where the table does not know the place, else offered
    (a description may be a note for people)."""
    texts = ([] if known else [asked.place or asked.heading]) + [asked.description]
    return [Fragment(PLACE, text.strip(), text.strip(), not known) for text in texts if text.strip()]


def _own(group: str, *texts: str) -> list[Fragment]:
    """The production's own words, always in."""
    return [Fragment(group, text.strip(), text.strip(), True) for text in texts if text.strip()]
