"""The networks in PyTorch; parts and parameters are named as torchvision's."""
import torch
from torch import nn


def relu_conv(inputs, out, kernel, stride=1, padding=0):
    return [nn.Conv2d(inputs, out, kernel, stride, padding), nn.ReLU(inplace=True)]


class Fire(nn.Module):
    def __init__(self, inputs, squeeze, expand):
        super().__init__()
        self.squeeze = nn.Conv2d(inputs, squeeze, 1)
        self.expand1x1 = nn.Conv2d(squeeze, expand, 1)
        self.expand3x3 = nn.Conv2d(squeeze, expand, 3, padding=1)

    def forward(self, x):
        s = torch.relu_(self.squeeze(x))
        return torch.cat([torch.relu_(self.expand1x1(s)), torch.relu_(self.expand3x3(s))], 1)


class SqueezeNet(nn.Module):
    """Version 1.0."""

    def __init__(self, classes=1000):
        super().__init__()

        def pool():
            return nn.MaxPool2d(3, 2, ceil_mode=True)

        self.features = nn.Sequential(
            *relu_conv(3, 96, 7, 2), pool(), Fire(96, 16, 64), Fire(128, 16, 64), Fire(128, 32, 128), pool(),
            Fire(256, 32, 128), Fire(256, 48, 192), Fire(384, 48, 192), Fire(384, 64, 256), pool(), Fire(512, 64, 256))
        head = nn.Conv2d(512, classes, 1)
        nn.init.normal_(head.weight, 0, 0.01)
        nn.init.zeros_(head.bias)
        self.classifier = nn.Sequential(nn.Dropout(0.5), head, nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d(1))

    def forward(self, x):
        return self.classifier(self.features(x)).flatten(1)


class Reader(nn.Module):
    """The last state of an LSTM that has read a sequence, as scores."""

    def __init__(self, inputs, hidden):
        super().__init__()
        self.lstm, self.out = nn.LSTM(inputs, hidden, batch_first=True), nn.Linear(hidden, 10)

    def forward(self, x):
        return self.out(self.lstm(x)[0][:, -1])


def vgg16():
    stages, inputs = [], 3
    for out, times in (64, 2), (128, 2), (256, 3), (512, 3), (512, 3):
        for _ in range(times):
            stages += relu_conv(inputs, out, 3, 1, 1)
            inputs = out
        stages.append(nn.MaxPool2d(2))
    return nn.Sequential(
        *stages, nn.Flatten(),
        nn.Linear(512 * 49, 4096), nn.ReLU(inplace=True), nn.Dropout(0.5),
        nn.Linear(4096, 4096), nn.ReLU(inplace=True), nn.Dropout(0.5), nn.Linear(4096, 1000))


def network(name, steps=0, inputs=0, hidden=0):
    """A network, the shape of one input, and its number of classes."""
    if name == 'mlp':
        layers = nn.Linear(784, 1000), nn.ReLU(), nn.Linear(1000, 1000), nn.ReLU(), nn.Linear(1000, 10)
        return nn.Sequential(*layers), (784,), 10
    if name == 'cnn':
        return nn.Sequential(
            *relu_conv(1, 32, 3, 1, 1), nn.MaxPool2d(2), *relu_conv(32, 64, 3, 1, 1), nn.MaxPool2d(2), nn.Flatten(),
            nn.Linear(64 * 49, 128), nn.ReLU(), nn.Linear(128, 10)), (1, 28, 28), 10
    if name == 'squeezenet':
        return SqueezeNet(), (3, 224, 224), 1000
    if name == 'vgg16':
        return vgg16(), (3, 224, 224), 1000
    if name == 'lstm':
        return Reader(inputs, hidden), (steps, inputs), 10
    raise ValueError(f"there is no network '{name}'")
