"""benchmarks/wikipedia.py with a real MediaWiki started for it (../shared/servers/mediawiki), its made pages as gold, and a dump of them.

    python benchmarks/wikipedia_run.py [--peers PYTHON]
"""
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.sax.saxutils import escape

HOUSE = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(HOUSE), str(HOUSE / "tests")]

from test_wiki_real import RealServer  # noqa: E402


def dump(pages, file):
    """Write the made pages as a dump, as MediaWiki writes one."""
    parts = "".join(f"  <page>\n    <title>{escape(page['title'])}</title>\n    <ns>0</ns>\n    <id>{number}</id>\n    <revision>\n      <id>{number}</id>\n"
                    f"      <timestamp>2026-01-01T00:00:00Z</timestamp>\n      <text>{escape(page['text'])}</text>\n    </revision>\n  </page>\n" for number, page in enumerate(pages, 1))
    file.write_text('<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="yo">\n  <siteinfo>\n    <sitename>Wikipedia</sitename>\n'
                    f"    <dbname>yowiki</dbname>\n    <base>https://yo.wikipedia.org/wiki/</base>\n  </siteinfo>\n{parts}</mediawiki>\n", encoding="utf-8")


def main(*more):
    server = RealServer()
    try:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "yo.xml")
            dump(json.loads((server.state / "made" / "pages.json").read_text(encoding="utf-8")), file)
            subprocess.run([sys.executable, str(HOUSE / "benchmarks" / "wikipedia.py"), "--api", server.api, "--gold", str(server.state / "made.gold.jsonl"),
                            "--log", str(server.requests), "--dump", str(file), *more], check=True)
    finally:
        server.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
