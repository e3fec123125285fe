"""Text from data as text: nothing in it may become Markdown, HTML, YAML or Python of the card.

Escapes are numeric character references, which Markdown decodes only after it has looked for structure (CommonMark 0.31,
section 2.5), so the reader sees the text as it is.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST = 1_000  # characters of one text shown in the card

_BREAKS = re.compile("\r\n|[\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]")
_MARKUP = re.compile(r"[&<>|`*\[\]\\~$]|(?<![^\W_])_|_(?![^\W_])|:(?=//)|(?<=www)\.", re.IGNORECASE)
# characters that reorder or hide their neighbours; shown by their number instead
_UNSEEN = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def clean(text: str) -> str:
    """`text` without what UTF-8 cannot carry or a page cannot show; line breaks become "\\n"."""
    text = _BREAKS.sub("\n", text)
    text = _UNSEEN.sub(lambda match: f"\\u{ord(match.group()):04x}", text)
    return "".join(
        character if character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cs") else "\ufffd"
        for character in text
    )


def shorten(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"


def line(text: str) -> str:
    """One line of plain text within Markdown prose, a heading or a list item."""
    return _MARKUP.sub(_reference, " ".join(clean(text).split()))


def code(text: str) -> str:
    """A `<code>` element that is safe in a table cell; line breaks are kept as `<br>`."""
    escaped = _MARKUP.sub(_reference, shorten(clean(text)).replace("\t", " "))
    return f"<code>{escaped.replace(chr(10), '<br>')}</code>"


def literal(text: str) -> str:
    """A Python string literal on one line. What looks like a tag or a fence is written as an escape, equal for Python."""
    quoted = repr(clean(text))
    quoted = re.sub(r"<(?=[A-Za-z/!?])", r"\\x3c", quoted)
    return quoted.replace("-->", "--\\x3e").replace("```", "\\x60\\x60\\x60")


def name_of(model: str) -> str:
    """A model's name for readers: a path on this machine is cut to its last part."""
    parts = [part for part in re.split(r"[\\/]", clean(model).strip()) if part]
    if not parts:
        return ""
    local = len(parts) > 2 or model.startswith(("/", "\\", ".", "~")) or ":" in parts[0]
    return parts[-1] if local else "/".join(parts)


def is_hub_name(name: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9][\w.-]*(/[\w.-]+)?", name, re.ASCII) is not None


def _reference(match: re.Match[str]) -> str:
    character = match.group()
    return _NAMED.get(character, f"&#{ord(character)};")
