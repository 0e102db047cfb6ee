"""A ComfyUI server in a thread, as far as its wire goes: queue, one prompt at a time, progress, previews, history.

What it draws is a PNG of the asked size in a colour that the seed and prompt decide, with the graph in its text chunks,
as the real one writes it. `python -m tests.studio.comfy_server FOLDER` serves until it is interrupted, each step taking
a time that grows with the picture, and leaves its address and its workflow in FOLDER: for `manage.py draw_bench`.
"""

import asyncio
import hashlib
import io
import json
import struct
import sys
import threading
import zlib
from pathlib import Path
from typing import Any

from aiohttp import web


def png(width: int, height: int, colour: tuple[int, int, int], texts: dict[str, str]) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes(colour) * width for _ in range(height))
    found = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    for name, text in texts.items():
        found += chunk(b"tEXt", name.encode() + b"\0" + text.encode("latin-1"))
    return found + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def failed(message: list[Any]) -> dict[str, Any]:
    return {"outputs": {}, "status": {"status_str": "error", "completed": False, "messages": [message]}}


class ComfyServer:
    """`url` is where it listens. step_s: how long a step takes; hold: steps wait while it is clear."""

    def __init__(self) -> None:
        self.pending: list[dict[str, Any]] = []
        self.running: dict[str, Any] | None = None
        self.history: dict[str, Any] = {}
        self.files: dict[str, bytes] = {}
        self.uploaded: dict[str, bytes] = {}
        self.interrupts: list[Any] = []
        self.posted = 0
        self.steps = 4
        self.step_s = 0.02
        self.earnest = False
        self.break_at: str = ""
        self.go = threading.Event()
        self.go.set()
        self._sockets: set[web.WebSocketResponse] = set()
        self._stop = False
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._interrupted = False

    def __enter__(self) -> "ComfyServer":
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop = True
        self.go.set()
        self._thread.join(10)

    async def _serve(self) -> None:
        app = web.Application()
        app.add_routes([
            web.post("/prompt", self._prompt), web.get("/queue", self._queue), web.post("/queue", self._delete),
            web.post("/interrupt", self._interrupt), web.get("/history/{id}", self._history),
            web.get("/view", self._view), web.post("/upload/image", self._upload), web.get("/ws", self._ws),
        ])  # fmt: skip
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self._ready.set()
        while not self._stop:
            if self.pending:
                self.running = self.pending.pop(0)
                await self._draw(self.running)
                self.running = None
            await asyncio.sleep(0.01)
        await runner.cleanup()

    async def _draw(self, one: dict[str, Any]) -> None:
        graph, prompt = one["prompt"], one["prompt_id"]
        self._interrupted = False
        steps, step_s = self._pace(graph)
        for step in range(steps):
            while not self.go.is_set() and not self._interrupted:
                await asyncio.sleep(0.01)
            await asyncio.sleep(step_s)
            if self._interrupted:
                self.history[prompt] = failed(["execution_interrupted", {"prompt_id": prompt}])
                return
            data = {"value": step + 1, "max": steps, "prompt_id": prompt, "node": "3"}
            await self._tell({"type": "progress", "data": data})
            for socket in list(self._sockets):
                await socket.send_bytes(struct.pack(">II", 1, 1) + b"\xff\xd8 jpeg of step " + str(step + 1).encode())
        if self.break_at:
            message = {"node_type": "KSampler", "exception_message": self.break_at}
            self.history[prompt] = failed(["execution_error", message])
            return
        size = graph["5"]["inputs"]
        sha = hashlib.sha256(json.dumps(graph, sort_keys=True).encode()).digest()
        name = f"Huo_{len(self.files):05d}_.png"
        self.files[name] = png(size["width"], size["height"], tuple(sha[:3]), {"prompt": json.dumps(graph)})
        self.history[prompt] = {
            "outputs": {"9": {"images": [{"filename": name, "subfolder": "", "type": "output"}]}},
            "status": {"status_str": "success", "completed": True, "messages": []},
        }

    def _pace(self, graph: dict[str, Any]) -> tuple[int, float]:
        """(steps, seconds for each): the tests' own, or as the graph asks and its size takes."""
        if not self.earnest:
            return self.steps, self.step_s
        pixels = graph["5"]["inputs"]["width"] * graph["5"]["inputs"]["height"]
        return graph["3"]["inputs"]["steps"], self.step_s * pixels / 83_000

    async def _tell(self, message: dict[str, Any]) -> None:
        for socket in list(self._sockets):
            await socket.send_json(message)

    async def _prompt(self, request: web.Request) -> web.Response:
        told = await request.json()
        self.posted += 1
        if "3" in told["prompt"] and told["prompt"]["3"]["inputs"].get("cfg", 1) > 20:
            wrong = {"class_type": "KSampler", "errors": [{"message": "Value too large", "details": "cfg"}]}
            error = {"error": {"message": "Prompt outputs failed validation"}, "node_errors": {"3": wrong}}
            return web.json_response(error, status=400)
        self.pending.append(told)
        return web.json_response({"prompt_id": told["prompt_id"], "number": self.posted, "node_errors": {}})

    async def _queue(self, _request: web.Request) -> web.Response:
        def row(one: dict[str, Any]) -> list[Any]:
            return [0, one["prompt_id"], one["prompt"], {}, []]

        running = [row(self.running)] if self.running else []
        return web.json_response({"queue_running": running, "queue_pending": [row(one) for one in self.pending]})

    async def _delete(self, request: web.Request) -> web.Response:
        gone = (await request.json()).get("delete", [])
        self.pending = [one for one in self.pending if one["prompt_id"] not in gone]
        return web.Response()

    async def _interrupt(self, request: web.Request) -> web.Response:
        told = await request.json() if request.can_read_body else {}
        self.interrupts.append(told.get("prompt_id"))
        self._interrupted = True  # as the real one: whatever runs, whoever asked
        return web.Response()

    async def _history(self, request: web.Request) -> web.Response:
        wanted = request.match_info["id"]
        return web.json_response({wanted: self.history[wanted]} if wanted in self.history else {})

    async def _view(self, request: web.Request) -> web.Response:
        return web.Response(body=io.BytesIO(self.files[request.query["filename"]]).getvalue(), content_type="image/png")

    async def _upload(self, request: web.Request) -> web.Response:
        form = await request.post()
        field: Any = form["image"]
        self.uploaded[field.filename] = field.file.read()
        return web.json_response({"name": field.filename, "subfolder": "", "type": "input"})

    async def _ws(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._sockets.add(socket)
        await socket.send_json({"type": "status", "data": {"sid": request.query.get("clientId")}})
        async for _message in socket:
            pass
        self._sockets.discard(socket)
        return socket


GRAPH: dict[str, Any] = {
    "3": {"class_type": "KSampler", "inputs": {"seed": 1, "steps": 20, "cfg": 7.5, "denoise": 1.0, "model": ["4", 0],
          "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0]}},
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "night.safetensors"}},
    "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 512, "height": 512, "batch_size": 1}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "", "clip": ["4", 1]}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurry", "clip": ["4", 1]}},
    "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
    "9": {"class_type": "SaveImage", "inputs": {"images": ["8", 0], "filename_prefix": "Huo"}},
}  # fmt: skip


if __name__ == "__main__":
    folder, serving = Path(sys.argv[1]), ComfyServer()
    serving.earnest = True
    with serving:
        (folder / "workflow.json").write_text(json.dumps(GRAPH))
        (folder / "address").write_text(serving.url)
        threading.Event().wait()
