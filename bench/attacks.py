"""One attack of another library on the reference network: python attacks.py state.npz THREADS PEERS NAME EPS JSON -> one JSON line.

PEERS is a folder that holds the packages torchattacks, autoattack, and foolbox with eagerpy. The network is the
reference one (four convolutions of stride 1, 2, 2, 2 and a linear layer) with the weights of its ONNX file.
"""
import importlib
import json
import os
import sys
import time
import types

import numpy as np
import torch
import torch.nn.functional as F

path, threads, peers, name, eps, options = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4], float(sys.argv[5]), json.loads(sys.argv[6])
torch.set_num_threads(threads)
data = {key: torch.from_numpy(value) for key, value in np.load(path).items()}
x, y = data["x"], data["y"]


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.anchor = torch.nn.Parameter(torch.zeros(1))  # libraries ask a model's parameters for its device

    def forward(self, h):
        for layer, stride in zip(["c1", "c2", "c3", "c4"], [1, 2, 2, 2]):
            h = F.relu(F.conv2d(h, data[layer + ".weight"], data[layer + ".bias"], stride, 1))
        return F.linear(h.flatten(1), data["fc.weight"], data["fc.bias"])


def package(name):
    """A package without its __init__, which would import all attacks and what those need."""
    module = types.ModuleType(name)
    module.__path__ = [os.path.join(peers, *name.split("."))]
    sys.modules[name] = module


def torchattacks(module, cls, **arguments):
    package("torchattacks")
    attack = getattr(importlib.import_module("torchattacks.attacks." + module), cls)(net, **arguments)
    return lambda: attack(x, y)


def foolbox(module, cls, **arguments):
    sys.path.insert(0, peers)
    package("foolbox")
    package("foolbox.attacks")
    model = importlib.import_module("foolbox.models.pytorch").PyTorchModel(net, bounds=(0, 1), device="cpu")
    attack = getattr(importlib.import_module("foolbox.attacks." + module), cls)(**arguments)
    return lambda: attack(model, x, y, epsilons=None)[0]


def autoattack(**only):
    sys.path.insert(0, peers)
    library = importlib.import_module("autoattack").AutoAttack(net, norm="Linf", eps=eps, seed=0, verbose=False, device="cpu", **only)
    library.apgd.n_restarts = library.fab.n_restarts = library.apgd_targeted.n_restarts = library.square.n_restarts = 1
    return lambda: library.run_standard_evaluation(x, y, bs=len(x))


def member(which):
    return lambda: autoattack(version="custom", attacks_to_run=[which])


known = {
    "fgsm": lambda: torchattacks("fgsm", "FGSM", eps=eps),
    "bim": lambda: torchattacks("bim", "BIM", eps=eps, alpha=options["stepSize"], steps=options["steps"]),
    "mifgsm": lambda: torchattacks("mifgsm", "MIFGSM", eps=eps, alpha=options["stepSize"], steps=options["steps"], decay=options["decay"]),
    "pgd": lambda: torchattacks("pgd", "PGD", eps=eps, alpha=options["stepSize"], steps=options["steps"], random_start=bool(options["randomStart"])),
    "deepfool": lambda: torchattacks("deepfool", "DeepFool", steps=options["steps"], overshoot=options["overshoot"]),
    "cw": lambda: foolbox("carlini_wagner", "L2CarliniWagnerAttack", binary_search_steps=options["searches"], steps=options["steps"], stepsize=options["learningRate"], initial_const=options["initialC"]),
    "spsa": lambda: torchattacks("spsa", "SPSA", eps=eps, delta=options["delta"], lr=options["learningRate"], nb_iter=options["iterations"], nb_sample=options["pairs"], max_batch_size=64),
    "apgd": member("apgd-ce"),
    "apgd-dlr": member("apgd-dlr"),
    "apgdt": member("apgd-t"),
    "fab": member("fab-t"),
    "square": member("square"),
    "autoattack": lambda: autoattack(version="standard"),
}
net = Net().eval()
for _ in range(3):
    net(x[:8].clone().requires_grad_()).sum().backward()
attack = known[name]()
began = time.perf_counter()
adversarial = attack()
seconds = time.perf_counter() - began
with torch.no_grad():
    broken = net(adversarial).argmax(1) != y
distance = (adversarial - x).flatten(1).norm(dim=1)
print(json.dumps({"seconds": seconds, "robust": 1 - broken.float().mean().item(), "medianL2": distance.sort().values[len(distance) // 2].item()}))
