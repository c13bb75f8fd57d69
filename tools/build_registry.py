"""Build the registry that the project begins with: the practice sets of the four practice languages, from runs of the road.

    for language in yo ha ig pcm; do GI_DATA=/tmp/rehearsal python3 workbook.py run --language $language --to 9; done
    python tools/build_registry.py /tmp/rehearsal 2026-11-22

The second argument is the date that the entries carry. The files of the sets go beside the entries (a few dozen kilobytes each), so that
`publish.validate("registry")` can count them and recompute their hashes. Parquet copies are left out of the repository.
"""
import os
import shutil
import sys
from pathlib import Path

HOUSE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOUSE))
os.environ["GI_MODE"] = "practice"

from gi_helpers import languages, publish, store  # noqa: E402

VERSION = "1.0.0"


def main(runs, date):
    registry = HOUSE / "registry"
    shutil.rmtree(registry, ignore_errors=True)
    store.write_parquet = lambda *_, **__: None
    for code in ("ha", "ig", "pcm", "yo"):
        found = languages.find(code)
        name = f"{found.iso639_3}-instructions-practice"
        folder = registry / found.iso639_3 / f"{name}-{VERSION}"
        publish.build(Path(runs) / code, folder, language=code, name=name, title=f"{found.name} practice instructions", version=VERSION, created=date)
        print(publish.register(folder, registry))
        model = f"{found.iso639_3}-model-practice"
        place = publish.model_card(Path(runs) / code, registry / found.iso639_3 / f"{model}-{VERSION}", language=code, name=model, title=f"{found.name} practice model", version=VERSION, created=date)
        print(publish.register(place, registry))
    for lock in registry.rglob(".*.lock"):
        lock.unlink()
    print(publish.validate(registry))


if __name__ == "__main__":
    main(*sys.argv[1:])
