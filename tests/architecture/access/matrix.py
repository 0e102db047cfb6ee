"""Reads the hand-written tables `pages.txt` and `api.txt`."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
COLUMNS = "PDVCAEKGSN"
MAY, TOLD_NO, NOT_THERE, SIGN_IN = "y", "-", ".", ">"


@dataclass(frozen=True)
class Line:
    """One address and method. cells: {column: cell}; body: what is sent (kind "form", "json", "query" or "")."""

    name: str
    method: str
    cells: dict[str, str]
    kind: str = ""
    body: Any = field(default=None, hash=False)

    def __str__(self) -> str:
        return f"{self.method} {self.name}"


def read(table: str) -> list[Line]:
    """The lines of `pages` (a name, a method) or `api` (a method, a path)."""
    lines = []
    for number, text in enumerate((HERE / f"{table}.txt").read_text().splitlines(), 1):
        text, _, sent = text.partition("|")
        words = text.split()
        if not words or words[0].startswith("#"):
            continue
        name, method = words[:2] if table == "pages" else (words[1], words[0])
        cells = words[2:]
        assert len(cells) == len(COLUMNS), f"{table}.txt:{number}: {len(cells)} cells, expected {len(COLUMNS)}"
        assert set(cells) <= {MAY, TOLD_NO, NOT_THERE, SIGN_IN}, f"{table}.txt:{number}: unknown cell in {cells}"
        kind, body = _sent(sent.strip())
        lines.append(Line(name, method, dict(zip(COLUMNS, cells, strict=True)), kind, body))
    seen = [(line.name, line.method) for line in lines]
    twice = {entry for entry in seen if seen.count(entry) > 1}
    assert not twice, f"{table}.txt lists twice: {sorted(twice)}"
    return lines


def _sent(text: str) -> tuple[str, Any]:
    if not text:
        return "", None
    if text.startswith("?"):
        return "query", text
    if text.startswith("json "):
        return "json", json.loads(text[5:])
    return "form", json.loads(text)
