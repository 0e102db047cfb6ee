"""Children are held, heard and ended."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from compositing import sandbox
from compositing.errors import Cancelled, ChildCrashed, EngineError, MediaError, Refused, from_wire
from tests.compositing.media import MEDIA

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
linux = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc and prctl, which only Linux has")


def proxy_args(tmp_path, **more):
    return {"path": str(MEDIA / "landscape_5994.mp4"), "out_dir": str(tmp_path / "out"), **more}


def gone(pid):
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if (
            Path(f"/proc/{pid}/stat").exists()
            and Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
        ):
            return True
        time.sleep(0.05)
    return False


def test_an_operation_answers_and_reports_its_steps(tmp_path):
    steps = []
    made = sandbox.run("proxy", proxy_args(tmp_path), on_progress=steps.append)
    assert made["frame_count"] == 48
    assert steps[-1] == sandbox.Progress(48, 48, "frames")
    assert [step.done for step in steps] == sorted(step.done for step in steps)


def test_a_refusal_arrives_with_its_type_its_code_and_its_sentence():
    with pytest.raises(Refused) as refused:
        sandbox.run("probe", {"path": str(MEDIA / "drawing.svg")})
    assert refused.value.code == "svg" and refused.value.params["name"] == "drawing.svg"
    assert "SVG" in str(refused.value)


def test_an_error_travels_whole():
    error = MediaError("片子坏了。", code="no_frames", name="片.mp4")
    back = from_wire(json.loads(json.dumps(error.to_wire())))
    assert (type(back), str(back), back.code, back.params) == (
        MediaError,
        "片子坏了。",
        "no_frames",
        {"name": "片.mp4"},
    )


def test_an_unknown_operation_is_refused():
    with pytest.raises(EngineError) as error:
        sandbox.run("format_disk", {})
    assert error.value.code == "unknown_operation"


def test_a_child_that_needs_too_much_memory_is_stopped_and_says_so():
    limits = sandbox.Limits(memory_mb=700, cpu_s=30, wall_s=60)
    with pytest.raises(ChildCrashed) as crashed:
        sandbox.run("probe", {"path": str(MEDIA / "bomb.mp4"), "max_pixels": 2**30}, limits=limits)
    assert crashed.value.code == "child_memory"
    assert "700 MB" in str(crashed.value)


@pytest.mark.parametrize(("mapped_mb", "code"), [(690, "child_memory"), (300, "child_signal")])
def test_a_library_that_breaks_for_want_of_memory_is_told_from_one_that_just_breaks(mapped_mb, code):
    limits = sandbox.Limits(memory_mb=700)
    assert sandbox.describe_end(-signal.SIGSEGV, limits, "", mapped_mb).code == code


@linux
def test_what_a_process_maps_is_seen():
    assert sandbox.mapped_mb(os.getpid()) > 50
    assert sandbox.mapped_mb(2**22 + 1) == 0


def test_a_child_that_takes_too_long_is_stopped(tmp_path):
    began = time.monotonic()
    with pytest.raises(ChildCrashed) as crashed:
        sandbox.run("proxy", proxy_args(tmp_path), limits=sandbox.Limits(wall_s=0.05))
    assert crashed.value.code == "child_time"
    assert time.monotonic() - began < 30


def test_a_child_that_uses_too_much_processor_time_is_stopped(tmp_path):
    with sandbox.Child(sandbox.Limits(cpu_s=1, wall_s=60)) as child:
        args = {"items": [{"path": str(MEDIA / "plain.mp4"), "frame_in": 0, "frame_out": 35}] * 60, "fps": "24",
                "width": 1080, "height": 1920, "out": str(tmp_path / "cut.mp4")}  # fmt: skip
        with pytest.raises(ChildCrashed) as crashed:
            child.ask("conform", args, wall_s=60)
    assert crashed.value.code == "child_cpu"


def test_a_file_that_grows_too_large_is_stopped(tmp_path):
    args = {"items": [{"path": str(MEDIA / "plain.mp4"), "frame_in": 0, "frame_out": 35}] * 40, "fps": "24",
            "width": 720, "height": 1280, "out": str(tmp_path / "cut.mp4")}  # fmt: skip
    with pytest.raises(ChildCrashed) as crashed:
        sandbox.run("conform", args, limits=sandbox.Limits(file_mb=0))
    assert crashed.value.code == "child_file_size"
    assert not (tmp_path / "cut.mp4").exists()


def test_cancelling_ends_the_child_at_once(tmp_path):
    asked = []
    with sandbox.Child(sandbox.PROXY) as child, pytest.raises(Cancelled):
        child.ask("proxy", proxy_args(tmp_path), cancelled=lambda: bool(asked.append(1)) or len(asked) > 1)
    assert gone(child.process.pid)
    assert not (tmp_path / "out" / "proxy.mp4").exists()


def test_a_killed_child_is_named_by_its_signal(tmp_path):
    items = [{"path": str(MEDIA / "plain.mp4"), "frame_in": 0, "frame_out": 35}] * 60
    args = {"items": items, "fps": 24, "width": 1080, "height": 1920, "out": str(tmp_path / "a.mp4")}
    with sandbox.Child(sandbox.PROXY) as child, pytest.raises(ChildCrashed) as crashed:
        child.ask("conform", args, on_progress=lambda _step: os.kill(child.process.pid, signal.SIGSEGV))
    assert crashed.value.code == "child_signal" and crashed.value.params["signal"] == "SIGSEGV"


def test_an_error_in_the_callers_progress_ends_the_child(tmp_path):
    def broken(_step):
        raise RuntimeError("the caller broke")

    with sandbox.Child(sandbox.PROXY) as child, pytest.raises(RuntimeError):
        child.ask("proxy", proxy_args(tmp_path), on_progress=broken)
    assert gone(child.process.pid)


def test_a_warm_child_serves_many_and_survives_a_refusal():
    with sandbox.Warm() as warm:
        first = warm.request("confinement", {})
        pid = warm._child.process.pid
        with pytest.raises(Refused):
            warm.request("probe", {"path": str(MEDIA / "empty.mp4")})
        assert warm.request("confinement", {}) == first
        assert warm._child.process.pid == pid


def test_a_warm_child_that_died_is_replaced():
    with sandbox.Warm() as warm:
        warm.request("confinement", {})
        old = warm._child.process.pid
        os.kill(old, signal.SIGKILL)
        assert gone(old)
        assert warm.request("probe", {"path": str(MEDIA / "plain.mp4")})["frame_count"] == 36
        with pytest.raises(ChildCrashed):
            warm.request("probe", {"path": str(MEDIA / "plain.mp4")}, timeout_s=0.0)
        assert warm.request("probe", {"path": str(MEDIA / "plain.mp4")})["frame_count"] == 36


@linux
def test_a_child_inherits_no_secret_and_no_descriptor(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy")
    with (tmp_path / "open").open("w") as held, sandbox.Child(sandbox.PROBE) as child:
        os.set_inheritable(held.fileno(), True)
        child.ask("confinement", {})
        proc = Path("/proc") / str(child.process.pid)
        environment = dict(entry.split("=", 1) for entry in (proc / "environ").read_text().split("\0") if entry)
        assert not {"DATABASE_URL", "HTTPS_PROXY", "REDIS_URL", "DJANGO_SETTINGS_MODULE"} & set(environment)
        assert environment["HOME"] == str(child.scratch) and Path(environment["HOME"]).is_dir()
        targets = [os.readlink(fd) for fd in (proc / "fd").iterdir()]
        assert all(target.startswith("pipe:") for target in targets), targets
        assert os.getsid(child.process.pid) == child.process.pid
    assert not child.scratch.exists()


@linux
def test_a_child_dies_with_its_parent():
    script = (
        "import sys, time\nfrom compositing import sandbox\nchild = sandbox.Child(sandbox.PROBE)\n"
        "child.ask('confinement', {})\nprint(child.process.pid, flush=True)\ntime.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert gone(child)


@linux
def test_a_confined_process_reaches_no_network():
    said = sandbox.confinement()
    assert said["no_new_privileges"] and said["dies_with_parent"] and said["memory"] and said["cpu"]
    if said["network"] == "open":
        pytest.skip("this system lets no process give up its network")
    with socket.create_server(("127.0.0.1", 0)) as server:
        script = (
            "import os, socket, sys\nfrom compositing.confine import confine\n"
            "limits = dict(memory_mb=None, cpu_s=None, file_mb=None, open_files=64, parent=os.getppid())\n"
            "confine({**limits, 'network': sys.argv[1] == 'yes'})\n"
            f"socket.create_connection(('127.0.0.1', {server.getsockname()[1]}), 5)\n"
        )
        codes = [
            subprocess.run([sys.executable, "-c", script, word], cwd=ROOT, capture_output=True).returncode
            for word in ("yes", "no")
        ]
    assert codes[0] == 0 and codes[1] != 0


def test_the_sandbox_loads_no_pixels():
    script = "import sys\nimport compositing.sandbox\nprint(sorted({'numpy', 'cv2', 'av', 'numba'} & set(sys.modules)))"
    out = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
