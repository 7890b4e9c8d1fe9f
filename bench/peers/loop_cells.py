"""Layers of LSTM cells written by hand in PyTorch, as a user writes them who needs what nn.LSTM does not have."""
import torch
from torch import nn
from torch.nn import functional as F

VARIATIONAL, ZONEOUT, WEIGHT_DROP, MESSAGE = 0.25, 0.1, 0.2, 1.0


class ClippedMessage(torch.autograd.Function):
    """Clips the gradient that goes back to the previous tick; Graves 2013."""

    @staticmethod
    def forward(context, value):
        return value.view_as(value)

    @staticmethod
    def backward(context, gradient):
        return gradient.clamp(-MESSAGE, MESSAGE)


def step(projected, h, c, matrix, bias):
    i, f, o, g = (projected + h @ matrix + bias).chunk(4, 1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def regularised_step(projected, h, c, matrix, bias, gains, cell_gain, cell_bias, mask, keep_h, keep_c):
    h, c = ClippedMessage.apply(h), ClippedMessage.apply(c)
    hidden = h.shape[1]
    sums = (projected + (h * mask) @ matrix).unflatten(1, (4, hidden))
    i, f, o, g = (F.layer_norm(sums, (hidden,)) * gains + bias).unbind(1)
    next_c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    next_c = torch.lerp(next_c, c, keep_c)
    next_h = torch.sigmoid(o) * torch.tanh(F.layer_norm(next_c, (hidden,)) * cell_gain + cell_bias)
    return torch.lerp(next_h, h, keep_h), next_c


class LoopLayer(nn.Module):
    def __init__(self, inputs, hidden, regularised, compiled):
        super().__init__()
        self.hidden, self.regularised = hidden, regularised
        self.input = nn.Parameter(torch.empty(inputs, 4 * hidden))
        self.matrix = nn.Parameter(torch.empty(hidden, 4 * hidden))
        for weights in (self.input, self.matrix):
            nn.init.xavier_uniform_(weights)
        self.bias = nn.Parameter(torch.zeros(4, hidden) if regularised else torch.zeros(4 * hidden))
        if regularised:
            self.gains = nn.Parameter(torch.ones(4, hidden))
            self.cell_gain, self.cell_bias = nn.Parameter(torch.ones(hidden)), nn.Parameter(torch.zeros(hidden))
        chosen = regularised_step if regularised else step
        self.step = torch.compile(chosen) if compiled else chosen

    def regularised_arguments(self, x):
        """Per tick; masks of all ticks are drawn at once."""
        ticks, batch, _ = x.shape
        mask = F.dropout(torch.ones(batch, self.hidden), VARIATIONAL)
        keep = (torch.rand(2, ticks, batch, self.hidden) < ZONEOUT).to(x.dtype)
        for tick in range(ticks):
            yield self.gains, self.cell_gain, self.cell_bias, mask, keep[0, tick], keep[1, tick]

    def forward(self, x, h, c):
        projected = x @ self.input
        matrix = F.dropout(self.matrix, WEIGHT_DROP) if self.regularised else self.matrix
        more = self.regularised_arguments(x) if self.regularised else ((),) * len(x)
        outputs = []
        for rows, arguments in zip(projected.unbind(0), more):
            h, c = self.step(rows, h, c, matrix, self.bias, *arguments)
            outputs.append(h)
        return torch.stack(outputs), h, c


class LoopLayers(nn.Module):
    def __init__(self, chosen, regularised):
        super().__init__()
        self.layers = nn.ModuleList(
            LoopLayer(chosen.symbols if layer == 0 else chosen.hidden, chosen.hidden, regularised, chosen.compile)
            for layer in range(chosen.layers))

    def forward(self, x, state):
        finals = []
        for layer, h, c in zip(self.layers, *state):
            x, h, c = layer(x, h, c)
            finals.append((h, c))
        return x, tuple(torch.stack(part) for part in zip(*finals))
