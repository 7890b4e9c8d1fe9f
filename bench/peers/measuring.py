"""What the PyTorch peers share: options, the median of measurements, and the one JSON object they print."""
import argparse
import json
import statistics
import time

import torch


def options(description, **more):
    """The sizes of the model, as `unfold bench` names them, and how PyTorch is set."""
    parser = argparse.ArgumentParser(description=description)
    sizes = {"hidden": 512, "layers": 3, "symbols": 65, "batch": 64, "unroll": 64, "threads": 1, "rounds": 5} | more
    for name, value in sizes.items():
        parser.add_argument(f"--{name}", type=type(value), default=value)
    parser.add_argument("--precision", choices=["f32", "bf16"], default="f32")
    parser.add_argument("--compile", action="store_true", help="torch.compile")
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(1)
    return chosen


def median_seconds(action, rounds, least_seconds=0.5):
    """Seconds of one `action`, the median over rounds of as many as fill the least time, after a warm-up."""
    for _ in range(2):
        action()
    seconds = []
    for _ in range(rounds):
        count, start = 0, time.perf_counter()
        while count == 0 or time.perf_counter() - start < least_seconds:
            action()
            count += 1
        seconds.append((time.perf_counter() - start) / count)
    return statistics.median(seconds)


def written_operations(chosen, gates=4):
    """Of a training step, counted as everyone does: 3 * 2 B T (sum over layers of gates H (I + H), + H V)."""
    hidden, symbols = chosen.hidden, chosen.symbols
    entries = sum(gates * hidden * ((symbols if layer == 0 else hidden) + hidden) for layer in range(chosen.layers))
    return 3 * 2 * chosen.batch * chosen.unroll * (entries + hidden * symbols)


def report(chosen, **figures):
    print(json.dumps({"peer": "PyTorch", "version": torch.__version__} | vars(chosen) | figures))
