"""Draws on a ComfyUI server, over its real wire: queue, progress, cancel by id, history, files."""

import copy
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from compositing.errors import Cancelled, EngineError, Refused
from studio.core.errors import Invalid
from studio.generation import comfy_graph, registry, services, workflow_png
from studio.generation.backends import BACKENDS, comfy_wire
from studio.generation.backends.base import Context
from studio.generation.models import Draw
from studio.media import storage
from studio.productions.models import Layer, LayerKind, Production, Rate
from tests.cast import Cast, make_cast
from tests.drain import drain_jobs
from tests.factories import make_episode, make_production, make_scene, make_shot
from tests.studio.comfy_server import GRAPH, ComfyServer, png

pytestmark = pytest.mark.slow


@pytest.fixture
def server(settings: Any) -> Iterator[ComfyServer]:
    with ComfyServer() as running:
        settings.COMFY_URL = running.url
        yield running


@pytest.fixture
def production(db: None) -> Production:
    made = make_production(width=216, height=384, territories=["CN"])
    for model, price in (("", 900), ("night-flow", 250)):
        Rate.objects.create(production=made, key="draw", model=model, amount_minor=price, source="quote",
                            valid_from="2026-01-01")  # fmt: skip
    return made


@pytest.fixture
def cast(production: Production) -> Cast:
    return make_cast(production)


@pytest.fixture
def layer(production: Production) -> Layer:
    return make_shot(make_scene(make_episode(production))).layers.get(kind=LayerKind.BACKGROUND)


@pytest.fixture
def flow(cast: Cast, production: Production, server: ComfyServer) -> Any:
    return registry.add_workflow(
        approved_by=cast.priya, name="night-flow", graph=copy.deepcopy(GRAPH), production=production,
        licence="Apache-2.0", source="the vendor's example", commercial="yes",
    )  # fmt: skip


def context(scratch: Path, **more: Any) -> Context:
    def child(op: str, args: dict[str, Any]) -> dict[str, Any]:
        assert op == "picture_info"
        return {"width": 80, "height": 144, "has_alpha": False, "preview": args["path"]}

    return Context(child=child, scratch=scratch, path_of=storage.path_of, **more)


def recipe(seed: int = 5, **params: Any) -> dict[str, Any]:
    form = {"width": 80, "height": 144, "fps_num": 24, "fps_den": 1}
    return BACKENDS["remote"].check({"family": "night-flow/workflow", "params": params, "seed": seed, **form})


def test_a_draw_goes_through_the_queue_and_lands_as_a_layer(
    cast: Cast, layer: Layer, flow: Any, server: ComfyServer
) -> None:
    quote = services.quote(layer=layer, family="night-flow/workflow", params={}, backend="remote", count=3)
    assert quote.minor == 750 and quote.flags == ()
    (draw,) = services.request_draws(
        actor=cast.vera, layer=layer, family="night-flow/workflow", params={"prompt": "雨夜", "guidance_milli": 6_500},
        seed=41, backend="remote", draft=False, use_when_done=True,
    )  # fmt: skip
    assert draw.job.queue == "remote"
    drain_jobs()
    draw.refresh_from_db()
    assert draw.state == "promoted" and draw.cost_minor == 250, draw.error
    asked = draw.media["comfyui"]["workflow"]
    assert asked["6"]["inputs"]["text"] == "雨夜" and (asked["3"]["inputs"]["seed"], asked["3"]["inputs"]["cfg"]) == (
        41,
        "6.5",
    )
    assert draw.media["comfyui"]["models"] == ["night.safetensors"] and draw.media["width"] == 216
    layer.refresh_from_db()
    assert layer.element.ai_made and layer.element.media["models"][0]["name"] == "night-flow"


def test_progress_and_previews_come_over_the_socket(flow: Any, server: ComfyServer, tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    looks: list[bytes] = []
    server.steps, server.step_s = 6, 0.15

    def progress(done: int, total: int, stage: str) -> None:
        if stage == "steps":
            steps.append((done, total))

    seen = context(tmp_path, progress=progress, show=looks.append)
    made = BACKENDS["remote"].run(recipe(prompt="x"), seen)
    assert made.picture.read_bytes() == next(iter(server.files.values()))
    assert (6, 6) in steps and len(steps) >= 3 and all(look.startswith(b"\xff\xd8") for look in looks) and looks


def test_a_cancel_names_its_own_prompt_and_leaves_the_others(
    transactional_db: None, flow: Any, server: ComfyServer, tmp_path: Path
) -> None:
    server.go.clear()
    stop = {"running": threading.Event(), "waiting": threading.Event()}
    ends: dict[str, Any] = {}

    def draw(name: str, asked: dict[str, Any]) -> None:
        folder = tmp_path / name
        folder.mkdir()
        cancelled = stop[name].is_set if name in stop else lambda: False
        try:
            ends[name] = BACKENDS["remote"].run(asked, context(folder, cancelled=cancelled))
        except EngineError as error:
            ends[name] = error
        finally:
            connection.close()

    threads = []
    for number, name in enumerate(("running", "waiting", "kept")):
        threads.append(threading.Thread(target=draw, args=(name, recipe(number, prompt="x"))))
        threads[-1].start()
        until(lambda number=number: server.posted == number + 1 and server.running)
    stop["waiting"].set()
    until(lambda: isinstance(ends.get("waiting"), Cancelled))
    assert server.interrupts == [], "cancelling what waits must not touch what runs"
    running = server.running["prompt_id"]
    stop["running"].set()
    until(lambda: isinstance(ends.get("running"), Cancelled))
    server.go.set()
    for thread in threads:
        thread.join(20)
    assert server.interrupts == [running] and ends["kept"].picture.exists()
    assert not list((tmp_path / "running").glob("drawn*"))


def until(true: Any) -> None:
    for _ in range(1_000):
        if true():
            return
        time.sleep(0.01)
    raise AssertionError("it never came to this")


def test_a_worker_that_died_finds_its_prompt_again_and_pays_once(
    flow: Any, server: ComfyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(comfy_wire.Server, "follow", dies)
        with pytest.raises(KeyboardInterrupt):
            BACKENDS["remote"].run(recipe(prompt="x"), context(tmp_path))
    made = BACKENDS["remote"].run(recipe(prompt="x"), context(tmp_path))
    assert server.posted == 1 and made.picture.exists()
    BACKENDS["remote"].run(recipe(prompt="x"), context(tmp_path))
    assert server.posted == 1


def test_what_goes_wrong_there_is_said_here(
    cast: Cast, layer: Layer, flow: Any, server: ComfyServer, tmp_path: Path, settings: Any
) -> None:
    with pytest.raises(Refused, match="KSampler: Value too large cfg"):
        BACKENDS["remote"].run(recipe(prompt="x", guidance_milli=30_000), context(tmp_path))
    server.break_at = "out of memory"
    (tmp_path / "b").mkdir()
    with pytest.raises(Refused, match="KSampler: out of memory"):
        BACKENDS["remote"].run(recipe(prompt="x"), context(tmp_path / "b"))
    settings.COMFY_URL = "http://127.0.0.1:9"
    (tmp_path / "c").mkdir()
    with pytest.raises(EngineError, match="does not answer"):
        BACKENDS["remote"].run(recipe(prompt="x"), context(tmp_path / "c"))
    (draw,) = services.request_draws(
        actor=cast.vera, layer=layer, family="night-flow/workflow", params={"prompt": "x"}, seed=1, backend="remote"
    )
    drain_jobs(may_fail=True)
    draw.refresh_from_db()
    assert (draw.state, draw.cost_minor) == ("failed", None) and "does not answer" in draw.error
    assert Draw.objects.count() == 1


def test_a_graph_is_bound_by_what_it_links() -> None:
    bound = comfy_graph.bind(GRAPH, {})
    assert bound["prompt"] == ["6", "text"] and bound["negative"] == ["7", "text"] and bound["seed"] == ["3", "seed"]
    assert comfy_graph.bind(GRAPH, {"prompt": "7.text"})["prompt"] == ["7", "text"]
    for wrong in ({"prompt": "6.words"}, {"glitter": "3.seed"}):
        with pytest.raises(Invalid):
            comfy_graph.bind(GRAPH, wrong)
    with pytest.raises(Invalid, match="API form"):
        comfy_graph.bind({"nodes": [], "links": []}, {})
    assert comfy_graph.filled(GRAPH, bound, {"seed": 9, "guidance_milli": 3_500})["3"]["inputs"]["cfg"] == 3.5


def test_a_workflow_in_an_uploaded_png_is_kept_and_must_be_declared(tmp_path: Path) -> None:
    path = tmp_path / "city.png"
    path.write_bytes(
        png(8, 8, (1, 2, 3), {"prompt": '{"4": {"class_type": "Loader", "inputs": {"ckpt_name": "a.b"}}}'})
    )
    assert workflow_png.read(path)["models"] == ["a.b"]
    declared = {
        "origin": "generated",
        "ai_made": True,
        "licence": "CC0",
        "filename": "city.png",
        "width": 8,
        "height": 8,
    }
    scratch = Context(child=lambda *_: {"width": 8, "height": 8, "has_alpha": False, "preview": str(path)},
                      scratch=tmp_path, path_of=lambda _sha: path)  # fmt: skip
    upload = BACKENDS["upload"]
    assert upload.run(upload.check(declared | {"sha256": "a"}), scratch).media["comfyui"]["nodes"] == 1
    hidden = declared | {"origin": "captured", "ai_made": False, "sha256": "a"}
    with pytest.raises(Refused, match="declare it AI-generated"):
        upload.run(upload.check(hidden), scratch)
    path.write_bytes(png(8, 8, (1, 2, 3), {}))
    assert workflow_png.read(path) is None and upload.run(upload.check(hidden), scratch).media["width"] == 8
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\xff" * 40)
    assert workflow_png.read(path) is None
