"""bench/results/speed.md from the results of the parts."""
from comparison import requirements

HEAD = """# Speed

Made by `bench/compare`. What each figure means and how it is measured: [docs/speed.md](../../docs/speed.md). Runs of all
programs are pinned to the same cores and have their turns one after the other; figures are medians. Work is the naive count
for everyone.
"""


def table(headings, rows):
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines) + "\n"


def number(value, digits=3):
    return "" if value is None else f"{value:.{digits}g}" if abs(value) < 1000 else f"{value:,.0f}"


def machines(results):
    seen = {}
    for part, result in results.items():
        seen.setdefault(tuple(result["machine"].items()), []).append(part)
    for machine, parts in seen.items():
        described = dict(machine)
        yield f"{described['processor']}, {described['cores']} cores, unfold {described['unfold']}: {', '.join(parts)}."


def versions(results):
    """Of the peers, wherever they stand in the results."""
    found = set()

    def walk(value):
        if isinstance(value, dict):
            if "peer" in value:
                found.add(f"{value['peer']} {value['version']}")
            for inner in value.values():
                walk(inner)

    walk(results)
    return sorted(found)


def required(results):
    verdicts = {True: "yes", False: "no", None: "not measured"}
    rows = [[row.what, row.required, number(row.reached), verdicts[row.met], row.note] for row in requirements.rows(results)]
    return table(["requirement", "required", "reached", "met", ""], rows) if rows else ""


def programs_side_by_side(results):
    rows = []
    for part, result in results.items():
        groups = {part: result["found"]} if part.startswith("training/") else {
            f"{part} {name}": by_threads for name, by_threads in result["found"].items()} if part in (
                "features", "generation") else {}
        for what, by_threads in groups.items():
            for threads, measured in by_threads.items():
                for program, run in measured.get("runs", {}).items():
                    rows.append([what, threads, program, number(run.get("tokens_per_second")), number(run.get("gflops"), 4),
                                 number(run.get("peak_gflops"), 4),
                                 number(run.get("fraction_of_peak", run.get("fraction_of_limit")))])
    headings = ["what", "threads", "program", "tokens/s", "GFLOP/s", "peak", "fraction of the limit"]
    return "## Side by side\n\n" + table(headings, rows) if rows else ""


def settings(results):
    rows = []

    def walk(where, value):
        if not isinstance(value, dict):
            return
        if "best" in value:
            reached = next(numbers for key, numbers in value.items() if key != "best")
            rows.append([where, *("**" + number(reached[name], 4) + "**" if name == value["best"] else
                                  number(reached.get(name), 4) for name in names)])
        for key, inner in value.items():
            walk(f"{where} {key}".replace(" tried", ""), inner)

    names = sorted({name for name in setting_names(results)})
    for part, result in results.items():
        walk(part, result["found"])
    text = "## What PyTorch was tried with\n\nGFLOP/s of training, tokens per second of generation; the best is compared with.\n\n"
    return text + table(["what, threads, precision", *names], rows) if rows else ""


def setting_names(value):
    if isinstance(value, dict):
        if "best" in value:
            for key, numbers in value.items():
                if key != "best":
                    yield from numbers
        for inner in value.values():
            yield from setting_names(inner)


def cells(results):
    if "cells" not in results:
        return ""
    rows = [[cell, threads, number(run["seconds_per_step"] * 1e3, 4), number(run["gflop"]), number(run["executed_gflop"]),
             number(run["gflops"], 4), number(run["peak_gflops"], 4), number(run["fraction_of_peak"])]
            for threads, measured in results["cells"]["found"].items() for cell, run in measured["cells"].items()]
    headings = ["cell", "threads", "ms/step", "GFLOP", "executed", "GFLOP/s", "peak", "fraction"]
    return "## Every cell, H = 512, B = 64, T = 64\n\n" + table(headings, rows)


def scaling(results):
    if "scaling" not in results:
        return ""
    rows = [[name, number(run["tokens_per_second"]), number(run["gflops"], 4), number(run["fraction_of_peak"])]
            for name, run in results["scaling"]["found"].items()]
    return "## As T and H grow (forward and backward alone, one thread)\n\n" + table(
        ["size", "tokens/s", "GFLOP/s", "fraction of the peak"], rows)


def markdown(results):
    sections = [HEAD, "\n".join(machines(results)), " ".join(f"{version}." for version in versions(results)),
                required(results), programs_side_by_side(results), cells(results), scaling(results), settings(results)]
    return "\n\n".join(section.strip("\n") for section in sections if section) + "\n"
