"""Writes a checkpoint of train.py as a folder that open_clip loads.

    python snapshot.py CHECKPOINT WORDS OUT      (WORDS is words.json of the folder that render.py wrote)

    open_clip_config.json            shape of the two towers, and how images are prepared
    open_clip_model.safetensors      weights, 16-bit floats
    bpe_simple_vocab.txt.gz          open_clip's form of the tokenizer; merges.txt and vocab.json say the same

Then loads the folder with open_clip and holds its embeddings of random images and all words against ours.
"""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(1, str(Path(__file__).resolve().parents[1] / "scripts" / "goldens"))
import oracle  # noqa: E402, F401  before open_clip
import open_clip
import torch
import torch.nn.functional as F
from safetensors.torch import save_file

from model import PictureWorldCLIP, Shape
from tokenizer import Tokenizer
from train import MEAN, STD

TOLERANCE = 1e-5


def write(state, tokenizer, out):
    out.mkdir(parents=True, exist_ok=True)
    weights = {name: value.to(torch.float16).contiguous() for name, value in state["model"].items()}
    save_file(weights, out / "open_clip_model.safetensors")
    (out / "open_clip_model.safetensors").chmod(0o644)
    preparation = {"mean": [MEAN] * 3, "std": [STD] * 3, "interpolation": "bicubic", "resize_mode": "shortest"}
    config = {"model_cfg": state["shape"], "preprocess_cfg": preparation}
    (out / "open_clip_config.json").write_text(json.dumps(config, indent=1) + "\n")
    tokenizer.write(out)


def open_snapshot(folder):
    """The model, how it prepares an image, and its tokenizer, all from open_clip."""
    model, prepare = open_clip.create_model_from_pretrained(f"local-dir:{folder}")
    tokenizer = open_clip.SimpleTokenizer(str(folder / "bpe_simple_vocab.txt.gz"), context_length=model.context_length)
    return model.eval(), prepare, tokenizer


def worst_difference(state, tokenizer, out):
    """Largest difference between our embeddings and open_clip's, and whether both read every word alike."""
    theirs, _, read = open_snapshot(out)
    ours = PictureWorldCLIP(Shape.from_dict(state["shape"])).eval()
    ours.load_state_dict({name: value.half().float() for name, value in state["model"].items()})
    texts = tokenizer.words + [" ".join(tokenizer.words[i : i + 20]) for i in range(0, len(tokenizer.words), 20)]
    tokens = read(texts)
    assert tokens.tolist() == [tokenizer.encode(text) for text in texts], "open_clip reads a word in another way"
    vision = ours.shape.vision_cfg
    images = torch.randn(16, 3, vision.image_size, vision.image_size, generator=torch.Generator().manual_seed(0))
    patches = F.unfold(images, vision.patch_size, stride=vision.patch_size).transpose(1, 2)
    with torch.no_grad():
        pairs = [(ours.encode_image(patches), theirs.encode_image(images)),
                 (ours.encode_text(tokens), theirs.encode_text(tokens))]
    return max((F.normalize(a, dim=-1) - F.normalize(b, dim=-1)).abs().max().item() for a, b in pairs)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("words", type=Path)
    parser.add_argument("out", type=Path)
    settings = parser.parse_args()
    state = torch.load(settings.checkpoint, weights_only=False)
    tokenizer = Tokenizer(json.loads(settings.words.read_text()), state["shape"]["text_cfg"]["context_length"])
    write(state, tokenizer, settings.out)
    difference = worst_difference(state, tokenizer, settings.out)
    print(f"step {state['step']}; largest difference from open_clip {difference:.1e}")
    if difference > TOLERANCE:
        raise SystemExit(f"more than {TOLERANCE:.0e}")


if __name__ == "__main__":
    main()
