"""On which line each key and value of a TOML document stands.

The standard parser gives values without positions. This scan gives positions without values: it
walks a document that the parser already accepted, so it may trust the syntax and stay small.
"""

from collections.abc import Iterator, Mapping
from typing import Final

Path = tuple[str | int, ...]
"""Keys and list indexes from the document's root, as in ``("depot", 2, "lat")``."""

_QUOTES: Final = ('"""', "'''", '"', "'")
_BARE_END: Final = frozenset(" \t\r\n,]}#=.")


def toml_lines(text: str) -> Mapping[Path, int]:
    r"""Return the line of every table, key and list element, counted from 1.

    Args:
        text: A document that ``tomllib`` accepts.

    Example:
        >>> dict(toml_lines('[[depot]]\nname = "Tulle"\n'))
        {(): 1, ('depot',): 1, ('depot', 0): 1, ('depot', 0, 'name'): 2}
    """
    scan = _Scan(text)
    scan.document()
    return scan.lines


def line_of(lines: Mapping[Path, int], path: Path) -> int:
    """Return the line of a path, or of its nearest ancestor: what is missing has no line."""
    while path not in lines and path:
        path = path[:-1]
    return lines.get(path, 1)


class _Scan:
    """A cursor over the text; each method leaves it after what it read."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Path, int] = {(): 1}
        self._text = text
        self._at = 0
        self._line = 1
        self._counts: dict[Path, int] = {}

    def document(self) -> None:
        table: Path = ()
        while self._skip():
            if self._text.startswith("[[", self._at):
                table = self._header(2)
            elif self._peek() == "[":
                table = self._header(1)
            else:
                self._pair(table)

    def _header(self, brackets: int) -> Path:
        line = self._line
        self._move(brackets)
        keys = list(self._keys())
        self._skip()
        self._move(brackets)
        path: Path = ()
        for key in keys[:-1]:
            path = self._latest((*path, key), line)
        path = (*path, keys[-1])
        if brackets == 1:
            return self._latest(path, line)
        self._note(path, line)
        self._counts[path] = self._counts.get(path, -1) + 1
        element = (*path, self._counts[path])
        self._note(element, line)
        return element

    def _latest(self, path: Path, line: int) -> Path:
        """Return where a header's key leads: into the last element if it names a list."""
        self._note(path, line)
        return (*path, self._counts[path]) if path in self._counts else path

    def _pair(self, table: Path) -> None:
        line = self._line
        path = table
        for key in self._keys():
            path = (*path, key)
            self._note(path, line)
        self._skip()
        self._move(1)  # the equals sign
        self._skip()
        self._value(path)

    def _keys(self) -> Iterator[str]:
        while True:
            self._skip()
            quote = self._quote()
            yield self._quoted(quote) if quote else self._bare()
            self._skip()
            if self._peek() != ".":
                return
            self._move(1)

    def _value(self, path: Path) -> None:
        self._note(path, self._line)
        opening = self._peek()
        quote = self._quote()
        if quote:
            self._quoted(quote)
        elif opening == "[":
            self._list(path)
        elif opening == "{":
            self._inline_table(path)
        else:
            while self._at < len(self._text) and self._peek() not in ",]}#\r\n":
                self._move(1)

    def _list(self, path: Path) -> None:
        self._move(1)
        index = 0
        while self._skip() and self._peek() != "]":
            if self._peek() == ",":
                self._move(1)
                continue
            self._value((*path, index))
            index += 1
        self._move(1)

    def _inline_table(self, path: Path) -> None:
        self._move(1)
        while self._skip() and self._peek() != "}":
            if self._peek() == ",":
                self._move(1)
                continue
            self._pair(path)
        self._move(1)

    def _quote(self) -> str | None:
        return next((one for one in _QUOTES if self._text.startswith(one, self._at)), None)

    def _quoted(self, quote: str) -> str:
        """Pass a string and return what stands between its quotes, escapes left alone."""
        self._move(len(quote))
        start = self._at
        while not self._text.startswith(quote, self._at):
            self._move(2 if self._peek() == "\\" and quote[0] == '"' else 1)
        if len(quote) == 3:  # up to two quotes more belong to the string
            while self._text.startswith(quote, self._at + 1):
                self._move(1)
        content = self._text[start : self._at]
        self._move(len(quote))
        return content

    def _bare(self) -> str:
        start = self._at
        while self._at < len(self._text) and self._peek() not in _BARE_END:
            self._move(1)
        return self._text[start : self._at]

    def _skip(self) -> bool:
        """Pass white space, line ends and comments; return whether something is left."""
        while self._at < len(self._text):
            if self._peek() == "#":
                end = self._text.find("\n", self._at)
                self._at = len(self._text) if end < 0 else end
            elif self._peek() in " \t\r\n":
                self._move(1)
            else:
                return True
        return False

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _move(self, signs: int) -> None:
        self._line += self._text.count("\n", self._at, self._at + signs)
        self._at += signs

    def _note(self, path: Path, line: int) -> None:
        self.lines.setdefault(path, line)
