#!/usr/bin/env python3
"""A whole training step of a language model in PyTorch: forward, backward, clipping of the norm, Adam.

With --cell plain the recurrence is nn.LSTM, which runs oneDNN's primitive; with --cell loop a cell written by hand, tick by
tick, its inputs' products taken out of the loop as a careful user would; with --cell regularised the same cell with layer
normalisation, variational dropout, zoneout, weight drop and clipped messages.
"""
import torch
from torch import nn
from torch.nn import functional as F

import measuring
from loop_cells import LoopLayers


class LanguageModel(nn.Module):
    def __init__(self, chosen):
        super().__init__()
        self.symbols = chosen.symbols
        if chosen.cell == "plain":
            self.recurrence = nn.LSTM(chosen.symbols, chosen.hidden, chosen.layers)
        else:
            self.recurrence = LoopLayers(chosen, regularised=chosen.cell == "regularised")
        self.output = nn.Linear(chosen.hidden, chosen.symbols)

    def forward(self, tokens, targets, state):
        sequence, state = self.recurrence(F.one_hot(tokens, self.symbols).float(), state)
        logits = self.output(sequence)
        return F.cross_entropy(logits.flatten(0, 1).float(), targets.flatten()), state


def main():
    chosen = measuring.options(__doc__, cell="plain")
    model = LanguageModel(chosen)
    run = torch.compile(model) if chosen.compile and chosen.cell == "plain" else model
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    windows = [torch.randint(chosen.symbols, (2, chosen.unroll, chosen.batch)) for _ in range(8)]
    shape = (chosen.layers, chosen.batch, chosen.hidden)
    state = (torch.zeros(shape), torch.zeros(shape))
    steps = 0

    def step():
        nonlocal state, steps
        tokens, targets = windows[steps % len(windows)]
        steps += 1
        with torch.autocast("cpu", torch.bfloat16, enabled=chosen.precision == "bf16"):
            loss, state = run(tokens, targets, state)
        state = tuple(part.detach() for part in state)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=False)

    seconds = measuring.median_seconds(step, chosen.rounds)
    operations = measuring.written_operations(chosen)
    measuring.report(chosen, seconds_per_step=seconds, tokens_per_second=chosen.batch * chosen.unroll / seconds,
                     gflop=operations / 1e9, gflops=operations / seconds / 1e9)


main()
