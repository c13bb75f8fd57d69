"""All side-by-sides that this machine can run, in one go: `python3 workbook.py bench`. Writes benchmarks/RESULTS.md and benchmarks/results.png.

    python3 workbook.py bench                    everything (an hour or two; on a machine that does nothing else)
    python3 workbook.py bench --only clean,news  some of it; the others keep what RESULTS.md says of them
    python3 workbook.py bench --repeat 3         how often a measurement of speed is repeated (the median counts, the spread is given)

Each peer gets an environment of its own, made on demand in .bench/, and its documented fast settings. What needs data beside the repository (../shared) or a peer that
does not install here is left out, and RESULTS.md says so. A figure that was asked for stands beside the one measured, reached or not.
"""
import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

HOUSE = Path(__file__).resolve().parent.parent
HERE, ENVIRONMENTS, KEPT = HOUSE / "benchmarks", HOUSE / ".bench", HOUSE / ".bench" / "figures.json"
SHARED = HOUSE.parent / "shared"
OWN = sys.executable

# Peers: environment -> what it needs. Versions are written into RESULTS.md as they were found.
PEERS = {"wiki": ["Wikipedia-API", "wikipedia", "pymediawiki", "pywikibot", "mwparserfromhell"], "news": ["trafilatura", "readability-lxml", "newspaper4k", "lxml_html_clean", "regex"],
         "clean": ["pandas", "polars", "rensa", "datatrove[processing,multilingual]"], "drafting": ["distilabel[openai]", "openai"], "kit": ["synthetic-data-kit"],
         "statistics": ["scipy", "statsmodels", "sacrebleu", "scikit-learn"], "harness": ["lm_eval[api]"], "inspect": ["inspect_ai", "openai"]}


# ---------------------------------------------------------------- what is run
# name: (issue, command, peers' environments, needs ../shared, repeats, figures). {wiki} and so on are the Pythons of the environments.
# A figure: (what, asked, pattern with one number, "<=" or ">=" or "", bound).

def jobs():
    """The list of jobs."""
    return {
        "wikipedia": (3, "wikipedia_run.py --peers {wiki}", ["wiki"], True, 1, [
            ("requests a page", "<= .035", r"^\| GlobalInstruct \| ([\d.]+)", "<=", 0.035), ("paragraphs exact, %", ">= 99.5", r"^\| GlobalInstruct \|[^|]*\|[^|]*\| ([\d.]+)", ">=", 99.5),
            ("foreign text, %", "<= .3", r"^\| GlobalInstruct \|[^|]*\|[^|]*\|[^|]*\| ([\d.]+)", "<=", 0.3),
            ("pages a second", "3 x Wikipedia-API", r"^\| GlobalInstruct \|[^|]*\| (\d+)", "", 0), ("pages a second, Wikipedia-API", "", r"^\| Wikipedia-API \|[^|]*\| (\d+)", "", 0),
            ("dump, MB of wikitext a second, 2 workers", ">= 4", r"^\| x20 \|[^|]*\| 2 \| ([\d.]+)", ">=", 4), ("dump x20, MB of memory of this process", "<= 300", r"^\| x20 \|[^|]*\| 2 \|[^|]*\|[^|]*\| (\d+)", "<=", 300)]),
        "news": (4, "news.py", [], True, 3, [("body F1", ">= .995", r"with data.*?F1 ([\d.]+)", ">=", 0.995), ("pages a second, one core", ">= 25", r"pages/s (\d+)", ">=", 25)]),
        "news-mutations": (4, "news.py --mutations", [], True, 1, []),
        "news-trafilatura": (4, "news.py --peer trafilatura", ["news"], True, 1, []), "news-readability": (4, "news.py --peer readability", ["news"], True, 1, []),
        "news-newspaper4k": (4, "news.py --peer newspaper", ["news"], True, 1, []),
        "clean-rows": (5, "clean.py rows 100000", ["clean"], True, 3, []), "clean-full": (5, "clean.py full 100000", [], True, 1, []), "clean-near": (5, "clean.py near 100000", [], True, 1, []),
        "clean-language": (5, "clean.py language", [], True, 1, []), "clean-widget": (5, "clean.py widget 100000", [], True, 1, []),
        "drafting": (6, "drafting.py --big", [], False, 3, []), "drafting-slow": (6, "drafting.py --latency 2", [], False, 1, []), "editor": (6, "review_editor.py 10000", [], False, 3, []),
        "check": (7, "check.py --rows 100000", [], False, 1, [("seconds for 100,000 conversations", "< 60", r": ([\d.]+) s \(", "<=", 60), ("MB at the peak", "< 400", r"peak (\d+) MB", "<=", 400)]),
        "lora": (7, "lora.py", [], False, 1, []),
        "evaluation": (8, "evaluation.py --reference {statistics}", ["statistics"], True, 1, [("seconds for 790 items", "< 11", r"at once: ([\d.]+) s", "<=", 11)]),
        "evaluation-peers": (8, "evaluation_peers.py --lm-eval {harness} --inspect {inspect}", ["harness", "inspect"], True, 1, []),
        "publish": (10, "publish.py 1000 10000 100000", [], False, 1, [("seconds for 100,000 rows", "< 30", r"90,000 rows published in ([\d.]+)", "<=", 30)]),
        "growth": (11, "growth.py", [], False, 1, []),
    }


# ---------------------------------------------------------------- running

def environment(name):
    """The Python of a peer's environment, made when it is not there; None where it cannot be made."""
    folder = ENVIRONMENTS / name
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if (folder / "ready").exists():
        return str(python)
    print(f"  making an environment for {', '.join(PEERS[name])} ...", flush=True)
    made = subprocess.run([OWN, "-m", "venv", str(folder)], capture_output=True, text=True)
    filled = made.returncode or subprocess.run([str(python), "-m", "pip", "install", "-q", *PEERS[name]], capture_output=True, text=True).returncode
    if filled:
        return None
    (folder / "ready").touch()
    return str(python)


def run(name, job, repeat):
    """One job; gives {"issue", "command", "outputs", "seconds", "figures", "why"} for RESULTS.md."""
    issue, command, peers, shared, repeats, figures = job
    told = {"issue": issue, "command": f"benchmarks/{command}", "outputs": [], "figures": [], "why": "", "on": time.strftime("%Y-%m-%d")}
    if shared and not SHARED.exists():
        return {**told, "why": "the data beside the repository (../shared) is not there"}
    pythons = {peer: environment(peer) for peer in peers}
    if absent := [peer for peer, python in pythons.items() if not python]:
        return {**told, "why": f"the environment of {', '.join(absent)} could not be made here"}
    python = pythons[peers[0]] if name.startswith("news-") and peers else OWN  # a peer that reads pages is imported by the benchmark itself
    words = [word.format(**pythons) for word in command.split()]
    for _ in range(min(repeat, repeats)):
        began = time.time()
        done = subprocess.run([python, str(HERE / words[0]), *words[1:]], capture_output=True, text=True, cwd=HOUSE)
        told["outputs"].append(done.stdout.strip())
        told["seconds"] = round(time.time() - began, 1)
        if done.returncode:
            return {**told, "why": f"it stopped: {(done.stderr.strip().splitlines() or ['no word'])[-1][:200]}"}
    told["figures"] = [one for one in (figure(spec, told["outputs"]) for spec in figures) if one]
    return told


def figure(spec, outputs):
    """One figure over the repeats: {"what", "asked", "median", "low", "high", "reached"}; None when the output does not hold it."""
    what, asked, pattern, sign, bound = spec
    values = [float(found[1]) for output in outputs if (found := re.search(pattern, output, re.M))]
    if not values:
        return None
    middle = statistics.median(values)
    reached = "" if not sign else "reached" if (middle <= bound if sign == "<=" else middle >= bound) else f"not reached, by {abs(middle - bound):.3g}"
    return {"what": what, "asked": asked, "median": middle, "low": min(values), "high": max(values), "reached": reached}


# ---------------------------------------------------------------- telling

def results(kept):
    """RESULTS.md as a string."""
    lines = ["# Results", "", "Written by `python3 workbook.py bench`. Speed depends on the machine and on what else it does: look at the ratios. Names of peers are those of their packages.", "", machine(), "",
             "## Figures that were asked for", "", "| issue | measurement | asked | median | lowest to highest | |", "|---:|---|---|---:|---|---|"]
    for name, told in kept.items():
        for one in told["figures"]:
            lines.append(f"| {told['issue']} | {name}: {one['what']} | {one['asked']} | {one['median']:g} | {one['low']:g} to {one['high']:g} | {one['reached']} |")
    for name, told in kept.items():
        lines += ["", f"## {name} (issue {told['issue']})", "", f"`python {told['command']}`, {told['on']}, {told.get('seconds', 0)} s", ""]
        lines += [told["why"] + "."] if told["why"] else []
        for output in told["outputs"][-1:]:
            lines += ["```", output, "```"] if not output.startswith("|") else [output]
    return "\n".join(lines) + "\n"


def machine():
    """The machine and the versions that were measured, in a line."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("pandas", "openai", "ipywidgets", "matplotlib", "tiktoken"))
    load = f"; load average at the end {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{time.strftime('%Y-%m-%d')}, {platform.system()} {platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}, {versions}{load}."


def plot(kept, file):
    """A figure of what was asked beside what was measured, as shares of the bound; readable in grey."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    bounds = {(name, spec[0]): spec for name, job in jobs().items() for spec in job[5]}
    bars = [(f"{name}: {one['what']}", one["median"] / bounds[name, one["what"]][4], bounds[name, one["what"]][3]) for name, told in kept.items() for one in told["figures"]
            if one["reached"] and (name, one["what"]) in bounds]
    if not bars:
        return
    drawing, axes = plt.subplots(figsize=(9, 1 + 0.35 * len(bars)), layout="constrained")
    shown = [share if sign == ">=" else 1 / max(share, 1e-3) for _, share, sign in bars]
    axes.barh([name for name, *_ in bars], shown, color=["#0072b2" if one >= 1 else "#e69f00" for one in shown], edgecolor="black", hatch=["" if one >= 1 else "//" for one in shown])
    axes.axvline(1, color="black")
    axes.set(xscale="log", xlabel="times as good as asked (hatched: not reached)")
    axes.invert_yaxis()
    drawing.savefig(file, dpi=100)


def main(only, repeat):
    chosen = jobs()
    if unknown := [name for name in only if name not in chosen]:
        raise SystemExit(f"{unknown[0]!r} is no benchmark; choose from {', '.join(chosen)}")
    ENVIRONMENTS.mkdir(exist_ok=True)
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    for name, job in chosen.items():
        if not only or name in only:
            print(f"{name} ...", flush=True)
            kept[name] = run(name, job, repeat)
            print(f"  {kept[name]['why'] or kept[name]['seconds']}", flush=True)
            kept = {one: kept[one] for one in chosen if one in kept}
            KEPT.write_text(json.dumps(kept, ensure_ascii=False, indent=1), encoding="utf-8")
            (HERE / "RESULTS.md").write_text(results(kept), encoding="utf-8")
    plot(kept, HERE / "results.png")


if __name__ == "__main__":
    options = argparse.ArgumentParser(prog="workbook.py bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", default="", help="names, with commas between them")
    options.add_argument("--repeat", type=int, default=3)
    given = options.parse_args()
    main([name for name in given.only.split(",") if name], given.repeat)
