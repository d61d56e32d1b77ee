"""PyTorch's side of purifier-step.bench.ts: python purifier_step.py state.npz THREADS.

Takes one step and writes its loss and gradient norm as one JSON line. Then reads a number of steps per line from stdin
and answers each with one JSON list: seconds for the attacked twins and for the training step, for every step taken;
with one thread the processor's seconds.

The network and the loss are those of src/engine/nn and src/engine/training/purifier-objective.ts, written once more.
"""
import json
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

path, threads = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(threads)
now = time.process_time if threads == 1 else time.perf_counter
data = {name: torch.from_numpy(value) for name, value in np.load(path).items()}
p = {name[2:]: torch.nn.Parameter(value.clone()) for name, value in data.items() if name.startswith("p.")}
c = {name[2:]: value for name, value in data.items() if name.startswith("c.")}


def standardised(name, gain):
    w = c[name + ".weight"]
    fan_in = w[0].numel()
    centred = w - w.mean((1, 2, 3), keepdim=True)
    variance = (centred ** 2).mean((1, 2, 3), keepdim=True)
    return centred / torch.sqrt(variance * fan_in + 1e-4) * (c[name + ".gain"] * gain)


frozen = {name[:-7]: standardised(name[:-7], 1.7139 if ("first" in name or "second" in name) else 1.0) for name in c if name.endswith(".weight") and name != "head.weight"}


def conv(name, x, stride=1):
    w = frozen[name]
    return F.conv2d(x, w, c[name + ".bias"], stride, w.shape[-1] // 2)


def classifier(x):
    h = conv("stem", (x - 0.5) / 0.25, 2)
    for stage in range(4):
        if stage:
            h = F.avg_pool2d(h, 2)
        name = f"stage{stage}.0"
        active = F.relu(h)
        branch = conv(name + ".second", F.relu(conv(name + ".first", active)))
        skip = conv(name + ".skip", active) if name + ".skip" in frozen else h
        h = skip + branch * c[name + ".factor"]
    return F.relu(h).mean((2, 3)) @ c["head.weight"] + c["head.bias"]


def layer(name, x, stride=1, activate=True):
    w = p[name + ".weight"]
    y = F.conv2d(x, w, p[name + ".bias"], stride, w.shape[-1] // 2)
    return F.leaky_relu(y, 0.1) if activate else y


def space_to_depth(x):
    n, ch, h, w = x.shape
    return x.reshape(n, ch, h // 2, 2, w // 2, 2).permute(0, 3, 5, 1, 2, 4).reshape(n, 4 * ch, h // 2, w // 2)


def depth_to_space(x):
    n, ch, h, w = x.shape
    return x.reshape(n, 2, 2, ch // 4, h, w).permute(0, 3, 4, 1, 5, 2).reshape(n, ch // 4, 2 * h, 2 * w)


def purifier(x):
    fine = layer("encode.fine2", layer("encode.fine1", (space_to_depth(x) - 0.5) / 0.25))
    middle = layer("encode.middle2", layer("encode.middle1", fine, 2))
    h = layer("encode.coarse", middle, 2)
    i = 0
    while f"bottleneck.{i}.weight" in p:
        h = layer(f"bottleneck.{i}", h)
        i += 1
    up = lambda name, v: F.interpolate(layer(name, v, activate=False), scale_factor=2, mode="nearest")
    m = layer("decode.middle", torch.cat([up("rise.middle", h), middle], 1))
    f = layer("decode.fine", torch.cat([up("rise.fine", m), fine], 1))
    return x - depth_to_space(layer("noise", f, activate=False)), h


x, start, labels = data["x"], data["start"], data["labels"]
epsilon, attack_steps = data["epsilon"].item(), int(data["attackSteps"].item())
n = len(x)
optimiser = torch.optim.AdamW(p.values(), lr=1e-3, weight_decay=0)


def twins():
    attacked = start
    for _ in range(attack_steps):
        attacked = attacked.detach().requires_grad_(True)
        F.cross_entropy(classifier(attacked), labels, reduction="sum").backward()
        moved = attacked.detach() + attacked.grad.sign() * (1.5 * epsilon / attack_steps)
        attacked = torch.minimum(torch.maximum(moved, x - epsilon), x + epsilon).clamp(0, 1)
    return attacked


def step(attacked):
    image, embedding = purifier(torch.cat([x, attacked]))
    reconstruction = 2 * F.l1_loss(image, torch.cat([x, x]))
    h = F.normalize(embedding.flatten(1), dim=1)
    distance = ((h[:n] - h[n:]) ** 2).sum(1).mean()
    with torch.no_grad():
        reference = classifier(x)
    answered = classifier(image)
    both = torch.cat([reference, reference])
    agreement = F.kl_div(F.log_softmax(answered, 1), F.log_softmax(both, 1), log_target=True, reduction="batchmean")
    loss = 10 * reconstruction + 0.5 * distance + agreement + 0.5 * F.cross_entropy(answered, torch.cat([labels, labels]))
    optimiser.zero_grad()
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(p.values(), 1.0)
    optimiser.step()
    return loss.item(), norm.item()


print(json.dumps(dict(zip(("loss", "gradientNorm"), step(twins())))), flush=True)
for line in sys.stdin:
    seconds = []
    for _ in range(int(line)):
        started = now()
        attacked = twins()
        between = now()
        step(attacked)
        seconds.append((between - started, now() - between))
    print(json.dumps(seconds), flush=True)
