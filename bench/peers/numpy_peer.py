"""Each task in numpy, as the original DeZero computes: a tape of functions, im2col and tensordot, one temporary an operation."""
import sys

from serve import refuse, serve

try:
    import numpy as np
except ImportError:
    refuse('needs numpy: apt-get install python3-numpy')
    sys.exit()

random = np.random.default_rng(1)
# The original's one-hot labels are of the labels' type: int64, which turns all gradients into float64.
label_type = np.int64 if 'int64' in sys.argv[1:] else np.float32


def normal(*shape, std=1.0):
    return random.standard_normal(shape, dtype=np.float32) * np.float32(std)


class Variable:
    """A value, its gradient, and the function that made it."""

    def __init__(self, data):
        self.data, self.grad = data, None


tape = []  # (output, inputs, backward), in the order computed


def record(data, inputs, backward):
    y = Variable(data)
    tape.append((y, inputs, backward))
    return y


def run_backward(loss):
    loss.grad = np.ones_like(loss.data)
    while tape:
        y, inputs, backward = tape.pop()
        if y.grad is None:  # nothing that counts was made of it
            continue
        for x, gx in zip(inputs, backward(y.grad)):
            x.grad = gx if x.grad is None else x.grad + gx
        y.grad = None


# Pictures

def im2col(x, kernel, stride, pad, end=0):
    """(N, C, H, W) -> (N, C, KH, KW, OH, OW); `end` more zeros below and on the right."""
    N, C, H, W = x.shape
    OH, OW = ((size + 2 * pad + end - kernel) // stride + 1 for size in (H, W))
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad + end + stride - 1), (pad, pad + end + stride - 1)))
    col = np.empty((N, C, kernel, kernel, OH, OW), x.dtype)
    for i in range(kernel):
        for j in range(kernel):
            col[:, :, i, j] = x[:, :, i:i + stride * OH:stride, j:j + stride * OW:stride]
    return col


def col2im(col, shape, kernel, stride, pad, end=0):
    """The adjoint of im2col."""
    N, C, H, W = shape
    OH, OW = col.shape[4:]
    x = np.zeros((N, C, H + 2 * pad + end + stride - 1, W + 2 * pad + end + stride - 1), col.dtype)
    for i in range(kernel):
        for j in range(kernel):
            x[:, :, i:i + stride * OH:stride, j:j + stride * OW:stride] += col[:, :, i, j]
    return x[:, :, pad:pad + H, pad:pad + W]


def conv_forward(x, W, stride, pad):
    y = np.tensordot(im2col(x, W.shape[2], stride, pad), W, ((1, 2, 3), (1, 2, 3)))
    return np.rollaxis(y, 3, 1)


def conv_input(gy, W, shape, stride, pad):
    gcol = np.rollaxis(np.tensordot(W, gy, (0, 1)), 3)
    return col2im(gcol, shape, W.shape[2], stride, pad)


def conv_weight(x, gy, kernel, stride, pad):
    return np.tensordot(gy, im2col(x, kernel, stride, pad), ((0, 2, 3), (0, 4, 5)))


def conv2d(x, W, b, stride, pad):
    y = conv_forward(x.data, W.data, stride, pad) + b.data[:, None, None]
    return record(y, (x, W, b), lambda gy: (
        conv_input(gy, W.data, x.data.shape, stride, pad),
        conv_weight(x.data, gy, W.data.shape[2], stride, pad),
        gy.sum(axis=(0, 2, 3)),
    ))


def max_pool(x, kernel, stride, end=0):
    """`end` rounds the number of windows up: x is not negative, so that zeros change no maximum."""
    col = im2col(x.data, kernel, stride, 0, end)
    N, C, KH, KW, OH, OW = col.shape
    col = col.reshape(N, C, KH * KW, OH, OW)
    places = col.argmax(axis=2)

    def backward(gy):
        gcol = np.zeros((N * C * OH * OW, KH * KW), gy.dtype)
        gcol[np.arange(gcol.shape[0]), places.ravel()] = gy.ravel()
        gcol = gcol.reshape(N, C, OH, OW, KH, KW).transpose(0, 1, 4, 5, 2, 3)
        return (col2im(gcol, x.data.shape, kernel, stride, 0, end),)

    return record(col.max(axis=2), (x,), backward)


# Everything else

def linear(x, W, b):
    y = x.data.dot(W.data) + b.data
    return record(y, (x, W, b), lambda gy: (gy.dot(W.data.T), x.data.T.dot(gy), gy.sum(axis=0)))


def matmul(x, W):
    return record(x.data.dot(W.data), (x, W), lambda gy: (gy.dot(W.data.T), x.data.T.dot(gy)))


def add(a, b):
    return record(a.data + b.data, (a, b), lambda gy: (gy, gy))


def mul(a, b):
    return record(a.data * b.data, (a, b), lambda gy: (gy * b.data, gy * a.data))


def relu(x):
    return record(np.maximum(x.data, 0), (x,), lambda gy: (gy * (x.data > 0),))


def sigmoid(x):
    y = np.tanh(x.data * 0.5) * 0.5 + 0.5
    return record(y, (x,), lambda gy: (gy * y * (1 - y),))


def tanh(x):
    y = np.tanh(x.data)
    return record(y, (x,), lambda gy: (gy * (1 - y * y),))


def flatten(x):
    return record(x.data.reshape(len(x.data), -1), (x,), lambda gy: (gy.reshape(x.data.shape),))


def concat(a, b):
    channels = a.data.shape[1]
    y = np.concatenate((a.data, b.data), axis=1)
    return record(y, (a, b), lambda gy: (gy[:, :channels], gy[:, channels:]))


def dropout(x):
    mask = random.random(x.data.shape, dtype=np.float32) > 0.5
    scale = np.float32(0.5)
    return record(x.data * mask / scale, (x,), lambda gy: (gy * mask / scale,))


def average(x):
    N, C, H, W = x.data.shape
    return record(x.data.mean(axis=(2, 3)), (x,), lambda gy: (
        np.broadcast_to((gy / np.float32(H * W))[:, :, None, None], x.data.shape),
    ))


def softmax_cross_entropy(x, t):
    rows = np.arange(len(t))
    highest = x.data.max(axis=1, keepdims=True)
    log_p = x.data - highest - np.log(np.exp(x.data - highest).sum(axis=1, keepdims=True))

    def backward(gy):
        one_hot = np.eye(x.data.shape[1], dtype=label_type)[t]
        return ((np.exp(log_p) - one_hot) * (gy / np.float32(len(t))),)

    return record(-log_p[rows, t].mean(), (x,), backward)


# Networks

class Network:
    """Parameters are made as the layers are described."""

    def __init__(self):
        self.parameters = []

    def parameter(self, *shape, std=0.0):
        self.parameters.append(Variable(normal(*shape, std=std)))
        return self.parameters[-1]

    def linear(self, inputs, out):
        W, b = self.parameter(inputs, out, std=inputs ** -0.5), self.parameter(out)
        return lambda x: linear(x, W, b)

    def conv(self, inputs, out, kernel, stride=1, pad=0):
        W = self.parameter(out, inputs, kernel, kernel, std=(2 / (inputs * kernel * kernel)) ** 0.5)
        b = self.parameter(out)
        return lambda x: relu(conv2d(x, W, b, stride, pad))

    def fire(self, inputs, squeeze, expand):
        s, e1, e3 = self.conv(inputs, squeeze, 1), self.conv(squeeze, expand, 1), self.conv(squeeze, expand, 3, 1, 1)

        def forward(x):
            y = s(x)
            return concat(e1(y), e3(y))
        return forward


def pool(kernel, stride, end=0):
    return lambda x: max_pool(x, kernel, stride, end)


def mlp(net):
    return [net.linear(784, 1000), relu, net.linear(1000, 1000), relu, net.linear(1000, 10)], (784,), 10


def cnn(net):
    return [
        net.conv(1, 32, 3, 1, 1), pool(2, 2), net.conv(32, 64, 3, 1, 1), pool(2, 2), flatten,
        net.linear(64 * 49, 128), relu, net.linear(128, 10),
    ], (1, 28, 28), 10


def squeezenet(net):
    return [
        net.conv(3, 96, 7, 2), pool(3, 2), net.fire(96, 16, 64), net.fire(128, 16, 64), net.fire(128, 32, 128), pool(3, 2, 1),
        net.fire(256, 32, 128), net.fire(256, 48, 192), net.fire(384, 48, 192), net.fire(384, 64, 256), pool(3, 2),
        net.fire(512, 64, 256), dropout, net.conv(512, 1000, 1), average,
    ], (3, 224, 224), 1000


def vgg16(net):
    stages, inputs = [], 3
    for out, times in (64, 2), (128, 2), (256, 3), (512, 3), (512, 3):
        for _ in range(times):
            stages.append(net.conv(inputs, out, 3, 1, 1))
            inputs = out
        stages.append(pool(2, 2))
    head = [net.linear(512 * 49, 4096), relu, dropout, net.linear(4096, 4096), relu, dropout, net.linear(4096, 1000)]
    return stages + [flatten] + head, (3, 224, 224), 1000


def lstm(net, steps, inputs, hidden):
    """Each gate is a linear layer of the input and one of the state."""
    gates = [(net.linear(inputs, hidden), net.parameter(hidden, hidden, std=hidden ** -0.5)) for _ in range(4)]
    out = net.linear(hidden, 10)

    def forward(x):
        h = c = None
        for t in range(steps):
            step = Variable(x.data[:, t])
            z = [of_x(step) if h is None else add(of_x(step), matmul(h, of_h)) for of_x, of_h in gates]
            i, f, o, u = sigmoid(z[0]), sigmoid(z[1]), sigmoid(z[2]), tanh(z[3])
            c = mul(i, u) if c is None else add(mul(f, c), mul(i, u))
            h = mul(o, tanh(c))
        return out(h)

    return [forward], (steps, inputs), 10


# Tasks

def training(network, batch, **settings):
    net = Network()
    stages, shape, classes = {'mlp': mlp, 'cnn': cnn, 'squeezenet': squeezenet, 'vgg16': vgg16, 'lstm': lstm}[network](net, **settings)
    x, t = normal(batch, *shape), np.arange(batch) % classes
    rate = np.float32(0.001)

    def call():
        y = Variable(x)
        for stage in stages:
            y = stage(y)
        loss = softmax_cross_entropy(y, t)
        for parameter in net.parameters:
            parameter.grad = None
        run_backward(loss)
        for parameter in net.parameters:
            if parameter.grad is not None:
                parameter.data -= rate * parameter.grad

    return call


def matmul_task(m, n, k, form):
    a = normal(k, m).T if form == 'AtB' else normal(m, k)
    b = normal(n, k).T if form == 'ABt' else normal(k, n)
    return lambda: a @ b


def convolution(N, C, H, O, K, stride, pad, groups, part):
    OH = (H + 2 * pad - K) // stride + 1
    x, W, gy = normal(N, C, H, H), normal(O, C // groups, K, K), normal(N, O, OH, OH)
    if groups > 1:  # depthwise: a filter a channel
        taps = W[:, 0, :, :, None, None]
        return {
            'forward': lambda: np.einsum('ncijhw,cij->nchw', im2col(x, K, stride, pad), W[:, 0]),
            'dX': lambda: col2im(gy[:, :, None, None] * taps, x.shape, K, stride, pad),
            'dW': lambda: np.einsum('nchw,ncijhw->cij', gy, im2col(x, K, stride, pad)),
        }[part]
    return {
        'forward': lambda: conv_forward(x, W, stride, pad),
        'dX': lambda: conv_input(gy, W, x.shape, stride, pad),
        'dW': lambda: conv_weight(x, gy, K, stride, pad),
    }[part]


def elements(name, rows, columns):
    a, b = normal(rows, columns), normal(rows, columns)
    return {
        'add': lambda: a + b,
        'mul': lambda: a * b,
        'relu': lambda: np.maximum(a, 0),
        'exp': lambda: np.exp(a),
        'sum': lambda: a.sum(),
        'sum axis 0': lambda: a.sum(axis=0),
        'sum axis 1': lambda: a.sum(axis=1),
        'max axis 1': lambda: a.max(axis=1),
    }[name]


def about():
    return (lambda: None), (lambda: f'numpy {np.__version__}, Python {sys.version.split()[0]}')


if __name__ == '__main__':
    serve({'about': about, 'matmul': matmul_task, 'convolution': convolution, 'elements': elements, 'training': training})
