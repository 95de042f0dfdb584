"""Writes squeezenetSmall.pth from squeezenetSmall.safetensors, as PyTorch saves a state dict: python3 tools/toPth.py (PyTorch 1.6 or newer, NumPy)."""
import json
import os
from collections import OrderedDict

import numpy as np
import torch

here = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'dezero', 'models', 'pretrained')
with open(os.path.join(here, 'squeezenetSmall.safetensors'), 'rb') as file:
    size = int.from_bytes(file.read(8), 'little')
    header = json.loads(file.read(size))
    data = file.read()

state = OrderedDict()
for name, entry in header.items():
    if name != '__metadata__':
        begin, end = entry['data_offsets']
        values = np.frombuffer(data[begin:end], dtype='<f4').reshape(entry['shape'])
        state[name] = torch.from_numpy(values.copy())
torch.save(state, os.path.join(here, 'squeezenetSmall.pth'))
