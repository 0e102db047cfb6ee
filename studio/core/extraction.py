"""Every string that is marked for translation, read from Python and from templates. Needs no GNU gettext.

In Python a call of `_`, `gettext`, `gettext_noop`, `ngettext`, `pgettext` (and their lazy forms) marks its text; the
engine marks its words by its own `gettext_noop`. In templates `translate`, `blocktranslate` and `_("...")` do.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation.template import templatize

# Which arguments a call's context, text and plural are, from 0.
KEYWORDS = {
    "_": (None, 0, None),
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
    "npgettext_lazy": (0, 1, 2),
}
# A table of sentences may be looked up at run time, `_(SAID[verb])`: its entries are marked where they stand.
LOOKED_UP = (ast.Name, ast.Attribute, ast.Subscript, ast.Call)
TEMPLATE_CALL = re.compile(r"(?<!\w)(_|n?p?gettext)\(")
LITERAL = re.compile(r"""u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*""", re.DOTALL)
PLACEHOLDER = re.compile(r"%\((\w+)\)[-+ #0-9.]*[a-zA-Z]")


@dataclass(frozen=True)
class Marked:
    """One marked string and where it stands; `plural` and `context` are empty where it has none."""

    text: str
    plural: str
    context: str
    file: str
    line: int

    @property
    def key(self) -> tuple[str, str]:
        return self.context, self.text


class NotPlain(ValueError):
    """A marked string that nobody can translate: an f-string, or one put together before it is marked."""


def constant(node: ast.expr, where: str) -> str | None:
    """The text of one argument; None for a text that is looked up."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, LOOKED_UP):
        return None
    raise NotPlain(f"{where}: mark a plain string, then fill it: _('... %(name)s ...') % {{'name': name}}")


def from_python(source: str, file: str) -> Iterator[Marked]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name not in KEYWORDS or not node.args:
            continue
        where = f"{file}:{node.lineno}"
        context, text, plural = (
            (constant(node.args[at], where) or "") if at is not None and at < len(node.args) else ""
            for at in KEYWORDS[name]
        )
        if text:
            yield Marked(text, plural, context, file, node.lineno)


def from_template(source: str, file: str) -> Iterator[Marked]:
    code = templatize(source, origin=file)
    for call in TEMPLATE_CALL.finditer(code):
        words, at = [], call.end()
        while literal := LITERAL.match(code, at):
            words.append(str(ast.literal_eval(literal[1])))
            at = literal.end()
            if code[at : at + 1] != ",":
                break
            at += 1
            at += len(code[at:]) - len(code[at:].lstrip())
        if not words:
            continue
        name = call[1]
        context = words.pop(0) if "p" in name else ""
        plural = words[1] if "ngettext" in name.replace("np", "n") and len(words) > 1 else ""
        yield Marked(words[0], plural, context, file, code.count("\n", 0, call.start()) + 1)


def sources(root: Path) -> Iterator[Path]:
    """Every file that may hold words for people, in a settled order."""
    for folder, suffix in (("compositing", "*.py"), ("studio", "*.py"), ("frontend/templates", "*.html")):
        for path in sorted((root / folder).rglob(suffix)):
            if "migrations" not in path.parts:
                yield path
    yield from sorted((root / "frontend/templates").rglob("*.txt"))


def marked(root: Path) -> list[Marked]:
    """All of them. Raises NotPlain, with the place, for a mark around something that is no plain string."""
    found: list[Marked] = []
    for path in sources(root):
        file, source = str(path.relative_to(root)), path.read_text(encoding="utf-8")
        found += (from_python if path.suffix == ".py" else from_template)(source, file)
    return found


def placeholders(text: str) -> set[str]:
    """What a text has to be filled with: the names in %(name)s and in {name}."""
    return set(PLACEHOLDER.findall(text)) | set(re.findall(r"\{(\w+)\}", text))
