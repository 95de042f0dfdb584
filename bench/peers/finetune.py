"""Step 53's recipe in PyTorch: a new head on a frozen network for 3 epochs, then all layers for 5, a validation after each."""
import io
import math
import random
import zipfile

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from torch_networks import SqueezeNet

HEAD_EPOCHS, EPOCHS = 3, 5
FIRST, HEAD, LATE, EARLY = 2e-3, 3e-4, 6e-5, 2e-5
EARLY_LAYERS = tuple(f'features.{i}.' for i in (0, 3, 4, 5, 6, 7))
MEAN = torch.tensor([0.485, 0.456, 0.406])[:, None, None]
STD = torch.tensor([0.229, 0.224, 0.225])[:, None, None]


class Photos(Dataset):
    """One half of the archive, as normalised arrays (3, 224, 224)."""

    def __init__(self, path, split, limit):
        self.path, self.split, self.archive = path, split, None
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if f'/{split}/' in name and name.lower().endswith('.jpg')]
        by_class = [sorted(name for name in names if f'/{kind}/' in name) for kind in ('ants', 'bees')]
        if limit:
            by_class = [names[:max(1, limit // 2)] for names in by_class]
        self.items = [(name, label) for label, names in enumerate(by_class) for name in names]

    def __len__(self):
        return len(self.items)

    def __getitem__(self, index):
        from PIL import Image
        self.archive = self.archive or zipfile.ZipFile(self.path)  # each helper process opens its own
        name, label = self.items[index]
        photo = Image.open(io.BytesIO(self.archive.read(name))).convert('RGB')
        photo = self.random_crop(photo) if self.split == 'train' else self.middle(photo)
        values = torch.frombuffer(bytearray(photo.tobytes()), dtype=torch.uint8).view(224, 224, 3)
        return (values.permute(2, 0, 1).float().div_(255) - MEAN) / STD, label

    def random_crop(self, photo):
        from PIL import Image
        width, height = photo.size
        box = None
        for _ in range(10):
            area = width * height * random.uniform(0.08, 1)
            shape = math.exp(random.uniform(math.log(3 / 4), math.log(4 / 3)))
            w, h = round(math.sqrt(area * shape)), round(math.sqrt(area / shape))
            if 0 < w <= width and 0 < h <= height:
                left, top = random.randint(0, width - w), random.randint(0, height - h)
                box = (left, top, left + w, top + h)
                break
        photo = photo.resize((224, 224), Image.BILINEAR, box=box)
        return photo.transpose(Image.FLIP_LEFT_RIGHT) if random.random() < 0.5 else photo

    def middle(self, photo):
        from PIL import Image
        width, height = photo.size
        scale = 256 / min(width, height)
        photo = photo.resize((max(256, int(width * scale)), max(256, int(height * scale))), Image.BILINEAR)
        left, top = (photo.size[0] - 224) // 2, (photo.size[1] - 224) // 2
        return photo.crop((left, top, left + 224, top + 224))


def cosine(steps, warmup):
    def factor(step):
        if step < warmup:
            return (step + 1) / (warmup + 1)
        return (1 + math.cos(math.pi * min(1, (step - warmup) / (steps - warmup)))) / 2
    return factor


def finetune(data, weights, batch, limit):
    """Each call is the next epoch of the recipe and its validation."""
    import PIL  # noqa: F401  says at once if it is missing
    train, val = Photos(data, 'train', limit), Photos(data, 'val', limit)
    batch = min(batch, len(train), len(val))
    options = {'batch_size': batch, 'num_workers': 2, 'persistent_workers': True}
    train_loader, val_loader = DataLoader(train, shuffle=True, **options), DataLoader(val, **options)
    model = SqueezeNet(classes=2)
    state = torch.load(weights)
    model.load_state_dict({name: w for name, w in state.items() if not name.startswith('classifier.1.')}, strict=False)
    parameters = dict(model.named_parameters())
    is_head = {name: name.startswith('classifier.1.') for name in parameters}
    cross_entropy = nn.CrossEntropyLoss()
    so_far = {'epoch': 0, 'right': 0.0}

    def enter(groups, epochs):
        moving = [p for group in groups for p in group['params']]
        for p in parameters.values():
            p.requires_grad_(any(p is q for q in moving))
        optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
        steps = epochs * len(train_loader)
        so_far['optimizer'], so_far['moving'] = optimizer, moving
        so_far['schedule'] = torch.optim.lr_scheduler.LambdaLR(optimizer, cosine(steps, min(5, steps - 1)))

    def chosen(test):
        return [p for name, p in parameters.items() if test(name)]

    def call():
        if so_far['epoch'] == 0:
            enter([{'params': chosen(lambda name: is_head[name]), 'lr': FIRST}], HEAD_EPOCHS)
        elif so_far['epoch'] == HEAD_EPOCHS:
            enter([
                {'params': chosen(lambda name: name.startswith(EARLY_LAYERS)), 'lr': EARLY},
                {'params': chosen(lambda name: not name.startswith(EARLY_LAYERS) and not is_head[name]), 'lr': LATE},
                {'params': chosen(lambda name: is_head[name]), 'lr': HEAD},
            ], EPOCHS)
        so_far['epoch'] += 1
        model.train()
        for x, t in train_loader:
            loss = cross_entropy(model(x), t)
            so_far['optimizer'].zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(so_far['moving'], 1)
            so_far['optimizer'].step()
            so_far['schedule'].step()
            loss.item()
        model.eval()
        right = 0
        with torch.no_grad():
            for x, t in val_loader:
                y = model(x)
                cross_entropy(y, t).item()
                right += int((y.argmax(1) == t).sum())
        so_far['right'] = right / len(val)

    def note():
        phase = 'head' if so_far['epoch'] <= HEAD_EPOCHS else 'all'
        return f"{phase}: {100 * so_far['right']:.1f} % of validation"

    return call, note
