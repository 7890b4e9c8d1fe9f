"""Running unfold and its peers: pinned to cores, one after the other, each printing one JSON object."""
import json
import os
import re
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
WORK = ROOT / "build" / "compare"
PEERS = ROOT / "bench" / "peers"
UNFOLD = os.environ.get("UNFOLD", str(ROOT / "build/release/unfold"))
PYTHON = os.environ.get("PEER_PYTHON", "python3")  # one that has PyTorch

# PyTorch gets the best of these. Fresh pages cost much: its tensors come and go, and the default allocator gives large ones
# back to the system each time.
KEPT_MEMORY = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(2**40), "MALLOC_TOP_PAD_": str(2**26)}
LONGEST = 1800  # seconds that a run may take


class Failed(Exception):
    pass


def cores(count):
    """The first cores that this process may use."""
    return sorted(os.sched_getaffinity(0))[:count]


def available_threads():
    """1, and 2 where there are two cores."""
    return range(1, min(2, len(cores(2))) + 1)


def run(command, threads=1, environment=None):
    """The JSON object that a command prints, run on as many cores as it has threads."""
    words = [str(word) for word in command]
    print("  " + " ".join(f"{key}={value}" for key, value in (environment or {}).items()), *words, file=sys.stderr,
          flush=True)
    pinned = set(cores(threads))
    try:
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=LONGEST, cwd=ROOT,
                              env=os.environ | {"OMP_NUM_THREADS": str(threads)} | (environment or {}),
                              preexec_fn=lambda: os.sched_setaffinity(0, pinned))
    except subprocess.TimeoutExpired as error:
        raise Failed(f"{words[0]} took longer than {LONGEST} s") from error
    objects = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode != 0 or not objects:
        raise Failed(f"{' '.join(words)} ended with {done.returncode}: {done.stderr.strip()[-500:]}")
    return json.loads(objects[-1])


def options(values):
    """{"hidden": 3, "compile": True} as words of a command line."""
    words = []
    for name, value in values.items():
        flag = "--" + name.replace("_", "-")
        words += [flag] if value is True else [] if value in (False, None) else [flag, value]
    return words


def unfold(verb, threads, *words, **values):
    return lambda: run([UNFOLD, "bench", verb, *words, *options(values | {"threads": threads}), "--json"], threads)


def pytorch(script, threads, setting, **values):
    """`setting`: of `settings()`."""
    environment, more = setting
    return lambda: run([PYTHON, PEERS / script, *options(values | more | {"threads": threads})], threads, environment)


def settings(compiled=True):
    """Name -> (environment, options): what PyTorch is tried with."""
    tried = {"as installed": ({}, {}), "memory kept": (KEPT_MEMORY, {})}
    for library in ("tcmalloc_minimal", "tcmalloc", "jemalloc"):
        path = library_path(library)
        if path:
            tried[library] = ({"LD_PRELOAD": path}, {})
    if compiled:
        tried["compiled, memory kept"] = (KEPT_MEMORY, {"compile": True})
    return tried


def library_path(name):
    listing = subprocess.run(["/sbin/ldconfig", "-p"], stdout=subprocess.PIPE, text=True).stdout
    found = re.search(rf"lib{name}\.so[.\d]* .*=> (\S+)", listing)
    return found and found.group(1)


def onednn(threads, precision, rounds, hidden, layers, symbols, batch, unroll):
    program = WORK / "onednn_lstm"
    source = PEERS / "onednn_lstm.cpp"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        WORK.mkdir(parents=True, exist_ok=True)
        subprocess.run(["c++", "-O2", "-std=c++20", source, "-ldnnl", "-o", program], check=True)
    return lambda: run([program, hidden, layers, symbols, batch, unroll, precision, rounds], threads)


def best_setting(make, figure, tried):
    """The name of the setting with the largest figure, and what each reached. `make(setting)` gives a run of it."""
    reached = {}
    for name, setting in tried.items():
        try:
            reached[name] = make(setting)()[figure]
        except Failed as failure:
            print(f"  left out, {name}: {failure}", file=sys.stderr)
    if not reached:
        raise Failed("PyTorch ran with none of its settings; PEER_PYTHON names the python that has it")
    return max(reached, key=reached.get), reached


def alternate(runs, rounds):
    """Every run in turn, `rounds` times. The median of each number that they print."""
    seen = {name: [] for name in runs}
    for _ in range(rounds):
        for name, one in runs.items():
            seen[name].append(one())
    return {name: medians(objects) for name, objects in seen.items()}


def medians(objects):
    return {key: statistics.median(o[key] for o in objects) if isinstance(value, float) else value
            for key, value in objects[-1].items()}


def unfold_takes(verb, option):
    """Whether this build knows the option."""
    text = subprocess.run([UNFOLD, "bench", verb, "--help"], stdout=subprocess.PIPE, text=True).stdout
    return f"--{option} " in text


def machine():
    processor = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return {"processor": processor.group(1) if processor else "unknown", "cores": len(cores(os.cpu_count())),
            "unfold": version()}


def version():
    """The commit, and whether anything but the results of earlier runs has changed since."""
    def git(*words):
        return subprocess.run(["git", "-C", ROOT, *words], stdout=subprocess.PIPE, text=True).stdout.strip()
    changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!bench/results")
    return git("describe", "--always") + ("-dirty" if changed else "")
