"""The modules of a page are requisites: those that its scripts import, and those that its import map names."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urljoin

import pytest

from extractor.links.import_maps import ImportMap
from extractor.links.links import requisites
from extractor.links.modules import module_urls

URL = "https://example.org/assets/app.js"


@pytest.mark.parametrize(
    ("script", "names"),
    [
        (b'import{a as b}from"./chunk-1.js";import"./side.js";b()', ["chunk-1.js", "side.js"]),
        (
            b"import React, { useState } from '../lib/react.js'\nexport * from './more.js'",
            ["../lib/react.js", "more.js"],
        ),
        (b"const later = () => import( './later.js' )", ["later.js"]),
        (b'new URL("wasm/a.wasm", import.meta.url)', ["wasm/a.wasm"]),
        (b'import "https://cdn.example/x.js"; import "lit"; import(name)', ["https://cdn.example/x.js"]),
        (b'import "/root.js"; import "./a.js"; export { a } from "./a.js"', ["/root.js", "a.js"]),
        (b'Array.from("./text"); say("it comes from " + "./a"); const important = "./b.js"', []),
        (b"", []),
    ],
)
def test_the_modules_that_a_script_imports_are_found(script: bytes, names: list[str]) -> None:
    assert module_urls(script, URL) == [urljoin(URL, name) for name in names]


def test_an_import_map_names_files_and_prefixes_name_none() -> None:
    text = '{"imports": {"lit": "/lit.js", "app/": "/app/", "bad": 1}, "scopes": {"/a/": {"x": "./x.js"}, "/b/": 2}}'

    assert list(ImportMap.parse(text, URL).addresses()) == [urljoin(URL, "/lit.js"), urljoin(URL, "x.js")]


def test_names_with_a_prefix_of_the_import_map_are_requisites() -> None:
    body = b"""<script type=importmap>{"imports": {"three": "/three.js", "three/addons/": "/jsm/", "three/addons/x/":
    "https://cdn.example/x/", "odd/": "/no-slash"}, "scopes": {"/a/": {"scoped/": "/s/"}}}</script>
    <script type=module>import * as T from 'three'; import {O} from "three/addons/controls/O.js"; import 'scoped/a.js';
    const later = import('three/addons/x/y.js'); import 'odd/a.js'; import 'lit/a.js';</script>"""

    assert requisites(body, "https://example.org/") == [
        "https://example.org/three.js",
        "https://example.org/jsm/controls/O.js",
        "https://cdn.example/x/y.js",
    ]


MAP = """{"imports": {"lib": "/lib-2.js", "lib/": "/lib-2/", "lib/own.js": "/own.js", "/old.js": "/new.js",
"https://cdn.example/": "/copy/"}, "scopes": {"/legacy/": {"lib": "/lib-1.js", "lib/": "/lib-1/"},
"/legacy/new/": {"lib": "./lib-3.js"}, "/legacy/one.js": {"lib": "/lib-one.js"}, "/other": {"lib": "/never.js"}}}"""


@pytest.mark.parametrize(
    ("script", "name", "address"),
    [
        ("/app.js", "lib", "/lib-2.js"),
        ("/app.js", "lib/a/b.js", "/lib-2/a/b.js"),
        ("/app.js", "lib/own.js", "/own.js"),
        ("/app.js", "lib/../../out.js", None),
        ("/app.js", "other", None),
        ("/app.js", "/old.js", "/new.js"),
        ("/deep/app.js", "../old.js", "/new.js"),
        ("/app.js", "https://cdn.example/x.js", "/copy/x.js"),
        ("/app.js", "./app.js", "/app.js"),
        ("/legacy/app.js", "lib", "/lib-1.js"),
        ("/legacy/app.js", "lib/a.js", "/lib-1/a.js"),
        ("/legacy/app.js", "/old.js", "/new.js"),
        ("/legacy/new/app.js", "lib", "/lib-3.js"),
        ("/legacy/new/app.js", "lib/a.js", "/lib-1/a.js"),
        ("/legacy/one.js", "lib", "/lib-one.js"),
        ("/other/app.js", "lib", "/lib-2.js"),
    ],
)
def test_names_stand_for_what_they_stand_for_in_a_browser(script: str, name: str, address: str | None) -> None:
    found = module_urls(f"import '{name}'".encode(), urljoin(URL, script), ImportMap.parse(MAP, urljoin(URL, "/")))

    assert found == [urljoin(URL, address)] if address else found == []


def test_a_map_is_the_same_after_it_is_written() -> None:
    parsed = ImportMap.parse(MAP, urljoin(URL, "/"))

    assert ImportMap.parse(parsed.text(), "http://elsewhere.example/") == parsed
    assert ImportMap.parse(MAP, "http://elsewhere.example/") != parsed


class Counted(dict[str, str]):
    """Names that count how often one is looked for."""

    looks = 0

    def __contains__(self, name: object) -> bool:
        self.looks += 1
        return super().__contains__(name)

    def __iter__(self) -> Iterator[str]:
        for one in super().__iter__():
            self.looks += 1
            yield one


def test_the_work_for_bare_names_does_not_grow_with_the_names_of_the_map() -> None:
    names = Counted({f"a{number}/": "http://x.example/x/" for number in range(500)})
    script = b"import 'b/c';" * 5_000 + b"import 'a7/late';"

    assert module_urls(script, URL, ImportMap(names)) == []  # the control is the tests above: such names are found
    assert names.looks == 4_000


def test_the_work_for_deep_names_and_scripts_has_a_limit() -> None:
    names = Counted({f"{'a/' * depth}": "http://x.example/x/" for depth in range(1, 400)})
    scopes = {f"http://x.example/{'b/' * depth}": names for depth in range(1, 400)}

    module_urls(b"import 'c" + b"/c" * 900 + b"';", f"http://x.example/{'b/' * 300}x.js", ImportMap({}, scopes))

    assert 0 < names.looks <= 20 * 21


@pytest.mark.parametrize("text", ["", "[]", "{", '{"imports": []}', '{"scopes": 3}', "[" * 100_000])
def test_a_broken_import_map_names_nothing(text: str) -> None:
    assert len(ImportMap.parse(text, URL)) == 0


def test_the_modules_of_a_page_are_its_requisites() -> None:
    body = b"""<base href=/deep/><script type=importmap>{"imports": {"lit": "/lit.js"}}</script>
    <script type=module>import {x} from './inline.js'; import 'lit';</script>
    <script type=module src=main.js></script><script>const text = "no import('./of.js') here";</script>"""

    assert requisites(body, "https://example.org/") == [
        "https://example.org/lit.js",
        "https://example.org/deep/inline.js",
        "https://example.org/deep/main.js",
    ]
