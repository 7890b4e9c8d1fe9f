"""Makes the golden fixtures: two-layer recurrent networks run forward and backward by PyTorch in float64.

Usage: python make_golden.py  (needs torch; the version that made the committed files is recorded in each of them)

Each file holds sizes, weights under PyTorch's names, the input [T, B, I], the initial states, and what PyTorch returns: the
output, the final states, and the gradients of sum(output * output_weights) + sum(final * final_weights).
"""
import json
import pathlib

import torch

T, B, I, H, LAYERS = 5, 3, 4, 7, 2


def rounded(tensor):
    """Nested lists of numbers that float32 holds exactly, short enough to read."""
    return tensor.detach().to(torch.float32).tolist()


def draw(generator, *shape):
    return (torch.rand(*shape, generator=generator, dtype=torch.float32) - 0.5).to(torch.float64)


def make(name, module, states):
    generator = torch.Generator().manual_seed(20)
    network = module.double()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(draw(generator, *parameter.shape))
    x = draw(generator, T, B, I).requires_grad_()
    initial = [draw(generator, LAYERS, B, H).requires_grad_() for _ in range(states)]
    output, final = network(x, tuple(initial) if states > 1 else initial[0])
    final = list(final) if states > 1 else [final]
    output_weights = draw(generator, *output.shape)
    final_weights = [draw(generator, *state.shape) for state in final]
    loss = (output * output_weights).sum()
    for state, weights in zip(final, final_weights):
        loss = loss + (state * weights).sum()
    loss.backward()
    fixture = {
        "made_by": f"torch {torch.__version__}",
        "sizes": {"T": T, "B": B, "I": I, "H": H, "layers": LAYERS},
        "weights": {key: rounded(value) for key, value in network.state_dict().items()},
        "input": rounded(x),
        "initial": [rounded(state) for state in initial],
        "output_weights": rounded(output_weights),
        "final_weights": [rounded(weights) for weights in final_weights],
        "output": rounded(output),
        "final": [rounded(state) for state in final],
        "gradients": {key: rounded(value.grad) for key, value in network.named_parameters()},
        "input_gradient": rounded(x.grad),
        "initial_gradients": [rounded(state.grad) for state in initial],
    }
    path = pathlib.Path(__file__).parent / f"{name}.json"
    path.write_text(json.dumps(fixture) + "\n")


if __name__ == "__main__":
    make("lstm", torch.nn.LSTM(I, H, LAYERS), states=2)
    make("gru_reset_after", torch.nn.GRU(I, H, LAYERS), states=1)
    make("elman", torch.nn.RNN(I, H, LAYERS, nonlinearity="tanh"), states=1)
    make("elman_relu", torch.nn.RNN(I, H, LAYERS, nonlinearity="relu"), states=1)
