"""The wire of a ComfyUI server, as far as a draw needs it: queue, progress, cancel by id, history, files.

One prompt id for one draw: it is what progress is filtered by, what a cancel names, and where a worker that died finds
the draw again. ComfyUI's own cancel is global (`/interrupt` ends whatever runs): it is sent only while the running
prompt is ours, and names it for servers that heed the name.
"""

import asyncio
import json
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import aiohttp

from compositing.errors import Cancelled, EngineError, Refused

POLL_S = 0.25
ASK_S = 15.0  # a request that takes longer is a server that does not answer
SILENT_S = 60.0  # a queue that forgot a prompt for this long has lost it
PREVIEW_EVENT = 1  # the binary messages' first four bytes; the next four: 1 JPEG, 2 PNG
MOST_BYTES = 2 * 2**30


class Lost(EngineError):
    """The server does not know the prompt any more."""


def unreachable(url: str, error: object) -> EngineError:
    return EngineError(
        f"The drawing server {url} does not answer ({error}). Start it, or correct HUO_COMFY_URL.",
        code="remote_unreachable", url=url, reason=str(error),
    )  # fmt: skip


class Server:
    """One server, for the length of one draw."""

    def __init__(self, url: str, client: str) -> None:
        self.url, self.client = url.rstrip("/"), client
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "Server":
        self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=ASK_S))
        return self

    async def __aexit__(self, *_error: object) -> None:
        assert self._http
        await self._http.close()

    @property
    def http(self) -> aiohttp.ClientSession:
        assert self._http is not None
        return self._http

    async def _json(self, method: str, path: str, **more: Any) -> Any:
        try:
            async with self.http.request(method, f"{self.url}{path}", **more) as answer:
                text = await answer.text()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise unreachable(self.url, error or type(error).__name__) from error
        if answer.status >= 400:
            raise Refused(
                f"The drawing server refused the work: {reason(text) or answer.status}. Check the workflow there.",
                code="remote_refused", reason=reason(text) or str(answer.status),
            )  # fmt: skip
        try:
            return json.loads(text) if text else {}
        except ValueError:
            return {}

    async def upload(self, path: Path, name: str) -> str:
        """The name under which nodes load the picture."""
        form = aiohttp.FormData()
        form.add_field("image", path.read_bytes(), filename=name, content_type="application/octet-stream")
        form.add_field("overwrite", "true")
        told = await self._json("POST", "/upload/image", data=form)
        folder = told.get("subfolder") or ""
        return f"{folder}/{told['name']}" if folder else str(told.get("name", name))

    async def queue(self, graph: Mapping[str, Any], prompt: str) -> str:
        """The prompt's id: ours where the server takes it, else the one it chose."""
        body = {"prompt": graph, "client_id": self.client, "prompt_id": prompt}
        return str((await self._json("POST", "/prompt", json=body)).get("prompt_id", prompt))

    async def where(self, prompt: str) -> str:
        """ "running", "pending", "done", or "" where the server does not know it."""
        told = await self._json("GET", "/queue")
        for name, key in (("running", "queue_running"), ("pending", "queue_pending")):
            if any(len(row) > 1 and row[1] == prompt for row in told.get(key, [])):
                return name
        return "done" if prompt in await self._json("GET", f"/history/{prompt}") else ""

    async def cancel(self, prompt: str) -> None:
        """End that prompt alone, waiting or running."""
        await self._json("POST", "/queue", json={"delete": [prompt]})
        if await self.where(prompt) == "running":
            await self._json("POST", "/interrupt", json={"prompt_id": prompt})

    async def outcome(self, prompt: str) -> dict[str, Any] | None:
        """The prompt's entry in the history; None while it has none. Raises Refused for one that failed there."""
        entry: dict[str, Any] | None = (await self._json("GET", f"/history/{prompt}")).get(prompt)
        if entry and (entry.get("status") or {}).get("status_str") == "error":
            raise Refused(
                f"The drawing server could not draw this: {failure(entry)}. Change the settings or the workflow.",
                code="remote_failed", reason=failure(entry),
            )  # fmt: skip
        return entry

    async def fetch(self, file: Mapping[str, Any], to: Path) -> None:
        """One output, whole or not at all."""
        asked = {name: str(file.get(name) or "") for name in ("filename", "subfolder", "type")}
        part = to.with_name(f".{to.name}.part")
        try:
            async with self.http.get(f"{self.url}/view", params=asked) as answer:
                if answer.status != 200:
                    raise Refused(
                        f"The drawing server does not give out {asked['filename']} ({answer.status}).",
                        code="remote_file", name=asked["filename"],
                    )  # fmt: skip
                with part.open("wb") as handle:
                    async for block in answer.content.iter_chunked(1 << 20):
                        handle.write(block)
                        if handle.tell() > MOST_BYTES:
                            raise Refused(
                                f"{asked['filename']} is too large.", code="remote_file", name=asked["filename"]
                            )
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise unreachable(self.url, error) from error
        part.replace(to)

    async def follow(
        self,
        prompt: str,
        progress: Callable[[int, int, str], None],
        show: Callable[[bytes], None],
        cancelled: Callable[[], bool],
    ) -> dict[str, Any]:
        """Wait for the prompt, telling how far it is; its history entry. Raises Cancelled once it is ended there."""
        listening = asyncio.create_task(self._listen(prompt, progress, show))
        unknown = 0.0
        try:
            while True:
                if cancelled():
                    entry = await self.outcome(prompt)
                    if entry and entry.get("outputs"):
                        return entry  # it was finished before the cancel: nothing paid for is thrown away
                    await self.cancel(prompt)
                    raise Cancelled("The draw was cancelled.")
                entry = await self.outcome(prompt)
                if entry is not None:
                    return entry
                unknown = 0.0 if await self.where(prompt) else unknown + POLL_S
                if unknown > SILENT_S:
                    raise Lost("The drawing server lost this draw. Ask for it again.", code="remote_lost")
                await asyncio.wait({listening}, timeout=POLL_S)
                if listening.done():
                    await asyncio.sleep(POLL_S)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def _listen(
        self, prompt: str, progress: Callable[[int, int, str], None], show: Callable[[bytes], None]
    ) -> None:
        """Progress and previews over the socket. Without one the draw is merely followed less closely."""
        ours = False
        try:
            async with self.http.ws_connect(f"{self.url}/ws", params={"clientId": self.client}) as socket:
                async for message in socket:
                    if message.type is aiohttp.WSMsgType.TEXT:
                        told = json.loads(message.data)
                        data = told.get("data") or {}
                        if "prompt_id" in data:
                            ours = data["prompt_id"] == prompt
                        if told.get("type") == "progress" and data.get("prompt_id", prompt) == prompt:
                            progress(int(data["value"]), int(data["max"]), "steps")
                    elif message.type is aiohttp.WSMsgType.BINARY and ours and len(message.data) > 8:
                        kind, form = struct.unpack(">II", message.data[:8])
                        if kind == PREVIEW_EVENT and form == 1:
                            show(message.data[8:])
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError):
            return


def reason(text: str) -> str:
    """What a refusal says, out of the server's JSON."""
    try:
        told = json.loads(text)
        error = told.get("error")
        if isinstance(error, dict):
            nodes = [
                f"{one.get('class_type', node)}: {first.get('message', '')} {first.get('details', '')}".strip()
                for node, one in (told.get("node_errors") or {}).items()
                for first in (one.get("errors") or [{}])[:1]
            ]
            return "; ".join([str(error.get("message", "")), *nodes])[:300]
        return str(error or "")[:300]
    except (ValueError, AttributeError):
        return text[:200]


def failure(entry: Mapping[str, Any]) -> str:
    for name, data in (entry.get("status") or {}).get("messages") or []:
        if name == "execution_error":
            return f"{data.get('node_type', '')}: {data.get('exception_message', '')}".strip()[:300]
        if name == "execution_interrupted":
            return "it was interrupted there"
    return "no reason given"


def files_of(entry: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The files of a history entry, kept outputs before temporary ones."""
    found = [
        file
        for outputs in (entry.get("outputs") or {}).values()
        for value in outputs.values()
        if isinstance(value, list)
        for file in value
        if isinstance(file, dict) and file.get("filename")
    ]
    return sorted(found, key=lambda file: (file.get("type") != "output", str(file["filename"])))
