"""The parts of the comparison: each measures and returns what it found, as numbers and words for a JSON file."""
import re

from comparison import programs
from comparison.programs import Failed, alternate, available_threads, best_setting, pytorch, settings, unfold

SHAPES = {
    "2x128": {"layers": 2, "hidden": 128, "batch": 50, "unroll": 50},
    "1x256": {"layers": 1, "hidden": 256, "batch": 32, "unroll": 64},
    "3x512": {"layers": 3, "hidden": 512, "batch": 64, "unroll": 64},
    "1x1024": {"layers": 1, "hidden": 1024, "batch": 128, "unroll": 100},
}
SYMBOLS = {"symbols": 65}
REGULARISED = {"cell": "lstm_layernorm", "recurrent_dropout": "variational:0.25", "zoneout": 0.1, "weight_drop": 0.2,
               "clip_message": 1}


class Effort:
    """How long everything is measured: rounds inside a run, and runs of each program in turn."""

    def __init__(self, quick):
        self.quick, self.rounds, self.turns = quick, 1 if quick else 5, 1 if quick else 3

    def shape(self, shape):
        return {"layers": 1, "hidden": 32, "batch": 8, "unroll": 10} if self.quick else shape

    def pick(self, everything, few):
        return few if self.quick else everything


def precisions():
    return ["f32", "bf16"] if programs.unfold_takes("train", "precision") else ["f32"]


def precision_option(precision):
    return {} if precision == "f32" else {"precision": precision}


def peer_runs(script, threads, effort, sizes, **more):
    """The best setting of PyTorch for each precision, as a run; and what every setting reached."""
    runs, reached = {}, {}
    figure = "gflops" if "train" in script else "tokens_per_second"
    compiled = more.get("cell") != "regularised"  # unrolled by its loop it compiles for longer than it runs
    for precision in ("f32", "bf16"):
        values = sizes | more | {"precision": precision}
        name, all_settings = best_setting(
            lambda setting: pytorch(script, threads, setting, rounds=1, **values), figure, settings(compiled))
        runs[f"pytorch {precision}"] = pytorch(script, threads, settings()[name], rounds=effort.rounds, **values)
        reached[precision] = {"best": name, figure: all_settings}
    return runs, reached


def training(name, effort):
    """The whole step at one shape, unfold and PyTorch, and oneDNN's primitive for the recurrence alone."""
    sizes = effort.shape(SHAPES[name]) | SYMBOLS
    result = {}
    for threads in available_threads():
        peers, tried = peer_runs("pytorch_train.py", threads, effort, sizes)
        runs = {f"unfold {p}": unfold("train", threads, rounds=effort.rounds, **sizes, **precision_option(p))
                for p in precisions()}
        primitive = {f"onednn {p}": programs.onednn(threads, p, effort.rounds, **sizes) for p in ("f32", "bf16")}
        result[f"{threads}"] = {"runs": alternate(runs | peers | primitive, effort.turns), "tried": tried}
    return result


def cells(effort):
    """Every cell; and a copy of the LSTM under other names beside the original."""
    sizes = {"hidden": 32, "batch": 8, "unroll": 10} if effort.quick else {"hidden": 512, "batch": 64, "unroll": 64}
    copy = programs.WORK / "renamed.cell"
    copy.write_text(renamed_lstm())
    result = {}
    for threads in available_threads():
        words = effort.pick([], ["lstm", "min_gru"])
        result[f"{threads}"] = unfold("cells", threads, *words, rounds=effort.rounds, **sizes)() | {
            "renamed": unfold("train", threads, layers=1, cell=copy, beside="lstm", rounds=4 * effort.rounds, **sizes)()}
    return result


def renamed_lstm():
    """The shipped LSTM with every name changed and its gates in another order."""
    text = (programs.ROOT / "cells/lstm.cell").read_text()
    names = {"lstm": "mine", "x": "word", "h": "memory", "c": "carried", "i": "write", "f": "keep", "o": "read", "g": "news",
             "b_f": "b_keep", "b_i": "b_write", "b_o": "b_read", "b_g": "b_news"}
    names |= {f"W_{a}{b}": f"W_{names[a]}_{names[b]}" for a in "xh" for b in "ifog"}
    code = "\n".join(line.split("#")[0] for line in text.splitlines())
    return re.sub(r"\b[A-Za-z]\w*", lambda word: names.get(word.group(), word.group()), code) + "\n"


def features(effort):
    """Everything that regularises a recurrence at once, beside the plain step and beside PyTorch."""
    result = {"one layer": {}}
    for threads in available_threads():
        one = effort.shape({"layers": 1, "hidden": 512, "batch": 64, "unroll": 64}) | SYMBOLS
        result["one layer"][f"{threads}"] = unfold("train", threads, beside="lstm", rounds=effort.rounds, **one,
                                                   **REGULARISED)()
        for name in effort.pick(["2x128", "3x512"], ["2x128"]):
            sizes = effort.shape(SHAPES[name]) | SYMBOLS
            peers, tried = peer_runs("pytorch_train.py", threads, effort, sizes, cell="regularised")
            runs = {f"unfold {p}": unfold("train", threads, rounds=effort.rounds, **sizes, **REGULARISED,
                                          **precision_option(p)) for p in precisions()}
            result.setdefault(name, {})[f"{threads}"] = {"runs": alternate(runs | peers, effort.turns), "tried": tried}
    return result


def weight_formats():
    return ["f32", "bf16", "int8"] if programs.unfold_takes("generate", "weights") else ["f32"]


def generation(effort):
    """Writing one text. Both programs may use one thread or more: the best counts."""
    result = {}
    for name in ("2x128", "3x512"):
        sizes = {key: effort.shape(SHAPES[name])[key] for key in ("layers", "hidden")} | SYMBOLS
        for threads in available_threads():
            peers, tried = peer_runs("pytorch_generate.py", threads, effort, sizes)
            runs = {f"unfold {weights}": unfold("generate", threads, rounds=effort.rounds, **sizes,
                                                **({} if weights == "f32" else {"weights": weights}))
                    for weights in weight_formats()}
            result.setdefault(name, {})[f"{threads}"] = {"runs": alternate(runs | peers, effort.turns), "tried": tried}
    return result


def step(effort):
    """One step of one small layer on one number."""
    return unfold("step", 1, rounds=3 * effort.rounds)()


def scaling(effort):
    """Tokens per second of forward and backward as T grows, and operations per second as H grows, on one thread."""
    small = effort.shape(SHAPES["2x128"]) | {"gradient_only": True}
    lengths = effort.pick([32, 128, 512, 2048, 4096], [4, 8])
    sizes = effort.pick([32, 64, 128, 256, 512, 1024], [16, 32])
    runs = {f"T {length}": unfold("train", 1, rounds=1, **(small | {"unroll": length})) for length in lengths}
    runs |= {f"H {hidden}": unfold("train", 1, rounds=1, layers=1, batch=small["batch"], unroll=small["unroll"],
                                   hidden=hidden) for hidden in sizes}
    return alternate(runs, effort.turns)


def limits(effort):
    return {f"{threads}": unfold("gemm", threads, rounds=effort.rounds)() for threads in available_threads()}


PARTS = {"limits": limits} | {
    f"training/{name}": (lambda effort, name=name: training(name, effort)) for name in SHAPES
} | {"cells": cells, "features": features, "generation": generation, "step": step, "scaling": scaling}

__all__ = ["PARTS", "Effort", "Failed"]
