"""Lets open_clip be imported where torch is the CPU build and torchvision, which open_clip imports, is not.

torchvision registers shapes for its own compiled operators on import and fails where they could not be loaded. None of them
is used by CLIP, so declaring the missing ones is enough. Where torchvision loads, nothing is declared. Import this before
open_clip.
"""

import sys

import torch

try:
    import torchvision  # noqa: F401
except RuntimeError:
    for _module in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[_module]
    _OPERATORS = [f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor" for name in ("nms", "qnms")]
    _library = torch.library.Library("torchvision", "FRAGMENT")
    for _operator in _OPERATORS:
        if not hasattr(torch.ops.torchvision, _operator.split("(")[0]):
            _library.define(_operator)
