"""Run the notebooks over the sample archive, and store their results in them and their pictures beside: `make picture`."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from services.notebooks import NOTEBOOKS, PICTURE, Result, results, sample

PICTURES = Path(__file__).parent / "pictures"


def main() -> None:
    with TemporaryDirectory() as directory, sample(Path(directory)) as url:
        for file in sorted(NOTEBOOKS.glob("*.ipynb")):
            notebook = json.loads(file.read_text("utf-8"))
            found = iter([result for _, result in results(file, url)])
            for number, cell in enumerate((one for one in notebook["cells"] if one["cell_type"] == "code"), 1):
                result = next(found)
                cell["execution_count"], cell["outputs"] = number, list(outputs(result, number))
                if result.picture:
                    (PICTURES / f"{file.stem}.svg").write_text(result.picture, "utf-8")
            file.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", "utf-8")


def outputs(result: Result, number: int) -> Any:
    """Yield the result of a cell as a notebook stores it."""
    if result.text:
        data = {"text/plain": result.text.splitlines(keepends=True)}
        yield {"data": data, "execution_count": number, "metadata": {}, "output_type": "execute_result"}
    if result.picture:
        drawn = {PICTURE: result.picture.splitlines(keepends=True)}
        yield {"data": drawn, "metadata": {}, "output_type": "display_data"}


if __name__ == "__main__":
    main()
