"""Take what the pages say out of code and templates, into the catalogs of all languages: `make messages`.

Each catalog stands there twice: as it is written (.po), and compiled for gettext (.mo).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from typer.main import get_command  # noqa: E402

from config.settings import load_settings  # noqa: E402  (found by the line before)
from pressmark.api.docs import operations  # noqa: E402
from pressmark.cli.app import app  # noqa: E402
from pressmark.cli.terminal.language import help_texts  # noqa: E402
from pressmark.processes.app import create_app  # noqa: E402
from pressmark.service.assembly import open_pressmark  # noqa: E402
from pressmark.service.states import KINDS  # noqa: E402

HTTP = ROOT / "pressmark" / "http"
SPEAKING = (HTTP, HTTP.parent / "web", HTTP.parent / "replay", HTTP.parent / "cli")
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2.ext.babel_extract")]

HEADER = """\
msgid ""
msgstr ""
"Language: {language}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""


def template() -> Catalog:
    """All that there is to translate, without the places where it stands: those would change with every line."""
    found = Catalog(project="Pressmark", charset="utf-8", fuzzy=False)
    for directory in SPEAKING:
        keywords = {"_": None, "N_": None}
        for _, _, message, _, _ in extract_from_dir(directory, METHODS, keywords=keywords, strip_comment_tags=True):
            found.add(message)
    for text in (*(kind.sentence for kind in KINDS.values()), *help_texts(get_command(app)), *api_texts()):
        found.add(text)
    return found


def api_texts() -> Iterator[str]:
    """Yield what the page on the API says of each operation."""
    with TemporaryDirectory() as home, open_pressmark(load_settings({"home": home})) as service:
        for operation in operations(create_app(service, trusted=True).openapi()):
            yield from operation["text"]


def translated(file: Path) -> Catalog:
    with file.open("rb") as source:
        return read_po(source, locale=file.stem.replace("-", "_"))


def main() -> None:
    for file in sorted((HTTP / "locale").glob("*.po")):
        catalog = translated(file)
        catalog.update(template(), no_fuzzy_matching=True, update_creation_date=False)
        catalog.obsolete.clear()
        with file.open("wb") as target:
            target.write(HEADER.format(language=file.stem.replace("-", "_")).encode())
            write_po(target, catalog, width=0, sort_output=True, omit_header=True)
        catalog.creation_date = 0  # seconds since 1970: the same words give the same bytes at any time
        with file.with_suffix(".mo").open("wb") as target:
            write_mo(target, catalog)


if __name__ == "__main__":
    main()
