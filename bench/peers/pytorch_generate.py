#!/usr/bin/env python3
"""Writing a text character by character with nn.LSTM in PyTorch: one row, an eager loop, each symbol drawn."""
import torch
from torch import nn
from torch.nn import functional as F

import measuring

TOKENS = 64


def main():
    chosen = measuring.options(__doc__)
    number = torch.bfloat16 if chosen.precision == "bf16" else torch.float32
    lstm = nn.LSTM(chosen.symbols, chosen.hidden, chosen.layers).to(number).eval()
    output = nn.Linear(chosen.hidden, chosen.symbols).to(number).eval()
    rows = torch.eye(chosen.symbols, dtype=number).view(chosen.symbols, 1, 1, chosen.symbols)
    run = torch.compile(lstm) if chosen.compile else lstm

    @torch.inference_mode()
    def write():
        state, token = None, 0
        for _ in range(TOKENS):
            sequence, state = run(rows[token], state)
            probabilities = F.softmax(output(sequence[0, 0]).float(), 0)
            token = int(torch.multinomial(probabilities, 1))

    seconds = measuring.median_seconds(write, chosen.rounds)
    measuring.report(chosen, tokens_per_second=TOKENS / seconds)


main()
