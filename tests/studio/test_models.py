"""Models: registered with their papers, held against their manifest, judged by their licence before money is spent."""

from pathlib import Path
from typing import Any

import pytest

from compositing.errors import Refused
from studio.core.errors import Conflict, Forbidden, Invalid
from studio.generation import registry, seeds, services
from studio.generation.backends import BACKENDS, pace
from studio.generation.licensing import Licence, Use, reasons
from studio.generation.models import Draw, RegisteredModel
from studio.ledger.models import Entry
from studio.productions.models import Layer, LayerKind, Production
from tests.cast import Cast, make_cast
from tests.factories import make_episode, make_production, make_scene, make_shot
from tests.modelhost.folders import pipeline, safetensors

PAPERS = {"licence": "Apache-2.0", "source": "the vendor's page, 2026-11-02", "commercial": "yes"}


@pytest.fixture
def production(db: None) -> Production:
    return make_production(width=216, height=384, territories=["CN"])


@pytest.fixture
def cast(production: Production) -> Cast:
    return make_cast(production)


@pytest.fixture
def layer(production: Production) -> Layer:
    return make_shot(make_scene(make_episode(production))).layers.get(kind=LayerKind.BACKGROUND)


@pytest.fixture
def models(settings: Any, tmp_path: Path) -> Path:
    settings.MODEL_HOME = tmp_path / "models"
    pipeline(settings.MODEL_HOME / "night-city")
    return settings.MODEL_HOME


def add(cast: Cast, production: Production, name: str = "night-city", **papers: Any) -> RegisteredModel:
    return registry.add(approved_by=cast.priya, name=name, production=production, **(PAPERS | papers))


def test_a_model_is_added_with_its_papers_and_entered_in_the_books(
    cast: Cast, production: Production, models: Path
) -> None:
    assert registry.found_folders() == ["night-city"]
    model = add(cast, production)
    assert (model.family, model.state, model.approved_by) == ("sdxl", "verified", cast.priya)
    entry = Entry.objects.get(verb="model.added")
    assert entry.data["manifest"] == model.manifest_sha256 and entry.production_id == production.pk
    assert registry.found_folders() == []
    with pytest.raises(Conflict, match="registered already"):
        add(cast, production)


def test_papers_with_gaps_and_folders_with_code_are_refused(cast: Cast, production: Production, models: Path) -> None:
    for gap in ({"licence": ""}, {"source": ""}, {"commercial": "perhaps"}, {"territories_forbidden": ["Europe"]}):
        with pytest.raises(Invalid):
            add(cast, production, **gap)
    (models / "night-city" / "unet" / "model.bin").write_bytes(b"x")
    with pytest.raises(Refused, match="not in safetensors form"):
        add(cast, production)
    with pytest.raises(Forbidden):
        registry.add(approved_by=cast.ana, name="night-city", production=production, **PAPERS)
    assert not RegisteredModel.objects.exists()


def test_a_changed_model_is_said_so_and_is_not_drawn_with(
    cast: Cast, production: Production, models: Path, layer: Layer
) -> None:
    model = add(cast, production)
    assert [offer.task for offer in BACKENDS["diffusers"].offers("background")] == ["text", "image", "inpaint"]
    safetensors(models / "night-city" / "vae" / "diffusion_pytorch_model.safetensors", {"vae": b"VAE"})
    registry.verify(model=model)
    assert model.state == "changed" and "changed: vae/" in registry.finding_of(model)
    assert Entry.objects.filter(verb="model.changed", production_id=production.pk).exists()
    assert BACKENDS["diffusers"].offers("background") == []
    with pytest.raises(Invalid, match="changed"):
        services.quote(layer=layer, family="night-city/text", params={}, backend="diffusers")
    safetensors(models / "night-city" / "vae" / "diffusion_pytorch_model.safetensors", {"vae": b"vae"})
    registry.verify(model=model)
    assert model.state == "verified"


def test_a_licence_that_forbids_the_use_is_flagged_before_anything_is_spent(
    cast: Cast, production: Production, models: Path, layer: Layer
) -> None:
    model = add(cast, production, commercial="no", territories_forbidden=["CN", "EU"])
    quote = services.quote(layer=layer, family="night-city/text", params={"prompt": "雨"}, backend="diffusers", count=4)
    assert quote.seconds_milli > 0 and quote.minor is None and quote.missing == "gpu_hour"
    assert any("may not be used commercially" in flag for flag in quote.flags)
    assert any("in CN" in flag for flag in quote.flags)
    assert not Draw.objects.exists()
    registry.amend(actor=cast.kai, model=model, production=production, commercial="yes", territories_forbidden=[])
    quote = services.quote(layer=layer, family="night-city/text", params={}, backend="diffusers")
    assert quote.flags == ()


def test_drawing_from_words_needs_some(cast: Cast, production: Production, models: Path, layer: Layer) -> None:
    add(cast, production)
    for params in ({}, {"prompt": "  "}):
        assert services.quote(layer=layer, family="night-city/text", params=params, backend="diffusers").seconds_milli
        with pytest.raises(Invalid, match="What it shows"):
            services.request_draws(
                actor=cast.priya, layer=layer, family="night-city/text", params=params, backend="diffusers"
            )
    assert not Draw.objects.exists()


def test_random_weights_stay_random(cast: Cast, production: Production, models: Path) -> None:
    model = add(cast, production, random_weights=True)
    assert any("random weights" in flag for flag in registry.standings(production)[0].against)
    with pytest.raises(Invalid, match="stays so"):
        registry.amend(actor=cast.priya, model=model, production=production, random_weights=False)


@pytest.mark.parametrize(
    ("licence", "use", "codes"),
    [
        (Licence("m", "x", "yes", approved=True), Use(True, frozenset({"CN"})), []),
        (Licence("m", "x", "no", approved=True), Use(True, frozenset({"CN"})), ["not_commercial"]),
        (Licence("m", "x", "no", approved=True), Use(False, frozenset({"CN"})), []),
        (Licence("m", "x", "unclear", approved=True), Use(True, frozenset({"CN"})), ["commercial_unclear"]),
        (Licence("m", "x", "yes", forbidden=frozenset({"EU", "GB", "KR"}), approved=True),
         Use(True, frozenset({"CN", "DE"})), ["territory"]),
        (Licence("m", "x", "yes", forbidden=frozenset({"EU", "GB", "KR"}), approved=True),
         Use(True, frozenset({"CN"})), []),
        (Licence("m", "x", "yes", forbidden=frozenset({"EU"}), approved=True), Use(True, frozenset({"WW"})),
         ["territory"]),
        (Licence("m", "x", "yes", forbidden=frozenset({"EU"}), approved=True), Use(), ["territories_unsaid"]),
        (Licence("m", "x", "yes", allowed=frozenset({"CN"}), approved=True), Use(True, frozenset({"CN", "US"})),
         ["territory"]),
        (Licence("m", "x", "yes", allowed=frozenset({"EU"}), approved=True), Use(True, frozenset({"FR", "EU"})), []),
        (Licence("m", "x", "yes"), Use(True, frozenset({"CN"})), ["unapproved"]),
    ],
)  # fmt: skip
def test_licences_are_held_against_use_and_place(licence: Licence, use: Use, codes: list[str]) -> None:
    assert [reason.code for reason in reasons(licence, use)] == codes


def test_a_draw_starts_only_from_the_productions_own_pictures(
    cast: Cast, production: Production, models: Path, layer: Layer
) -> None:
    add(cast, production)
    asked = {"actor": cast.vera, "layer": layer, "family": "night-city/image", "seed": 1, "backend": "diffusers"}
    with pytest.raises(Invalid, match="starts from a picture"):
        services.request_draws(**asked, params={"prompt": "x"})
    with pytest.raises(Invalid, match="not one of this production"):
        services.request_draws(**asked, params={"prompt": "x", "image": "ab" * 32})
    assert not Draw.objects.exists()


def test_recipes_name_the_manifest_and_the_size_that_fits_the_model(
    cast: Cast, production: Production, models: Path, layer: Layer
) -> None:
    model = add(cast, production)
    draws = services.request_draws(
        actor=cast.vera, layer=layer, family="night-city/text", params={"prompt": "雨夜的屋顶"}, seed=41, count=2,
        draft=False, backend="diffusers",
    )  # fmt: skip
    recipe = draws[1].recipe
    assert recipe["parts"]["pipeline"]["manifest"] == model.manifest_sha256 and recipe["seed"] == 42
    assert (recipe["width"], recipe["canvas_width"], recipe["canvas_height"]) == (216, 216, 384)
    assert draws[0].job.queue == "gpu" and draws[0].origin == "generated"
    assert draws[0].recipe_sha256 != draws[1].recipe_sha256


def test_seeds_of_one_place_are_one_family() -> None:
    roof, lobby = seeds.family_of("p", "roof"), seeds.family_of("p", "lobby")
    assert roof == seeds.family_of("p", "roof") != lobby
    assert seeds.following(set(), roof) == roof
    assert seeds.following({roof, roof + 1, roof + 4}, roof, count=3) == roof + 5
    assert seeds.is_in(roof + 999, roof) and not seeds.is_in(roof + 1000, roof)


def test_estimates_come_from_earlier_draws_once_there_are_any() -> None:
    wanted = pace.units(400, 720, 30)
    assert pace.learned(wanted, []) is None and pace.guess(wanted, size=7 * 10**9, device="cuda") > 0
    earlier = [pace.Sample(pace.units(200, 360, 30), milli) for milli in (900, 1_000, 1_100, 60_000)]
    assert 3_600 <= (pace.learned(wanted, earlier) or 0) <= 4_400


def test_estimates_know_the_fixed_part_of_a_draw_and_trust_like_draws_most() -> None:
    def took(units: int) -> int:
        return 2_000 + units * 3

    sizes = (100, 200, 400, 800, 1_600)
    line = [pace.Sample(units, took(units)) for units in sizes]
    held_up = [*line[:4], pace.Sample(1_600, 90_000)]
    for wanted in (50, 300, 6_000):
        for samples in (line, held_up):
            assert abs((pace.learned(wanted, samples) or 0) - took(wanted)) <= took(wanted) // 5
    plain, heavy = [pace.Sample(100, 1_000)] * 4, [pace.Sample(100, 5_000, alike=True)] * 3
    assert pace.learned(110, plain + heavy) == 5_500
    assert pace.learned(100, [pace.Sample(100, 1_000), pace.Sample(900, 1_000)]) == 1_000
