"""Lets open_clip be imported where torch is the CPU build and torchvision, which open_clip imports, is not.

torchvision registers shapes for its own compiled operators on import and fails where they could not be loaded. None of them
is used by CLIP, so declaring the missing ones is enough. Where torchvision is whole nothing is declared: an operator that is
declared twice ends the process. Import this before open_clip.
"""

import torch

try:
    import torchvision  # noqa: F401
except RuntimeError:
    # Kept, since what a library declares goes with it.
    _library = torch.library.Library("torchvision", "FRAGMENT")
    for _name in ("nms", "qnms"):
        if not hasattr(torch.ops.torchvision, _name):
            _library.define(f"{_name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
