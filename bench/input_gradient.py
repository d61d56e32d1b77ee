"""PyTorch's side of input-gradient.bench.ts.

`export MODEL FOLDER BATCH` writes model.onnx (random weights, eval mode, open batch) and golden.npz: images, labels,
logits and the gradient of the summed cross-entropy by the images.

`serve MODEL FOLDER THREADS` reads a number of runs per line from stdin and answers with one JSON list of seconds. Of the
settings that a user would try (memory layout, batch normalisation folded into the convolutions) it takes the fastest,
and says which on its first line.
"""
import json
import os
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
import torchvision
from torch.fx.experimental.optimization import fuse

SIDE = 224


def network(name):
    torch.manual_seed(1)
    model = getattr(torchvision.models, name)(weights=None).eval()
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    # Freshly initialised statistics would make batch normalisation the identity.
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 2)
    return model


def gradient(model, x, labels):
    x = x.detach().requires_grad_(True)
    logits = model(x)
    F.cross_entropy(logits, labels, reduction="sum").backward()
    return logits.detach(), x.grad


def export(name, folder, batch):
    model = network(name)
    x, labels = torch.rand(batch, 3, SIDE, SIDE), torch.arange(batch) % 1000
    axes = {"x": {0: "n"}, "logits": {0: "n"}}
    torch.onnx.export(model, x[:1], os.path.join(folder, "model.onnx"), opset_version=13, input_names=["x"], output_names=["logits"], dynamic_axes=axes)
    logits, dx = gradient(model, x, labels)
    np.savez(os.path.join(folder, "golden.npz"), x=x.numpy(), labels=labels.numpy(), logits=logits.numpy(), gradient=dx.numpy())
    print(json.dumps({"parameters": sum(p.numel() for p in model.parameters())}))


def timed(model, x, labels, runs):
    seconds = []
    for _ in range(runs):
        started = time.perf_counter()
        gradient(model, x, labels)
        seconds.append(time.perf_counter() - started)
    return seconds


def serve(name, folder, threads):
    torch.set_num_threads(threads)
    golden = np.load(os.path.join(folder, "golden.npz"))
    x, labels = torch.from_numpy(golden["x"]), torch.from_numpy(golden["labels"])
    settings = {}
    for layout, memory in (("NCHW", torch.contiguous_format), ("channels last", torch.channels_last)):
        for folded in (False, True):
            model = network(name)
            if folded:
                model = fuse(model)
            settings[layout + (", folded" if folded else "")] = (model.to(memory_format=memory), x.contiguous(memory_format=memory))
    best = {setting: min(timed(*given, labels, 3)[1:]) for setting, given in settings.items()}
    chosen = min(best, key=best.get)
    print(json.dumps({"setting": chosen, "seconds": best}), flush=True)
    for line in sys.stdin:
        print(json.dumps(timed(*settings[chosen], labels, int(line))), flush=True)


if sys.argv[1] == "export":
    export(sys.argv[2], sys.argv[3], int(sys.argv[4]))
else:
    serve(sys.argv[2], sys.argv[3], int(sys.argv[4]))
