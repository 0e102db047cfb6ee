"""English and Simplified Chinese say everything: no string is unmarked, missing, left in English or built wrong."""

import importlib
import re
from functools import lru_cache
from pathlib import Path

import polib
import pytest
from django.apps import apps

from studio.core import engine_sentences, extraction
from studio.jobs import labels, registry
from studio.pipeline.verbs import SAID
from tests.architecture import words

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent.parent
LANGUAGES = ("en", "zh_Hans")
# Names and codes that Chinese crews write in Latin letters too.
SAME_IN_CHINESE = {"AI", "Del", "ProRes 4444", "Reels", "SDR", "TikTok"}
HAN = re.compile(r"[\u4e00-\u9fff]")
POSITIONAL = re.compile(r"%s")
TAG = re.compile(r"</?\w+")


@lru_cache
def catalogue(language: str, kind: str = "po") -> polib.POFile:
    path = ROOT / "studio" / "locale" / language / "LC_MESSAGES" / f"django.{kind}"
    return polib.pofile(str(path), encoding="utf-8") if kind == "po" else polib.mofile(str(path))


def key(entry: polib.POEntry) -> tuple[str, str]:
    return entry.msgctxt or "", entry.msgid


def said(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


@lru_cache
def everything() -> dict[tuple[str, str], extraction.Marked]:
    return {mark.key: mark for mark in extraction.marked(ROOT)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_marked_string_stands_in_the_catalogue_and_no_other(language: str) -> None:
    wanted, there = everything(), {key(entry) for entry in catalogue(language)}
    missing = [f"{mark.file}:{mark.line} {mark.text!r}" for found, mark in wanted.items() if found not in there]
    gone = sorted(there - wanted.keys())
    assert not missing, "run `manage.py catalogues`, then translate:\n" + "\n".join(missing)
    assert not gone, f"run `manage.py catalogues`; nothing is marked so any more: {gone}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_entry_is_translated_and_none_is_a_guess(language: str) -> None:
    entries = catalogue(language)
    assert [key(entry) for entry in entries if entry.fuzzy] == []
    assert [key(entry) for entry in entries if not all(said(entry)) or not said(entry)] == []
    forms = {"en": 2, "zh_Hans": 1}[language]
    assert f"nplurals={forms};" in entries.metadata["Plural-Forms"]
    assert [key(entry) for entry in entries if entry.msgid_plural and len(entry.msgstr_plural) != forms] == []


def test_the_english_catalogue_says_what_the_pages_say() -> None:
    for entry in catalogue("en"):
        assert said(entry) == ([entry.msgid, entry.msgid_plural] if entry.msgid_plural else [entry.msgid])


def test_nothing_in_the_chinese_catalogue_is_left_in_english() -> None:
    for entry in catalogue("zh_Hans"):
        for text in said(entry):
            if entry.msgid in SAME_IN_CHINESE or not re.search(r"[A-Za-z]{2}", re.sub(r"%\(\w+\)\w", "", entry.msgid)):
                continue
            assert text not in (entry.msgid, entry.msgid_plural), entry.msgid
            assert HAN.search(text) or not re.search(r"[a-z]{4}", re.sub(r"%\(\w+\)\w", "", entry.msgid)), entry.msgid


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_hold_the_same_gaps_tags_and_line_breaks(language: str) -> None:
    wrong = []
    for entry in catalogue(language):
        source = entry.msgid_plural or entry.msgid
        for text in said(entry):
            allowed = extraction.placeholders(source) | extraction.placeholders(entry.msgid)
            needed = extraction.placeholders(source) & extraction.placeholders(entry.msgid)
            same = (
                needed <= extraction.placeholders(text) <= allowed
                and len(POSITIONAL.findall(text)) == len(POSITIONAL.findall(source))
                and sorted(TAG.findall(text)) == sorted(TAG.findall(source))
                and text.startswith("\n") == source.startswith("\n")
                and text.endswith("\n") == source.endswith("\n")
            )
            if "python-format" in entry.flags and not POSITIONAL.search(source) and "% " not in source:
                text % dict.fromkeys(allowed, 1)  # a stray % or a bad letter after a gap would fail on the page
            wrong += [] if same else [(entry.msgid, text)]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_the_written_one(language: str) -> None:
    def content(file: polib.POFile) -> dict[tuple[str, str], list[str]]:
        return {key(entry): said(entry) for entry in file}

    assert content(catalogue(language, "mo")) == content(catalogue(language)), "run `manage.py catalogues`"


def test_no_template_shows_words_that_cannot_be_translated() -> None:
    bare = {
        str(path.relative_to(ROOT)): found
        for path in sorted((ROOT / "frontend" / "templates").rglob("*.html"))
        if (found := words.in_template(path.read_text(encoding="utf-8")))
    }
    assert bare == {}, "put them into {% translate %}"


def test_no_error_label_or_choice_is_left_unmarked() -> None:
    bare = [
        f"{path.relative_to(ROOT)}:{line} {code}"
        for path in sorted((ROOT / "studio").rglob("*.py"))
        if "migrations" not in path.parts
        for line, code in words.in_python(path.read_text(encoding="utf-8"))
    ]
    assert bare == [], "put them into _()"


def test_no_script_writes_words_of_its_own() -> None:
    bare = [
        f"{path.relative_to(ROOT)}:{line} {text}"
        for path in sorted((ROOT / "frontend" / "static" / "js").rglob("*.js"))
        for line, text in words.in_script(path.read_text(encoding="utf-8"))
    ]
    assert bare == [], "let the template hand them over in a data attribute"


def test_every_code_the_engine_raises_has_its_sentence() -> None:
    raised = dict(words.raised_codes(ROOT))
    assert {code: place for code, place in raised.items() if code not in engine_sentences.SENTENCES} == {}
    assert sorted(set(engine_sentences.SENTENCES) - raised.keys()) == [], "nobody raises these any more"


def test_every_verb_in_the_books_has_its_words() -> None:
    assert {verb: place for verb, place in words.recorded_verbs(ROOT) if verb not in SAID} == {}


def test_every_kind_of_job_has_its_words() -> None:
    for app in apps.get_app_configs():
        if app.name.startswith("studio.") and (Path(app.path) / "handlers.py").exists():
            importlib.import_module(f"{app.name}.handlers")
    assert {kind for kind, _function in registry.HANDLERS.items() if "." in kind} - labels.LABELS.keys() == set()


def test_the_readers_see_what_they_are_for() -> None:
    template = '{% if a %}<p title="Hello you">{% translate "Fine" %} {{ x }} Bare words</p>{% endif %}<kbd>Esc</kbd>'
    assert words.in_template(template) == ["Hello you", "… … Bare words"]
    python = 'raise Invalid("No such thing.")\nraise Invalid(_("Fine"))\nraise Conflict(f"{x} is taken")\n'
    assert [line for line, _code in words.in_python(python)] == [1, 3]
    assert list(words.in_script('a.textContent = "Oh no";\nb.title = words.fine;')) == [(1, "Oh no")]
    marks = extraction.from_python('_("a" "b")\nngettext("%(n)s x", "%(n)s y", n)\npgettext_lazy("c", "d")\n', "f.py")
    assert [(mark.context, mark.text, mark.plural) for mark in marks] == [
        ("", "ab", ""), ("", "%(n)s x", "%(n)s y"), ("c", "d", ""),
    ]  # fmt: skip
    html = (
        '{% translate "a" context "c" %}{% blocktranslate count n=n %}one{% plural %}{{ n }} b{% endblocktranslate %}'
    )
    found = [(mark.context, mark.text, mark.plural) for mark in extraction.from_template(html, "f.html")]
    assert found == [("c", "a", ""), ("", "one", "%(n)s b")]
    with pytest.raises(extraction.NotPlain, match=r"f\.py:1"):
        list(extraction.from_python('_(f"{x} is gone")', "f.py"))
