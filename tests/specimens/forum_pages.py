"""Pages in the forms that an engine's selectors match, and damage to them.

They prove nothing about real forums: pages made to match are read. They make the readers run through all their code.
"""

from __future__ import annotations

import random
import re
from dataclasses import fields

from extractor.forums.engine import Engine

_COMPOUND = re.compile(r"[^\s>+~]+")
_PSEUDO = re.compile(r":(?:not|has|is)\((?:[^()]|\([^()]*\))*\)|:[\w-]+(?:\([^()]*\))?")
_PART = re.compile(r"#([\w-]+)|\.([\w-]+)|\[([\w-]+)(?:[~^$*|]?=['\"]?([^'\"\]]*)['\"]?(?: i)?)?\]|^([\w-]+)")
_VALUES = (
    *("", "x", "-1", "99999999999999999999", "2024-05-03T10:00:00+08:00", "1570234500", "昨天 15:04", "03-04-19"),
    *("3h ago", "http://[", "javascript:1", "/t/a/1/2#p7", "?page=2", "\ud800", "\x00", "5 of 7", "1,234", "2.5k"),
    *("&#0;&lt;", "post-7", "<g:plus>", "<q"),
)
_OPENED = {"tr": ("<table>", "<td>"), "td": ("<table><tr>", ""), "tbody": ("<table>", "<tr><td>"), "li": ("<ul>", "")}
"""What a tag needs around it, and within, to stay where it is written."""
_NO_PLACES = ("name", "id_pattern", "later")


def page_for(engine: Engine, chance: random.Random) -> bytes:
    """Draw a page that matches the engine's places, in any number, with any content; then damage it."""
    places = [(field.name, getattr(engine, field.name)) for field in fields(engine) if field.name not in _NO_PLACES]
    everything = [_place(one, chance) for _, said in places for one in _alternatives(said) if one]
    posts = _alternatives(engine.post)
    made = "".join(
        _element(chance.choice(posts), _some(everything, chance), chance) for _ in range(chance.randrange(6))
    )
    language = chance.choice(("en", "de", "zh"))
    page = f"<html lang={language}><body>{''.join(chance.sample(everything, 8))}{made}</body></html>"
    return _damaged(page.encode("utf-8", "replace"), chance)


def _some(everything: list[str], chance: random.Random) -> str:
    return "".join(chance.sample(everything, min(len(everything), chance.randrange(40))))


def _alternatives(said: str | tuple[str, ...]) -> list[str]:
    """Return the selectors of a list, or the places of a tuple."""
    if isinstance(said, tuple):
        return [one for place in said for one in _alternatives(place)]
    return re.split(r",(?![^(\[]*[)\]])", said)


def _place(place: str, chance: random.Random) -> str:
    selector, _, attribute = place.partition("@")
    extra = f' {attribute}="{_value(chance)}"' if attribute else ""
    return _element(selector, _value(chance), chance, extra) if selector else ""


def _element(selector: str, inner: str, chance: random.Random, extra: str = "") -> str:
    for number, compound in enumerate(reversed(_COMPOUND.findall(_PSEUDO.sub("", selector)))):
        tag, attributes = "div", dict[str, str]()
        for identifier, named, attribute, value, element in _PART.findall(compound):
            tag = element or tag
            if identifier:
                attributes["id"] = identifier
            if named:
                attributes["class"] = f"{attributes.get('class', '')} {named}"
            if attribute:
                attributes[attribute] = (value or "") + chance.choice(("", "7", _value(chance)))
        for name in ("datetime", "title", "href", "content", "data-time"):
            if chance.random() < 0.2:
                attributes.setdefault(name, _value(chance))
        written = "".join(f' {name}="{value}"' for name, value in attributes.items())
        around, within = _OPENED.get(tag, ("", ""))
        inner = f"{around}<{tag}{written}{extra if not number else ''}>{within}{inner}{_value(chance)}</{tag}>"
    return inner


def _value(chance: random.Random) -> str:
    return chance.choice(_VALUES)


def _damaged(page: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.randrange(4)):
        at, to = sorted((chance.randrange(len(page) + 1), chance.randrange(len(page) + 1)))
        to = min(to, at + 300)
        match chance.randrange(3):
            case 0:
                page = page[:at] + page[to:]
            case 1:
                page = page[:at] + page[at:to] * 2 + page[to:]
            case _:
                page = page[:at] + chance.randbytes(3) + page[at:]
    return page


_TAG = re.compile(rb"<[^<>]{1,300}>")
_ATTRIBUTE = re.compile(rb"""\s[\w-]+=(?:"[^"]*"|'[^']*')""")


def mutated(page: bytes, chance: random.Random) -> bytes:
    """Return a page with up to eight damages.

    Cut off, ended, parts swapped, attributes removed, nested deeply, bytes flipped.
    """
    for _ in range(chance.randrange(1, 9)):
        tags = list(_TAG.finditer(page))
        if len(tags) < 2:
            break
        one, other = sorted(chance.sample(tags, 2), key=lambda tag: tag.start())
        match chance.randrange(7):
            case 0:
                page = page[: one.start()] + page[min(other.start(), one.start() + 2_000) :]
            case 1:
                page = page[: one.start()] + other[0] + page[one.end() : other.start()] + one[0] + page[other.end() :]
            case 2:
                page = page[: one.start()] + _ATTRIBUTE.sub(b"", one[0], count=1) + page[one.end() :]
            case 3:
                page = page[: one.start()] + one[0] * chance.choice((2, 50, 600)) + page[one.end() :]
            case 4:
                at = chance.randrange(len(page))
                page = page[:at] + bytes([page[at] ^ (1 << chance.randrange(8))]) + page[at + 1 :]
            case 5:
                digits = re.sub(rb"\d+", lambda found: found[0] * chance.choice((1, 40)), one[0])
                page = page[: one.start()] + digits + page[one.end() :]
            case _:
                page = page[: chance.randrange(len(page) // 2, len(page))] if chance.random() < 0.3 else page
    return page
