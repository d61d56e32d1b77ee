"""
Makes the golden files beside it (.npz with the ONNX file among the arrays): tiny networks built of the blocks of well-known architectures, exported by PyTorch,
with logits and the input gradient of a random projection of the logits as PyTorch computes them in double precision.

    python3 make.py        with torch and torchvision
    python3 make.py dynamo with PyTorch 2's exporter (and onnxscript)
"""
import io
import sys
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import nn

warnings.filterwarnings('ignore')
here = Path(__file__).parent
dynamo = 'dynamo' in sys.argv


def head(channels):
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 5))


class Residual(nn.Module):
    def __init__(self, channels, out, stride):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, out, 3, stride, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU(),
            nn.Conv2d(out, out, 3, 1, 1, bias=False), nn.BatchNorm2d(out))
        self.short = nn.Sequential(nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x):
        return torch.relu(self.body(x) + self.short(x))


class SqueezeExcite(nn.Module):
    def __init__(self, channels, gate):
        super().__init__()
        self.scale = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(channels, 2, 1), nn.SiLU(), nn.Conv2d(2, channels, 1), gate)

    def forward(self, x):
        return x * self.scale(x)


class Inverted(nn.Module):
    def __init__(self, channels, activation, squeeze=None, kernel=3):
        super().__init__()
        wide = channels * 3
        self.body = nn.Sequential(
            nn.Conv2d(channels, wide, 1, bias=False), nn.BatchNorm2d(wide), activation,
            nn.Conv2d(wide, wide, kernel, 1, kernel // 2, groups=wide, bias=False), nn.BatchNorm2d(wide), activation,
            *([SqueezeExcite(wide, squeeze)] if squeeze else []), nn.Conv2d(wide, channels, 1, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x):
        return x + self.body(x)


class Dense(nn.Module):
    def __init__(self, channels, growth):
        super().__init__()
        layer = lambda i: nn.Sequential(nn.BatchNorm2d(i), nn.ReLU(), nn.Conv2d(i, growth, 3, 1, 1))
        self.a, self.b = layer(channels), layer(channels + growth)

    def forward(self, x):
        x = torch.cat([x, self.a(x)], 1)
        return torch.cat([x, self.b(x)], 1)


class Fire(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.squeeze, self.one, self.three = nn.Conv2d(channels, 3, 1), nn.Conv2d(3, 4, 1), nn.Conv2d(3, 4, 3, padding=1)

    def forward(self, x):
        x = torch.relu(self.squeeze(x))
        return torch.cat([torch.relu(self.one(x)), torch.relu(self.three(x))], 1)


class Shuffle(nn.Module):
    def __init__(self, channels):
        super().__init__()
        half = channels // 2
        self.body = nn.Sequential(nn.Conv2d(half, half, 1), nn.ReLU(), nn.Conv2d(half, half, 3, 1, 1, groups=half), nn.Conv2d(half, half, 1), nn.ReLU())

    def forward(self, x):
        a, b = x.chunk(2, dim=1)
        n, c, h, w = x.shape
        return torch.cat([a, self.body(b)], 1).view(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, c, h, w)


class Inception(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.a = nn.Conv2d(channels, 3, 1)
        self.b = nn.Sequential(nn.Conv2d(channels, 3, (1, 5), padding=(0, 2)), nn.Conv2d(3, 3, (5, 1), padding=(2, 0)))
        self.c = nn.Sequential(nn.AvgPool2d(3, 1, 1), nn.Conv2d(channels, 2, 1))
        self.d = nn.MaxPool2d(3, 1, 1)

    def forward(self, x):
        return torch.cat([self.a(x), self.b(x), self.c(x), self.d(x)], 1)


def transformers():
    from torchvision.models import swin_transformer, vision_transformer
    from torchvision.models.convnext import CNBlockConfig, ConvNeXt
    torch.manual_seed(7)
    vit = vision_transformer.VisionTransformer(image_size=16, patch_size=4, num_layers=2, num_heads=2, hidden_dim=8, mlp_dim=16, num_classes=5)
    nn.init.normal_(vit.heads.head.weight)
    yield 'vit', vit, 16
    yield 'swin', swin_transformer.SwinTransformer(patch_size=[2, 2], embed_dim=8, depths=[2, 2], num_heads=[2, 4], window_size=[4, 4], stochastic_depth_prob=0.0, num_classes=5), 16
    yield 'convnext', ConvNeXt([CNBlockConfig(8, 12, 2), CNBlockConfig(12, None, 1)], layer_scale=0.7, num_classes=5), 16


def networks():
    relu6, silu, swish = nn.ReLU6(), nn.SiLU(), nn.Hardswish()
    yield 'resnet', nn.Sequential(nn.Conv2d(3, 6, 7, 2, 3), nn.BatchNorm2d(6), nn.ReLU(), nn.MaxPool2d(3, 2, 1), Residual(6, 8, 1), Residual(8, 10, 2), head(10)), 24
    yield 'mobilenet_v2', nn.Sequential(nn.Conv2d(3, 6, 3, 2, 1), relu6, Inverted(6, relu6), Inverted(6, relu6), head(6)), 16
    yield 'mobilenet_v3', nn.Sequential(nn.Conv2d(3, 6, 3, 2, 1), swish, Inverted(6, swish, nn.Hardsigmoid(), 5), Inverted(6, nn.ReLU()), head(6)), 16
    yield 'densenet', nn.Sequential(nn.Conv2d(3, 6, 7, 2, 3), nn.MaxPool2d(3, 2, 1), Dense(6, 4), nn.BatchNorm2d(14), nn.ReLU(), nn.Conv2d(14, 6, 1), nn.AvgPool2d(2), Dense(6, 4), head(14)), 24
    yield 'squeezenet', nn.Sequential(nn.Conv2d(3, 6, 3, 2), nn.ReLU(), nn.MaxPool2d(3, 2, ceil_mode=True), Fire(6), Fire(8), nn.Dropout(), nn.Conv2d(8, 5, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()), 24
    yield 'efficientnet', nn.Sequential(nn.Conv2d(3, 6, 3, 2, 1), silu, Inverted(6, silu, nn.Sigmoid(), 5), Inverted(6, silu, nn.Sigmoid()), head(6)), 16
    yield 'shufflenet', nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU(), Shuffle(8), Shuffle(8), head(8)), 16
    yield 'inception', nn.Sequential(nn.Conv2d(3, 6, 3), nn.ReLU(), Inception(6), nn.ReLU(), head(14)), 14
    yield from transformers()


def bare(model):
    """The file without what speaks of the machine that it was made on."""
    proto = onnx.load_from_string(model)
    proto.graph.doc_string = ''
    del proto.metadata_props[:]
    for part in [proto.graph, *proto.graph.node, *proto.graph.value_info, *proto.graph.input, *proto.graph.output, *proto.graph.initializer, *proto.functions]:
        part.doc_string = ''
        # Older packages of ONNX do not know the field, and their exporter does not write it.
        if hasattr(part, 'metadata_props'):
            del part.metadata_props[:]
    return proto.SerializeToString()


def make(name, model, size, opset):
    torch.manual_seed(3)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.2)
            module.running_var.uniform_(0.5, 1.5)
            module.weight.data.uniform_(0.5, 1.5)
            module.bias.data.normal_(0, 0.2)
    model.float().eval()
    image = torch.randn(2, 3, size, size)
    path = here / f'{name}-{"dynamo-" if dynamo else ""}{opset}.npz'
    file = io.BytesIO()
    if dynamo:
        torch.onnx.export(model, (image,), dynamo=True, external_data=False, verbose=False, opset_version=opset, dynamic_shapes=({0: torch.export.Dim('N', min=1)},)).save(file)
    else:
        torch.onnx.export(model, image, file, opset_version=opset, input_names=['x'], output_names=['y'], dynamic_axes={'x': {0: 'N'}})
    x = image.double().requires_grad_()
    logits = model.double()(x)
    projection = torch.randn_like(logits).float()
    (logits * projection.double()).sum().backward()
    np.savez_compressed(path, model=np.frombuffer(bare(file.getvalue()), np.uint8), x=image.numpy(), logits=logits.detach().float().numpy(), projection=projection.numpy(), gradient=x.grad.float().numpy())
    print(path.name, f'{path.stat().st_size} bytes')


for name, model, size in networks():
    # Per network an operator set of its time, and with the newer exporter a newer one.
    recent = name in ('vit', 'swin', 'convnext', 'mobilenet_v3')
    for opset in ([18 if name in ('swin', 'mobilenet_v3', 'resnet') else 23] if dynamo else [16] if recent else [9 if name in ('resnet', 'densenet', 'squeezenet') else 13]):
        make(name, model, size, opset)
