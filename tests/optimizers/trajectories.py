"""Prints the parameters after each of five steps with PyTorch's optimizers, in float64, for trajectories.test.ts.

Run with PyTorch 1.13: python3 trajectories.py > trajectories.json
The loss is sum(c * (p - t)^4 / 4 + p^2 * sin(p)), so that gradients differ in size and sign, and change from step to step.
"""
import json
import torch

C = [1.0, 0.5, 2.0, -0.3]
T = [1.0, -2.0, 0.5, 0.1]
START = [0.0, 0.3, -1.0, 1.2]

OPTIMIZERS = {
    'sgd': lambda p: torch.optim.SGD(p, lr=0.05),
    'momentum': lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.8),
    'nesterov': lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.8, nesterov=True),
    'weightDecay': lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.8, weight_decay=0.1),
    'adaGrad': lambda p: torch.optim.Adagrad(p, lr=0.1, eps=1e-8),
    'adaDelta': lambda p: torch.optim.Adadelta(p, lr=1.0, rho=0.9, eps=1e-6),
    'rmsProp': lambda p: torch.optim.RMSprop(p, lr=0.05, alpha=0.9, eps=1e-8),
    'adam': lambda p: torch.optim.Adam(p, lr=0.1, betas=(0.8, 0.95), eps=1e-8),
    'adamW': lambda p: torch.optim.AdamW(p, lr=0.1, betas=(0.8, 0.95), eps=1e-8, weight_decay=0.2),
}


def trajectory(make, clip=None):
    c, t = torch.tensor(C, dtype=torch.float64), torch.tensor(T, dtype=torch.float64)
    p = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    optimizer = make([p])
    steps = []
    for _ in range(5):
        optimizer.zero_grad()
        (c * (p - t) ** 4 / 4 + p**2 * torch.sin(p)).sum().backward()
        if clip:
            torch.nn.utils.clip_grad_norm_([p], clip)
        optimizer.step()
        steps.append(p.tolist())
    return steps


if __name__ == '__main__':
    found = {name: trajectory(make) for name, make in OPTIMIZERS.items()}
    found['clipGrads'] = trajectory(OPTIMIZERS['sgd'], clip=2.0)
    print(json.dumps(found, indent=1))
