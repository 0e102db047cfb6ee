"""What people would see that nobody can translate: found by reading templates, Python and modules."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from django.template.base import Lexer, TokenType

LETTERS = re.compile(r"[A-Za-z\u4e00-\u9fff]{2,}")
# Names, file formats and codes that read the same in every language.
SAME_EVERYWHERE = {"Huo", "UTC", "AI", "JSON", "CSV", "Hz", "fps", "LUFS", "dBTP", "sha", "Label", "EN", "中文"}
KEY_CAPS = {"Ctrl", "Shift", "Alt", "Enter", "Esc"}
SEEN_ATTRIBUTES = ("title", "placeholder", "aria-label", "aria-description", "alt", "label")
HOLE = "\x01"
CLASS_BLOCKS = ("bodyclass", "mainclass", "bodydata")  # they stand inside a tag of base.html, so nobody reads them


def html_of(source: str) -> str:
    """A template with every tag and variable taken out, and what stands between `blocktranslate` tags."""
    parts, inside, unseen = [], False, False
    for token in Lexer(source).tokenize():
        name = token.contents.split()[0] if token.token_type == TokenType.BLOCK and token.contents else ""
        if name in ("blocktranslate", "blocktrans", "comment"):
            inside = True
        elif name in ("endblocktranslate", "endblocktrans", "endcomment"):
            inside = False
        elif name == "block" and token.contents.split()[1] in CLASS_BLOCKS:
            unseen = True
        elif name == "endblock":
            unseen = False
        elif token.token_type == TokenType.TEXT and not inside and not unseen:
            parts.append(token.contents)
        else:
            parts.append(HOLE if token.token_type == TokenType.VAR or name.startswith("trans") else "")
    return "".join(parts)


class Seen(HTMLParser):
    """Collects the words of text and of attributes that people see or hear."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style", "kbd", "code"):
            self.silent.append(tag)
        button = tag == "input" and dict(attrs).get("type") in ("submit", "button", "reset")
        for name, value in attrs:
            if name in SEEN_ATTRIBUTES or (button and name == "value"):
                self.take(value or "")

    def handle_endtag(self, tag: str) -> None:
        if self.silent and self.silent[-1] == tag:
            self.silent.pop()

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.take(data)

    def take(self, text: str) -> None:
        left = [word for word in LETTERS.findall(text) if word not in SAME_EVERYWHERE | KEY_CAPS]
        if left:
            self.words.append(" ".join(text.replace(HOLE, "…").split()))


def in_template(source: str) -> list[str]:
    seen = Seen()
    seen.feed(html_of(source))
    seen.close()
    return seen.words


# What these are called with is shown to people. The first argument of an error; of a form's parts, by name.
# Help texts of models are for whoever reads the code: every form has its own.
ERRORS = ("DomainError", "Forbidden", "NotThere", "Conflict", "Invalid", "TooLarge", "ValidationError", "Refusal")
SHOWN_BY_NAME = ("label", "empty_label", "verbose_name")
CHOICES = ("TextChoices", "IntegerChoices")


def plain(node: ast.expr | None) -> bool:
    """A bare text or f-string with words in it, not marked by anything."""
    if isinstance(node, ast.BinOp):
        return plain(node.left)
    if isinstance(node, ast.JoinedStr):
        parts = [str(part.value) for part in node.values if isinstance(part, ast.Constant)]
        return any(" " in part.strip() and LETTERS.search(part) for part in parts)
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(LETTERS.search(node.value))


def in_python(source: str) -> Iterator[tuple[int, str]]:
    """(line, code) of each error, label or choice whose words are not marked."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            first = node.args[1 if name == "Refusal" and len(node.args) > 1 else 0] if node.args else None
            if name in ERRORS and plain(first):
                yield node.lineno, ast.unparse(node)
            for keyword in node.keywords:
                shown = keyword.arg in SHOWN_BY_NAME and isinstance(keyword.value, ast.Constant)
                if shown and plain(keyword.value) and str(getattr(keyword.value, "value", "")) != "":
                    yield node.lineno, f"{keyword.arg}={ast.unparse(keyword.value)}"
        if isinstance(node, ast.ClassDef) and any(getattr(base, "attr", "") in CHOICES for base in node.bases):
            for line in node.body:
                if isinstance(line, ast.Assign):
                    value = line.value
                    if not isinstance(value, ast.Tuple) or plain(value.elts[-1]):
                        yield line.lineno, ast.unparse(line)


SHOWN_BY_SCRIPT = re.compile(
    r"""(?:\.(?:textContent|innerText|title|placeholder|ariaLabel|alt)\s*=|setAttribute\(\s*["'](?:title|aria-label|alt|placeholder)["']\s*,|\b(?:alert|confirm|prompt)\()\s*(["'`])((?:(?!\1).)*)\1"""
)


def in_script(source: str) -> Iterator[tuple[int, str]]:
    """(line, text) of words that a module would put on the page by itself, not from the page's data."""
    for found in SHOWN_BY_SCRIPT.finditer(source):
        text = re.sub(r"\$\{[^}]*\}", "", found[2])
        if [word for word in LETTERS.findall(text) if word not in SAME_EVERYWHERE]:
            yield source.count("\n", 0, found.start()) + 1, found[2]


def raised_codes(root: Path) -> Iterator[tuple[str, str]]:
    """(code, place) of every error code of the engine."""
    places = ("compositing", "modelhost", "studio/generation/backends")
    for path in sorted(path for place in places for path in (root / place).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            place = f"{path.relative_to(root)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Call):
                for keyword in node.keywords:
                    if keyword.arg == "code" and isinstance(keyword.value, ast.Constant):
                        yield str(keyword.value.value), place
                if (
                    ast.unparse(node.func) == "_refused"
                    and len(node.args) > 1
                    and isinstance(node.args[1], ast.Constant)
                ):
                    yield str(node.args[1].value), place  # a module's own way to refuse: sentence, code, name
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                yield from [(str(node.value.value), place)] if ast.unparse(node.targets[0]) == "code" else []


def recorded_verbs(root: Path) -> Iterator[tuple[str, str]]:
    """(verb, place) of everything the studio enters into the books by a plain name."""
    for path in sorted((root / "studio").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                if name in ("record", "_record", "_tell_subject") and "." in str(node.args[0].value):
                    yield str(node.args[0].value), f"{path.relative_to(root)}:{node.lineno}"
