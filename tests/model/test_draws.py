"""The whole way with a tiny model: registered, priced, drawn by a job, cancelled, binned, finished, replayed."""

import os
import shutil
import signal
from pathlib import Path
from typing import Any

import av
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from compositing.errors import Refused
from compositing.sandbox import Progress
from modelhost.client import Keeper
from studio.comps.models import Version
from studio.core.errors import Conflict
from studio.generation import estimates, previews, registry, replays, selectors, services
from studio.generation.backends import diffusers
from studio.generation.models import Draw
from studio.jobs import registry as handlers
from studio.jobs import runner
from studio.jobs.models import Job
from studio.ledger.models import Entry
from studio.media import storage
from studio.productions.models import Layer, LayerKind, Production, Rate
from studio.releases.facts import facts_of
from studio.releases.gates import check
from studio.releases.models import Cut, CutItem, Release
from tests.cast import Cast, make_cast
from tests.drain import drain_jobs
from tests.factories import fill, make_episode, make_production, make_scene, make_shot, make_version
from tests.model.stage import build

PAPERS = {"licence": "MIT", "source": "built in this test", "commercial": "yes"}


@pytest.fixture
def production(db: None) -> Production:
    made = make_production(width=72, height=128, territories=["CN"], draw_cap_minor=100_000)
    for key in ("gpu_hour", "cpu_hour"):
        Rate.objects.create(production=made, key=key, amount_minor=3_600_000, source="test", valid_from="2026-01-01")
    return made


@pytest.fixture
def cast(production: Production) -> Cast:
    return make_cast(production)


@pytest.fixture
def layer(production: Production) -> Layer:
    return make_shot(make_scene(make_episode(production))).layers.get(kind=LayerKind.BACKGROUND)


@pytest.fixture(scope="module")
def host() -> Any:
    os.environ["HUO_THREADS"] = "1"
    yield diffusers.HOST
    diffusers.HOST.close()
    del os.environ["HUO_THREADS"]


@pytest.fixture
def model(settings: Any, tmp_path: Path, models: Path, cast: Cast, production: Production, host: Keeper) -> Any:
    settings.MODEL_HOME = tmp_path / "models"
    shutil.copytree(build(models, "sd").folder, settings.MODEL_HOME / "tiny-sd")
    return registry.add(approved_by=cast.priya, name="tiny-sd", production=production, random_weights=True, **PAPERS)


def ask(cast: Cast, layer: Layer, **changed: Any) -> list[Draw]:
    usual: dict[str, Any] = {"actor": cast.ana, "layer": layer, "family": "tiny-sd/text", "backend": "diffusers"}
    usual |= {"params": {"prompt": "雨夜的屋顶", "steps": 4}, "seed": services.next_seed(layer, 2), "count": 2}
    return services.request_draws(**(usual | changed))


def test_an_artist_draws_bins_finishes_and_replays(
    cast: Cast, production: Production, layer: Layer, model: Any
) -> None:
    quote = services.quote(layer=layer, family="tiny-sd/text", params={"steps": 4}, backend="diffusers", count=2)
    assert quote.minor and any("random weights" in flag for flag in quote.flags)
    first, second = ask(cast, layer)
    drain_jobs()
    for draw in (first, second):
        draw.refresh_from_db()
        assert draw.state == "done" and draw.cost_minor and draw.poster_id, draw.error
        assert Image.open(storage.path_of(draw.artefact_id)).size == (draw.recipe["width"], draw.recipe["height"])
        assert previews.find(draw.pk) is None
    assert first.artefact_id != second.artefact_id and first.media["models"][0]["name"] == "tiny-sd"
    services.bin_draw(actor=cast.ana, draw=second, reason="too dark")

    assert replays.badge(first).code == "untried"
    again = replays.replay(actor=cast.ana, draw=first)
    drain_jobs()
    assert replays.badge(first).code == "bit_exact"
    assert Entry.objects.get(verb="draw.replayed").data["result"] == "bit_exact"

    final = services.promote(actor=cast.ana, draw=first)
    assert final.recipe["task"] == "image" and final.recipe["params"]["image"] == first.artefact_id
    drain_jobs()
    layer.refresh_from_db()
    assert layer.element.ai_made and layer.element.licence == "MIT" and layer.element.origin == "generated"
    assert layer.element.media["width"] == 72 and layer.element.media["models"][0]["manifest"] == model.manifest_sha256
    after = estimates.estimate(diffusers.Diffusers(), first.recipe, production)
    assert (after.basis, after.learned_from, after.rate) == (estimates.OWN, 3, "cpu_hour") and again.pk

    model.manifest["unet/config.json"] = "0" * 64
    model.save()
    registry.verify(model=model)
    assert replays.badge(second).code == "not_replayable"
    with pytest.raises(Conflict, match="changed since"):
        replays.replay(actor=cast.ana, draw=second)


def test_a_cancelled_draw_leaves_no_picture_and_is_booked_apart(
    cast: Cast, production: Production, layer: Layer, model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (draw,) = ask(cast, layer, params={"prompt": "x", "steps": 150}, count=1)
    (other,) = ask(cast, layer, count=1)
    seen: list[str] = []
    progress = runner.Run.progress

    def watched(run: Any, done: int, total: int, stage: str = "") -> None:
        progress(run, done, total, stage)
        if stage == "steps" and run.job.pk == draw.job_id and not seen:
            seen.append(stage)
            Job.objects.filter(pk=run.job.pk).update(cancel_requested=True)

    monkeypatch.setattr(runner.Run, "progress", watched)
    drain_jobs()
    draw.refresh_from_db()
    other.refresh_from_db()
    assert (draw.state, draw.artefact_id, other.state) == ("cancelled", None, "done")
    entry = Entry.objects.get(verb="draw.cancelled")
    assert entry.cost_minor == draw.cost_minor and draw.cost_minor >= 1 and entry.data["seconds_milli"] > 0
    assert selectors.spent_on_draws(cast.ana, production) == other.cost_minor


def test_a_killed_host_costs_an_attempt_and_the_draw_is_made_all_the_same(
    cast: Cast, layer: Layer, model: Any, host: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed: list[int] = []
    request = Keeper.request

    def deadly(keeper: Keeper, op: str, args: Any, **more: Any) -> Any:
        told = more["on_progress"]

        def on_progress(step: Progress) -> None:
            told(step)
            if step.stage == "steps" and not killed:
                killed.append(keeper.pid)
                os.kill(keeper.pid, signal.SIGKILL)

        return request(keeper, op, args, **(more | {"on_progress": on_progress}))

    monkeypatch.setattr(Keeper, "request", deadly)
    (draw,) = ask(cast, layer, count=1, params={"prompt": "雨夜的屋顶", "steps": 40})  # not done before it is killed
    drain_jobs(may_fail=True)
    draw.refresh_from_db()
    assert killed and draw.state == "done" and draw.job.attempt == 2


def test_a_finished_draw_survives_the_worker_that_dies_before_recording_it(
    cast: Cast, layer: Layer, model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (draw,) = ask(cast, layer, count=1)
    handlers.autodiscover()
    store, asked = runner.Run.store, []

    def dies(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt  # as a kill: nothing after this line runs

    monkeypatch.setattr(runner.Run, "store", dies)
    job = runner.claim(queues=["gpu"])
    with pytest.raises(KeyboardInterrupt):
        runner.execute(job, beat=False)
    monkeypatch.setattr(runner.Run, "store", store)
    monkeypatch.setattr(Keeper, "request", lambda *args, **more: asked.append(args) or pytest.fail("drawn again"))
    Job.objects.filter(pk=job.pk).update(state="queued")
    drain_jobs()
    draw.refresh_from_db()
    assert draw.state == "done" and not asked


def test_random_weights_never_reach_a_release(cast: Cast, layer: Layer, model: Any) -> None:
    ask(cast, layer, count=1, draft=False, use_when_done=True)
    drain_jobs()
    shot = layer.shot
    fill(shot.layers.get(kind=LayerKind.ACTOR))
    version = make_version(shot, state=Version.State.APPROVED, created_by=cast.cleo)
    cut = Cut.objects.create(episode=shot.scene.episode)
    CutItem.objects.create(cut=cut, shot=shot, version=version)
    checks = {one.code: one for one in check(facts_of(Release.objects.create(episode=shot.scene.episode, number=1)))}
    assert checks["random_weights"].state == "block" and checks["models"].state == "pass"
    model.licence, model.random_weights, model.commercial = "non-commercial", False, "no"
    model.save()
    checks = {one.code: one for one in check(facts_of(Release.objects.get()))}
    assert (checks["random_weights"].state, checks["models"].why) == ("pass", "not_commercial")


def test_a_film_by_a_model_lands_as_a_layer(
    settings: Any, tmp_path: Path, models: Path, cast: Cast, production: Production, layer: Layer, host: Keeper
) -> None:
    settings.MODEL_HOME = tmp_path / "models"
    shutil.copytree(build(models, "wan").folder, settings.MODEL_HOME / "tiny-wan")
    registry.add(approved_by=cast.priya, name="tiny-wan", production=production, random_weights=True, **PAPERS)
    (draw,) = ask(cast, layer, family="tiny-wan/video_text", params={"prompt": "雨", "steps": 2, "frames": 9}, count=1,
                  draft=False, use_when_done=True)  # fmt: skip
    drain_jobs()
    draw.refresh_from_db()
    layer.refresh_from_db()
    assert draw.state == "promoted", draw.error
    media = layer.element.media
    assert (media["frame_count"], media["fps_num"], media["width"], media["height"]) == (9, 24, 72, 128)
    assert layer.element.proxy_id and layer.element.poster_id and layer.element.ai_made
    with av.open(str(storage.path_of(draw.artefact_id))) as film:
        assert sum(1 for _ in film.decode(video=0)) == 9


@pytest.mark.parametrize("family", ["sd", "sdxl", "flux"])
def test_a_pickle_put_beside_a_real_model_keeps_it_out_of_the_registry(
    settings: Any, tmp_path: Path, models: Path, cast: Cast, production: Production, family: str
) -> None:
    settings.MODEL_HOME = tmp_path / "models"
    folder = settings.MODEL_HOME / "pickled"
    shutil.copytree(build(models, family).folder, folder)
    weights = next((folder / "vae").glob("*.safetensors"))
    torch.save(load_file(weights), folder / "vae" / "diffusion_pytorch_model.bin")
    with pytest.raises(Refused, match=r"diffusion_pytorch_model\.bin"):
        registry.add(approved_by=cast.priya, name="pickled", production=production, **PAPERS)
    (folder / "vae" / "diffusion_pytorch_model.bin").rename(weights)  # the pickle under the good one's name
    with pytest.raises(Refused):
        registry.add(approved_by=cast.priya, name="pickled", production=production, **PAPERS)
