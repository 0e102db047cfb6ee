"""The gate and the label duty as pure rules: facts in, findings out."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from studio.releases.gates import BLOCK, PASS, WAIVED, Check, ConsentFacts, Facts, ItemFacts, check, label_due
from studio.releases.labels import IPTC, LayerFacts, duty, meets, source_type, whole_type
from studio.releases.sentences import TITLES, WHYS, worded

TODAY = date(2026, 11, 21)
SHA = "a" * 64


def layer(origin="procedural", ai=False, kind="background", frames=48) -> LayerFacts:
    return LayerFacts("EP01_SC01_SH010", "v001", "City", kind, origin, ai, frames)


def item(**fields: Any) -> ItemFacts:
    values: dict[str, Any] = {
        "shot": "EP01_SC01_SH010", "version": "v001", "head": "v001", "state": "approved", "media_sha256": SHA,
        "approved_sha256": SHA, "width": 1080, "height": 1920, "fps_num": 24, "fps_den": 1, "frame_count": 48,
        "frame_in": 0, "frame_out": 47, "must_notes": 0, "layers": (layer(),), "licences": (("City", "CC0"),),
        "consents": (ConsentFacts("Lin Xia", "Lin Xia", "C-12"),),
    }  # fmt: skip
    return ItemFacts(**(values | fields))


def facts(*items: ItemFacts, **fields: Any) -> Facts:
    values: dict[str, Any] = {
        "items": items or (item(),), "width": 1080, "height": 1920, "fps_num": 24, "fps_den": 1,
        "filing_number": "X-1", "filing_pattern": "", "label_added": False, "today": TODAY,
    }  # fmt: skip
    return Facts(**(values | fields))


def found(given: Facts) -> dict[str, Check]:
    return {one.code: one for one in check(given)}


def blocking(given: Facts) -> dict[str, str]:
    return {one.code: one.why for one in check(given) if one.state == BLOCK}


def test_a_cut_in_order_passes_everything():
    assert blocking(facts()) == {}


@pytest.mark.parametrize(
    ("fields", "code", "why"),
    [
        ({"state": "in_review"}, "approved", "unapproved"),
        ({"head": "v002"}, "head", "newer_head"),
        ({"approved_sha256": "b" * 64}, "bytes", "not_what_was_approved"),
        ({"media_sha256": "", "approved_sha256": ""}, "bytes", "not_what_was_approved"),
        ({"must_notes": 2}, "must_notes", "open"),
        ({"fps_num": 25}, "format", "differs"),
        ({"width": 1920, "height": 1080}, "format", "differs"),
        ({"frame_out": 48}, "frames", "outside"),
        ({"frame_in": 40, "frame_out": 30}, "frames", "outside"),
        ({"licences": (("City", " "),)}, "licences", "missing"),
        ({"models": (("City", "territory", (("where", "DE"),)),)}, "models", "territory"),
        ({"models": (("City", "commercial_unclear", ()), ("Rain", "not_commercial", ()))}, "models", "not_commercial"),
        ({"models": (("City", "random_weights", (("model", "M"),)),)}, "random_weights", "there"),
        ({"consents": (ConsentFacts("Actor"),)}, "consent", "nobody_named"),
        ({"consents": (ConsentFacts("Actor", "Lin Xia"),)}, "consent", "no_consent"),
        ({"consents": (ConsentFacts("Actor", "Lin Xia", "C", date(2026, 11, 20)),)}, "consent", "expired"),
        ({"consents": (ConsentFacts("Actor", "Lin Xia", "C", TODAY, forbidden=True),)}, "consent", "no_alteration"),
    ],
)
def test_each_fault_blocks_by_its_own_name_and_names_its_shot(fields, code, why):
    given = facts(item(), item(shot="EP01_SC01_SH020", **fields))
    assert blocking(given) == {code: why}
    assert found(given)[code].shots == ("EP01_SC01_SH020",) and found(given)[code].target


def test_a_consent_covers_its_last_day():
    assert not blocking(facts(item(consents=(ConsentFacts("Actor", "Lin Xia", "C", TODAY),))))


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"filing_number": " "}, "filing"),
        ({"filing_number": "12", "filing_pattern": r"\d{3}"}, "filing"),
        ({"label_added": True, "content_producer": "x" * 26}, "producer_code"),
        ({"spent_minor": 11, "budget_minor": 10}, "budget"),
        ({"height": 1350}, "format"),
    ],
)
def test_the_productions_own_papers_block(fields, code):
    assert code in blocking(facts(**fields))


def test_an_empty_cut_blocks():
    assert blocking(replace(facts(), items=())) == {"cut": "empty"}


def test_a_waiver_covers_the_finding_it_saw_and_no_other():
    given = facts(filing_number="")
    seen = found(given)["filing"].fingerprint
    assert found(replace(given, waived={seen}))["filing"].state == WAIVED
    unfit = replace(given, filing_number="12", filing_pattern=r"\d{3}", waived={seen})
    assert found(unfit)["filing"].state == BLOCK
    nobody = facts(item(state="in_review"))
    assert found(replace(nobody, waived={found(nobody)["approved"].fingerprint}))["approved"].state == BLOCK


def test_spending_more_does_not_undo_a_waived_budget_but_another_budget_does():
    given = facts(spent_minor=11, budget_minor=10)
    waived = {found(given)["budget"].fingerprint}
    assert found(replace(given, spent_minor=12, waived=waived))["budget"].state == WAIVED
    assert found(replace(given, budget_minor=9, waived=waived))["budget"].state == BLOCK


MEASURED = {
    "frame_count": 48, "width": 1080, "height": 1920, "fps_num": 24, "fps_den": 1, "label_height_px": 54,
    "label_frames": 48, "aigc": {"Label": "1"}, "manifest": {"valid": True, "trusted": True, "state": "Trusted"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"frame_count": 47}, "master"),
        ({"fps_num": 25}, "master"),
        ({"label_height_px": 53}, "label"),
        ({"label_frames": 47}, "label"),
        ({"aigc": None}, "implicit"),
        ({"manifest": {"valid": True, "trusted": False}}, "manifest"),
        ({"manifest": {"valid": False, "trusted": False}}, "manifest"),
        ({"manifest": {}}, "manifest"),
    ],
)
def test_a_master_that_is_not_what_is_owed_blocks(fields, code):
    given = facts(item(layers=(layer("generated", ai=True),)), content_producer="0" * 27, measured=MEASURED)
    assert blocking(given) == {}
    assert set(blocking(replace(given, measured=MEASURED | fields))) == {code}


def test_no_label_is_asked_of_a_master_that_owes_none():
    given = facts(measured=MEASURED | {"aigc": None, "label_height_px": 0, "label_frames": 0})
    assert blocking(given) == {} and not label_due(given) and found(given)["label"].state == PASS


@pytest.mark.parametrize("origin", ["generated", "captured", "library", "procedural"])
def test_an_ai_made_layer_obliges_the_label_whatever_its_origin(origin):
    assert duty([layer(), layer(origin, ai=True, frames=1)]).required
    assert not duty([layer(origin)]).required


def test_shares_count_the_frames_that_the_cut_shows():
    owed = duty([layer("captured", frames=90), layer("generated", ai=True, frames=10)])
    assert owed.shares == {"captured": 900, "generated": 100} and owed.ai_permille == 100
    assert duty([layer("captured", frames=9999), layer("generated", ai=True, frames=1)]).ai_permille == 1
    assert duty([]).shares == {} and not duty([]).required


@pytest.mark.parametrize(("height", "frames", "good"), [(54, 60, True), (54, 59, False), (53, 60, False)])
def test_the_labels_limits_are_five_percent_and_two_seconds_at_any_rate(height, frames, good):
    # 29.97 fps: 2 s are 59.94 frames, so 60.
    assert meets({"label_height_px": height, "label_frames": frames}, 1080, 1920, 30000, 1001) is good


def test_source_types_are_iptcs():
    assert source_type(layer("captured")) == IPTC + "digitalCapture"
    assert source_type(layer("library", ai=True)) == IPTC + "trainedAlgorithmicMedia"
    assert source_type(layer()) == IPTC + "algorithmicMedia"
    actor = layer("captured", kind="actor")
    assert whole_type([actor, layer("generated", ai=True)]) == IPTC + "compositeWithTrainedAlgorithmicMedia"
    assert whole_type([actor, layer()]) == IPTC + "compositeSynthetic" and whole_type([actor]) == source_type(actor)


def test_every_check_has_its_title_and_every_block_its_sentence():
    assert set(TITLES) == {one.code for one in check(facts(measured=MEASURED))}
    for (code, why), words in WHYS.items():
        names = {"shots": [], "params": dict.fromkeys(_names(str(words)), "x")}
        assert "%(" not in worded({"code": code, "why": why, **names})["sentence"]


def _names(words: str) -> list[str]:
    return [part.split(")")[0] for part in words.split("%(")[1:]]
