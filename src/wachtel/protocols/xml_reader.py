"""XML from devices that are not trusted: a small reader of our own, in nothing but Python.

It knows elements, attributes, text, CDATA, comments and the five entities every document has (XML 1.0, fifth edition,
sections 2 and 4.6). A document type declaration is refused, so there are no entities to expand and no files to fetch.
Prefixes are dropped: cameras bind them to wrong namespaces, or to none, and mean the usual thing by the name behind.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from wachtel.base.errors import ErrorKind, WachtelError

LARGEST_BYTES = 1 << 20
DEEPEST = 64
MOST_ELEMENTS = 20_000
MOST_ATTRIBUTES = 64
_ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "apos": "'", "quot": '"'}
_ENTITY = re.compile(r"&([^;&\s]{1,12});?|&")
_NAME = re.compile(r"[^\s/>=\"'<]{1,256}")
_ATTRIBUTE = re.compile(r"\s*([^\s/>=\"'<]{1,256})\s*=\s*(?:\"([^\"<]*)\"|'([^'<]*)')")
_SPACE = re.compile(r"\s*")
_DROPPED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


@dataclass(slots=True)
class Element:
    """One element without its prefix; ``text`` is what stands in it outside of its children, trimmed."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Element"] = field(default_factory=list)
    text: str = ""

    def child(self, *path: str) -> "Element | None":
        """The first child of that name, and so on along the path."""
        found: Element | None = self
        for name in path:
            found = next((one for one in found.children if one.name == name), None) if found else None
        return found

    def all(self, name: str) -> list["Element"]:
        """The children of that name."""
        return [one for one in self.children if one.name == name]

    def text_at(self, *path: str) -> str:
        """The text of `child`, "" when there is none."""
        found = self.child(*path)
        return found.text if found else ""

    def below(self, name: str) -> Iterator["Element"]:
        """Every element of that name at any depth, in the order of the document."""
        waiting = list(reversed(self.children))
        while waiting:
            one = waiting.pop()
            if one.name == name:
                yield one
            waiting.extend(reversed(one.children))


def parse_xml(data: bytes) -> Element:
    """The root of a document. Raises `WachtelError` (bad_data) for what is no XML, too large, or has a DTD."""
    if len(data) > LARGEST_BYTES:
        raise _bad("is larger than a megabyte")
    return _Reader(_decoded(data)).document()


def _decoded(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    return data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")


def _bad(why: str) -> WachtelError:
    return WachtelError(
        ErrorKind.BAD_DATA,
        f"The device's XML {why}.",
        code="bad_xml",
        hint="It is not read any further. Look for new firmware of the device.",
    )


class _Reader:
    """One pass over the text, with a stack of open elements instead of recursion."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._open: list[tuple[Element, list[str]]] = []
        self._root: Element | None = None
        self._count = 0

    def document(self) -> Element:
        while self._at < len(self._text):
            tag = self._text.find("<", self._at)
            self._characters(self._text[self._at : len(self._text) if tag < 0 else tag])
            if tag < 0:
                break
            self._at = tag
            self._markup()
        if self._root is None or self._open:
            raise _bad("ends in the middle" if self._open else "holds no element")
        return self._root

    def _markup(self) -> None:
        text, at = self._text, self._at
        if text.startswith("<!--", at):
            self._at = self._behind("-->", at + 4)
        elif text.startswith("<![CDATA[", at):
            end = self._behind("]]>", at + 9)
            self._add(text[at + 9 : end - 3])
            self._at = end
        elif text.startswith("<?", at):
            self._at = self._behind("?>", at + 2)
        elif text.startswith("<!", at):
            raise _bad("has a document type declaration")
        elif text.startswith("</", at):
            self._close()
        else:
            self._element()

    def _behind(self, mark: str, start: int) -> int:
        end = self._text.find(mark, start)
        if end < 0:
            raise _bad("ends in the middle")
        return end + len(mark)

    def _characters(self, raw: str) -> None:
        if self._open:
            self._add(_plain(raw))
        elif raw.strip("\ufeff \t\r\n\x00"):
            raise _bad("has text outside of it")

    def _add(self, text: str) -> None:
        if not self._open:
            raise _bad("has text outside of it")
        self._open[-1][1].append(text)

    def _close(self) -> None:
        end = self._behind(">", self._at)
        name = _local(self._text[self._at + 2 : end - 1].strip())
        if not self._open or self._open[-1][0].name != name:
            raise _bad("closes what is not open")
        element, texts = self._open.pop()
        element.text = _DROPPED.sub("", "".join(texts)).strip()
        self._at = end

    def _element(self) -> None:
        match = _NAME.match(self._text, self._at + 1)
        self._count += 1
        if match is None or self._count > MOST_ELEMENTS or len(self._open) >= DEEPEST:
            raise _bad("has more in it than any device needs" if match else "is no XML")
        element = Element(_local(match[0]))
        at = self._attributes(element, match.end())
        alone = self._text.startswith("/>", at)
        if not alone and not self._text.startswith(">", at):
            raise _bad("is no XML")
        self._at = at + (2 if alone else 1)
        self._place(element, alone)

    def _attributes(self, element: Element, at: int) -> int:
        while (match := _ATTRIBUTE.match(self._text, at)) is not None:
            if len(element.attributes) >= MOST_ATTRIBUTES:
                raise _bad("has more in it than any device needs")
            value = match[2] if match[2] is not None else match[3]
            if not match[1].startswith("xmlns"):
                element.attributes[_local(match[1])] = _DROPPED.sub("", _plain(value))
            at = match.end()
        space = _SPACE.match(self._text, at)
        return space.end() if space else at

    def _place(self, element: Element, alone: bool) -> None:
        if self._open:
            self._open[-1][0].children.append(element)
        elif self._root is None:
            self._root = element
        else:
            raise _bad("has two roots")
        if not alone:
            self._open.append((element, []))


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _plain(raw: str) -> str:
    return _ENTITY.sub(_entity, raw) if "&" in raw else raw


def _entity(match: re.Match[str]) -> str:
    """An ampersand that begins no entity is one: device names hold them unescaped."""
    name = match[1]
    if name is None or not match[0].endswith(";"):
        return match[0]
    if name in _ENTITIES:
        return _ENTITIES[name]
    if not name.startswith("#"):
        raise _bad("has an entity of its own")
    digits, base = (name[2:], 16) if name[1:2] in ("x", "X") else (name[1:], 10)
    try:
        code = int(digits, base)
    except ValueError:
        return match[0]
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else ""
