"""Makes the golden fixtures: two-layer recurrent networks run forward and backward by PyTorch in float64, and its optimisers.

Usage: python make_golden.py  (needs torch; the version that made the committed files is recorded in each of them)

optimizers.json: the values of one parameter after each of a few steps with given gradients, and PyTorch's one-cycle rates.

Every other file holds sizes, weights under PyTorch's names, the input [T, B, I], the initial states, and what PyTorch returns: the
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


STEPS, SIZE, RATE, DECAY = 6, 5, 0.05, 0.1


def follow(make_optimizer, start, gradients):
    """The parameter after every step."""
    parameter = torch.nn.Parameter(start.clone())
    optimizer = make_optimizer([parameter])
    values = []
    for gradient in gradients:
        parameter.grad = gradient.clone()
        optimizer.step()
        values.append(rounded(parameter))
    return values, optimizer.state[parameter]


def one_cycle(steps):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=RATE, total_steps=steps, cycle_momentum=False)
    rates = []
    for _ in range(steps):
        rates.append(schedule.get_last_lr()[0])
        optimizer.step()
        if len(rates) < steps:
            schedule.step()
    return rates


def make_optimizers():
    generator = torch.Generator().manual_seed(21)
    start = draw(generator, SIZE)
    gradients = [draw(generator, SIZE) for _ in range(STEPS)]
    optim = torch.optim
    makers = {
        "sgd": lambda p, w: optim.SGD(p, lr=RATE, weight_decay=w),
        "momentum": lambda p, w: optim.SGD(p, lr=RATE, momentum=0.8, weight_decay=w),
        "nesterov": lambda p, w: optim.SGD(p, lr=RATE, momentum=0.8, nesterov=True, weight_decay=w),
        "rmsprop": lambda p, w: optim.RMSprop(p, lr=RATE, weight_decay=w),
        "adagrad": lambda p, w: optim.Adagrad(p, lr=RATE, weight_decay=w),
        "adam": lambda p, w: optim.Adam(p, lr=RATE, weight_decay=w),
        "adamw": lambda p, w: optim.AdamW(p, lr=RATE, weight_decay=w),
    }
    # Averaging from the start without decay terms; PyTorch's mean leaves the first step out.
    values, state = follow(lambda p: optim.ASGD(p, lr=RATE, lambd=0, t0=0), start, gradients)
    fixture = {
        "made_by": f"torch {torch.__version__}",
        "rate": RATE,
        "weight_decay": DECAY,
        "start": rounded(start),
        "gradients": [rounded(gradient) for gradient in gradients],
        "values": {name: follow(lambda p: make(p, 0), start, gradients)[0] for name, make in makers.items()},
        "decayed": {name: follow(lambda p: make(p, DECAY), start, gradients)[0] for name, make in makers.items()},
        "averaged": {"values": values, "average": rounded(state["ax"])},
        "one_cycle": one_cycle(20),
    }
    path = pathlib.Path(__file__).parent / "optimizers.json"
    path.write_text(json.dumps(fixture) + "\n")


if __name__ == "__main__":
    make_optimizers()
    make("lstm", torch.nn.LSTM(I, H, LAYERS), states=2)
    make("gru_reset_after", torch.nn.GRU(I, H, LAYERS), states=1)
    make("elman", torch.nn.RNN(I, H, LAYERS, nonlinearity="tanh"), states=1)
    make("elman_relu", torch.nn.RNN(I, H, LAYERS, nonlinearity="relu"), states=1)
