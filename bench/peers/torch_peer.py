"""Each task in PyTorch."""
import os
import sys

from serve import refuse, serve

try:
    import torch
except ImportError:
    refuse('needs PyTorch: apt-get install --no-install-recommends python3-torch')
    sys.exit()

from finetune import finetune
from torch_networks import network as make

threads = int(os.environ.get('OMP_NUM_THREADS', os.cpu_count() or 1))
torch.set_num_threads(threads)
torch.manual_seed(1)
normal = torch.randn


def training(network, batch, **settings):
    model, shape, classes = make(network, **settings)
    model.train()
    x, t = normal(batch, *shape), torch.arange(batch) % classes
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001)
    cross_entropy = torch.nn.CrossEntropyLoss()

    def call():
        loss = cross_entropy(model(x), t)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        return loss.item()

    return call


def without_graph(f):
    def call():
        with torch.no_grad():
            f()
    return call


def matmul(m, n, k, form):
    a = normal(k, m).T if form == 'AtB' else normal(m, k)
    b = normal(n, k).T if form == 'ABt' else normal(k, n)
    return without_graph(lambda: a @ b)


def convolution(N, C, H, O, K, stride, pad, groups, part):
    OH = (H + 2 * pad - K) // stride + 1
    x, W, gy = normal(N, C, H, H), normal(O, C // groups, K, K), normal(N, O, OH, OH)
    if part == 'forward':
        return without_graph(lambda: torch.conv2d(x, W, None, stride, pad, 1, groups))
    wanted = [part == 'dX', part == 'dW', False]
    window = [stride] * 2, [pad] * 2, [1, 1], False, [0, 0], groups
    return without_graph(lambda: torch.ops.aten.convolution_backward(gy, x, W, None, *window, wanted))


def elements(name, rows, columns):
    a, b = normal(rows, columns), normal(rows, columns)
    return without_graph({
        'add': lambda: a + b,
        'mul': lambda: a * b,
        'relu': lambda: torch.relu(a),
        'exp': lambda: torch.exp(a),
        'sum': lambda: a.sum(),
        'sum axis 0': lambda: a.sum(0),
        'sum axis 1': lambda: a.sum(1),
        'max axis 1': lambda: a.amax(1),
    }[name])


def about():
    return (lambda: None), (lambda: f'PyTorch {torch.__version__}, {torch.get_num_threads()} threads, '
                            f'oneDNN {"yes" if torch.backends.mkldnn.is_available() else "no"}')


if __name__ == '__main__':  # the loader's helpers import this file too
    serve({'about': about, 'matmul': matmul, 'convolution': convolution, 'elements': elements, 'training': training,
           'fineTuning': finetune})
