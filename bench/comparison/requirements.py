"""What was asked for, each beside what the results of the parts say was reached."""
from dataclasses import dataclass

# Of the whole training step: fraction of the f32 peak, of the bf16 peak, ratio to PyTorch in f32, best to best.
TRAINING = {
    "2x128": (0.85, 0.60, 2.0, 2.5),
    "1x256": (0.90, 0.65, 1.6, 2.5),
    "3x512": (0.93, 0.78, 1.3, 1.8),
    "1x1024": (0.93, 0.80, 1.2, 1.8),
}
THREADS_GAIN = 0.95  # of the plain product's
CELLS = 0.80
CELLS_LOOP = 0.60  # of memory streaming, where no product is in the loop
RENAMED = 0.03
FEATURES = 1.3
FEATURES_PEER = {"3x512": (2.5, 4.0), "2x128": (3.5, 5.0)}
GENERATION = 0.80
GENERATION_PEER = {"3x512": (4.0, 8.0), "2x128": (7.0, 12.0)}
DYNET = {"3x512": 1660.0, "2x128": 61500.0}  # characters per second, measured with the requirements on such a machine
STEPS = {"16": 1.5 * 106, "40": 1.5 * 372, "64": 786.0, "128": 2800.0}  # nanoseconds, RTNeural's models loaded at run time
CONSTANT = 0.05


@dataclass
class Row:
    what: str
    required: str
    reached: float | None
    met: bool | None
    note: str = ""


def least(what, required, reached, note=""):
    return Row(what, f"at least {required:g}", reached, None if reached is None else reached >= required, note)


def most(what, required, reached, note=""):
    return Row(what, f"at most {required:g}", reached, None if reached is None else reached <= required, note)


def figure(found, *keys):
    """found[key][key]..., None where one is missing."""
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found


def ratio(a, b):
    return a / b if a and b else None


def best(runs, kind, key):
    return max((value[key] for name, value in runs.items() if name.startswith(kind + " ") and key in value), default=None)


def peak_note(torch, peak, bound):
    """Where PyTorch is so near the peak that the ratio cannot be reached: both in operations per second."""
    if not torch or not peak:
        return ""
    fraction = torch / peak
    possible = "" if fraction * bound <= 1 else ": more than the peak would be needed"
    return f"PyTorch reaches {fraction:.2f} of the peak{possible}"


def on(threads):
    return f"{threads} thread{'s' if threads != '1' else ''}"


def training(name, found):
    f32, bf16, same, best_to_best = TRAINING[name]
    for threads, measured in found.items():
        runs, at = measured["runs"], f"training {name}, {on(threads)}: "
        yield least(at + "of the f32 peak", f32, figure(runs, "unfold f32", "fraction_of_peak"))
        yield least(at + "of the bf16 peak", bf16, figure(runs, "unfold bf16", "fraction_of_peak"))
        torch, fastest = figure(runs, "pytorch f32", "gflops"), best(runs, "pytorch", "gflops")
        yield least(at + "against PyTorch, f32", same, ratio(figure(runs, "unfold f32", "gflops"), torch),
                    peak_note(torch, figure(runs, "unfold f32", "peak_gflops"), same))
        yield least(at + "best against best", best_to_best, ratio(best(runs, "unfold", "gflops"), fastest),
                    peak_note(fastest, best(runs, "unfold", "peak_gflops"), best_to_best))
    if "2" in found:
        of_peak = [figure(found, threads, "runs", "unfold f32", "fraction_of_peak") for threads in "12"]
        yield least(f"training {name}: gain of a second thread, of the product's", THREADS_GAIN, ratio(of_peak[1], of_peak[0]))


def cells(found):
    for threads, measured in found.items():
        at = f", {on(threads)}: "
        for cell, figures in measured["cells"].items():
            if figures.get("fraction_of_memory") is not None:
                yield least(f"{cell}{at}loop, of memory streaming", CELLS_LOOP, figures["fraction_of_memory"])
            else:
                yield least(f"{cell}{at}of the f32 peak", CELLS, figures["fraction_of_peak"])
        difference = abs(measured["renamed"]["times_beside"] - 1)
        yield most(f"a copy of lstm under other names{at}difference", RENAMED, difference)


def features(found):
    for threads, one in found["one layer"].items():
        yield most(f"everything on, 1x512, {on(threads)}: times the plain step", FEATURES,
                   one["times_beside"])
    for name, (f32, bf16) in FEATURES_PEER.items():
        for threads, measured in found.get(name, {}).items():
            runs, at = measured["runs"], f"everything on, {name}, {on(threads)}: "
            for precision, bound in (("f32", f32), ("bf16", bf16)):
                of = {program: figure(runs, f"{program} {precision}", "tokens_per_second") for program in ("unfold", "pytorch")}
                yield least(at + f"{precision} against PyTorch's {precision}", bound, ratio(of["unfold"], of["pytorch"]),
                            peak_note(figure(runs, f"pytorch {precision}", "gflops"),
                                      figure(runs, f"unfold {precision}", "peak_gflops"), bound))


def generation(found):
    for name, (f32, any_format) in GENERATION_PEER.items():
        by_threads = found[name].values()
        plain = [figure(measured, "runs", "unfold f32") for measured in by_threads]
        fastest = max(plain, key=lambda run: run["tokens_per_second"])
        torch = max(best(measured["runs"], "pytorch", "tokens_per_second") for measured in by_threads)
        ours = max(best(measured["runs"], "unfold", "tokens_per_second") for measured in by_threads)
        at = f"one text, {name}: "
        for threads, measured in found[name].items():
            yield least(f"one text, {name}, {on(threads)}: of the limit, f32", GENERATION,
                        figure(measured, "runs", "unfold f32", "fraction_of_limit"))
        yield least(at + "f32 against PyTorch", f32, fastest["tokens_per_second"] / torch)
        yield least(at + "best format against PyTorch", any_format, ours / torch)
        yield least(at + "characters per second (DyNet's)", DYNET[name], ours)


def step(found):
    for units, most_nanoseconds in STEPS.items():
        yield most(f"a step of one LSTM layer of {units} units: nanoseconds", most_nanoseconds,
                   figure(found, "units", units, "nanoseconds"))


def scaling(found):
    by_length = [run["tokens_per_second"] for name, run in found.items() if name.startswith("T ")]
    yield most("tokens per second over T: largest difference", CONSTANT, max(by_length) / min(by_length) - 1)
    # The naive count has the one-hot input's product, which nobody executes and which at 32 units is two thirds of it.
    by_size = [run["executed_gflops"] for name, run in found.items() if name.startswith("H ")]
    rising = sum(later > earlier for earlier, later in zip(by_size, by_size[1:]))
    yield least("executed operations per second rise with H: share of the steps", 1, rising / (len(by_size) - 1),
                ", ".join(f"{rate:.0f}" for rate in by_size) + " GF")


def rows(results):
    for part, result in results.items():
        found = result["found"]
        if part.startswith("training/"):
            yield from training(part.split("/")[1], found)
        elif part in ("cells", "features", "generation", "step", "scaling"):
            yield from globals()[part](found)
