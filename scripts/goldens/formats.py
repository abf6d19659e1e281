#!/usr/bin/env python3
"""Makes Tests/Goldens/formats: one tiny random CLIP in every format that checkpoints come in, and what others say of it.

    scripts/goldens/formats.py

Made with open_clip 3.3, transformers 5.24, torch 2.13, safetensors, on a CPU. All folders hold the same weights, numbers that
fp16 has exactly, stored as fp16, so that all must give the same bytes. `golden.safetensors` has, for some of
Tests/Goldens/images/originals and TEXTS, open_clip's embeddings, the contributions of clip.py's float64 reference, and
transformers' embeddings, which the script compares with open_clip's. scripts/parity-formats uses the same writers on models
of full size.
"""

import json
import pathlib
import shutil

import oracle  # noqa: F401  before open_clip
import clip as reference
import open_clip
import torch
import transformers
from safetensors.torch import save_file

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "Tests" / "Goldens" / "formats"
IMAGES = ["alpha.png", "grey.jpg", "palette.png", "wide.png"]
TEXTS = ["a red cat", "two blue boats at night", ""]
OPENAI = {"mean": [0.48145466, 0.4578275, 0.40821073], "std": [0.26862954, 0.26130258, 0.27577711]}
TINY = {
    "embed_dim": 32, "quick_gelu": True,
    "vision_cfg": {"image_size": 32, "layers": 1, "width": 64, "patch_size": 16},
    "text_cfg": {"context_length": 16, "vocab_size": 707, "width": 64, "heads": 1, "layers": 1},
}


def random_model(config, seed=0):
    """An open_clip model in float32 whose weights are random (biases and norms too) and numbers that fp16 has."""
    torch.manual_seed(seed)
    model = open_clip.CLIP(**config).eval()
    with torch.no_grad():
        for name, value in model.named_parameters():
            if value.ndim < 2:
                noise = torch.randn(value.shape) * 0.1
                value.copy_(1 + noise if "ln_" in name and name.endswith("weight") else
                            value if value.ndim == 0 else noise)
            value.copy_(value.half().float())
    return model


def state_of(model, dtype):
    return {k: v.to(dtype).contiguous() for k, v in model.state_dict().items()}


# Writers: each takes a folder, a state dict under open_clip's names, the configuration and the preprocessing.


def config_file(folder, config, preprocess):
    whole = {"model_cfg": config, "preprocess_cfg": {**preprocess, "interpolation": "bicubic", "resize_mode": "shortest"}}
    (folder / "open_clip_config.json").write_text(json.dumps(whole, indent=1) + "\n")


def open_clip_safetensors(folder, state, config, preprocess):
    config_file(folder, config, preprocess)
    save_file(state, folder / "open_clip_model.safetensors")


def open_clip_bin(folder, state, config, preprocess):
    config_file(folder, config, preprocess)
    torch.save(state, folder / "open_clip_pytorch_model.bin")


def training_checkpoint(folder, state, config, preprocess):
    """As open_clip's trainer leaves it: a wrapper with an optimizer, names under `module.`."""
    config_file(folder, config, preprocess)
    optimizer = torch.optim.AdamW([torch.nn.Parameter(torch.zeros(3))])
    torch.save({"epoch": 3, "name": "tiny", "state_dict": {"module." + k: v for k, v in state.items()},
                "optimizer": optimizer.state_dict()}, folder / "open_clip_pytorch_model.bin")


def custom_text(folder, state, config, preprocess):
    """As CustomTextCLIP names them: the text tower's tensors under `text.`."""
    config_file(folder, {**config, "custom_text": True}, preprocess)
    save_file({k if k.startswith("visual.") or k == "logit_scale" else "text." + k: v for k, v in state.items()},
              folder / "open_clip_model.safetensors")


def hugging_face_state(state):
    """The same weights under transformers' names: query, key and value apart, projections transposed."""
    names = {
        "visual.conv1.weight": "vision_model.embeddings.patch_embedding.weight",
        "visual.class_embedding": "vision_model.embeddings.class_embedding",
        "visual.positional_embedding": "vision_model.embeddings.position_embedding.weight",
        "token_embedding.weight": "text_model.embeddings.token_embedding.weight",
        "positional_embedding": "text_model.embeddings.position_embedding.weight", "logit_scale": "logit_scale"}
    norms = {"visual.ln_pre": "vision_model.pre_layrnorm", "visual.ln_post": "vision_model.post_layernorm",
             "ln_final": "text_model.final_layer_norm"}
    inside = {"ln_1": "layer_norm1", "ln_2": "layer_norm2", "attn.out_proj": "self_attn.out_proj", "mlp.c_fc": "mlp.fc1",
              "mlp.c_proj": "mlp.fc2"}
    result = {}
    for key, value in state.items():
        stem, kind = key.rsplit(".", 1) if "." in key else (key, "")
        if key in names:
            result[names[key]] = value
        elif stem in norms:
            result[f"{norms[stem]}.{kind}"] = value
        elif key in ("visual.proj", "text_projection"):
            result["visual_projection.weight" if key == "visual.proj" else "text_projection.weight"] = value.T.contiguous()
        else:
            tower = "vision_model" if key.startswith("visual.") else "text_model"
            layer, rest = key.split("resblocks.")[1].split(".", 1)
            prefix = f"{tower}.encoder.layers.{layer}."
            if rest.startswith("attn.in_proj_"):
                for part, piece in zip("qkv", value.chunk(3)):
                    result[f"{prefix}self_attn.{part}_proj.{rest.rsplit('_', 1)[1]}"] = piece.contiguous()
            else:
                result[f"{prefix}{inside[rest.rsplit('.', 1)[0]]}.{kind}"] = value
    return result


def hugging_face_config(config):
    vision, text = config["vision_cfg"], config["text_cfg"]
    act = "quick_gelu" if config.get("quick_gelu") else "gelu"

    def tower(width, layers, heads, **more):
        return {"hidden_size": width, "intermediate_size": 4 * width, "num_hidden_layers": layers,
                "num_attention_heads": heads, "hidden_act": act, "projection_dim": config["embed_dim"], **more}

    end = text["vocab_size"] - 1
    return transformers.CLIPConfig(
        projection_dim=config["embed_dim"],
        vision_config=tower(vision["width"], vision["layers"], vision["width"] // vision.get("head_width", 64),
                            image_size=vision["image_size"], patch_size=vision["patch_size"]),
        text_config=tower(text["width"], text["layers"], text["heads"], vocab_size=text["vocab_size"],
                          max_position_embeddings=text["context_length"], bos_token_id=end - 1, eos_token_id=end))


def hugging_face_files(folder, config, preprocess):
    hugging_face_config(config).save_pretrained(folder)
    size = config["vision_cfg"]["image_size"]
    (folder / "preprocessor_config.json").write_text(json.dumps({
        "crop_size": {"height": size, "width": size}, "do_center_crop": True, "do_convert_rgb": True, "do_normalize": True,
        "do_rescale": True, "do_resize": True, "image_mean": preprocess["mean"], "image_std": preprocess["std"],
        "resample": 3, "rescale_factor": 1 / 255, "size": {"shortest_edge": size}}, indent=1) + "\n")


def hugging_face_safetensors(folder, state, config, preprocess):
    hugging_face_files(folder, config, preprocess)
    save_file(hugging_face_state(state), folder / "model.safetensors", metadata={"format": "pt"})


def hugging_face_bin(folder, state, config, preprocess):
    hugging_face_files(folder, config, preprocess)
    buffers = {f"{tower}.embeddings.position_ids": torch.arange(state[name].shape[0])[None] for tower, name in
               (("vision_model", "visual.positional_embedding"), ("text_model", "positional_embedding"))}
    torch.save({**hugging_face_state(state), **buffers}, folder / "pytorch_model.bin")


def sharded(folder, state, config, preprocess, stem, suffix, write):
    hugging_face_files(folder, config, preprocess)
    state = hugging_face_state(state)
    names = sorted(state)
    halves = [names[::2], names[1::2]]
    where = {}
    for number, half in enumerate(halves, 1):
        file = f"{stem}-{number:05d}-of-{len(halves):05d}.{suffix}"
        write({name: state[name] for name in half}, folder / file)
        where |= {name: file for name in half}
    (folder / f"{stem}.{suffix}.index.json").write_text(json.dumps(
        {"metadata": {"total_size": sum(v.nbytes for v in state.values())}, "weight_map": where}, indent=1) + "\n")


def hugging_face_sharded(folder, state, config, preprocess):
    sharded(folder, state, config, preprocess, "model", "safetensors", save_file)


def hugging_face_sharded_bin(folder, state, config, preprocess):
    sharded(folder, state, config, preprocess, "pytorch_model", "bin", torch.save)


def openai_archive(folder, state, config, preprocess):
    """TorchScript, as OpenAI's files: traced, in fp16, with its sizes as tensors; there is no configuration beside it."""
    assert config["quick_gelu"] and preprocess == OPENAI
    model = open_clip.CLIP(**config).eval()
    model.load_state_dict({k: v.float() for k, v in state.items()})
    for name, value in (("input_resolution", config["vision_cfg"]["image_size"]),
                        ("context_length", config["text_cfg"]["context_length"]),
                        ("vocab_size", config["text_cfg"]["vocab_size"])):
        if hasattr(model, name):
            delattr(model, name)
        model.register_buffer(name, torch.tensor(value))
    size, context = config["vision_cfg"]["image_size"], config["text_cfg"]["context_length"]
    image, text = torch.zeros(1, 3, size, size), torch.zeros(1, context, dtype=torch.long)
    traced = torch.jit.trace_module(model, {"encode_image": (image,), "encode_text": (text,)}, check_trace=False)
    traced = traced.half()
    torch.jit.save(traced, folder / "model.pt")


FORMATS = {
    "open_clip-safetensors": open_clip_safetensors, "open_clip-bin": open_clip_bin,
    "training-checkpoint": training_checkpoint, "custom-text": custom_text,
    "hugging-face-safetensors": hugging_face_safetensors, "hugging-face-bin": hugging_face_bin,
    "hugging-face-sharded": hugging_face_sharded, "hugging-face-sharded-bin": hugging_face_sharded_bin,
    "openai-archive": openai_archive,
}


def main():
    torch.set_num_threads(1)
    shutil.rmtree(OUT, ignore_errors=True)
    model = random_model(TINY)
    state = state_of(model, torch.float16)
    for name, write in FORMATS.items():
        folder = OUT / name
        folder.mkdir(parents=True)
        write(folder, state, TINY, OPENAI)
        for file in ("vocab.json", "merges.txt") if name.startswith("hugging") else ("bpe_simple_vocab.txt.gz",):
            shutil.copy(reference.TOKENIZER / file, folder)
    folder = OUT / "open_clip-safetensors"
    files = [ROOT / "Tests/Goldens/images/originals" / name for name in IMAGES]
    golden = reference.golden(folder, files, TEXTS)
    _, prep, config = reference.load(folder)
    theirs = transformers.CLIPModel.from_pretrained(OUT / "hugging-face-safetensors", dtype=torch.float32).eval()
    with torch.no_grad():
        found = theirs(input_ids=reference.tokens(folder, config, TEXTS),
                       pixel_values=torch.stack([prep(reference.Image.open(file)) for file in files]))
    for name, embedding in (("image_embeddings", found.image_embeds), ("text_embeddings", found.text_embeds)):
        worst = (embedding - golden[name]).abs().max().item()
        assert worst < 1e-6, (name, worst)
        print(f"{name}: transformers is {worst:.1e} from open_clip")
    reference.write(OUT / "golden.safetensors", golden, {"images": IMAGES, "texts": TEXTS})


if __name__ == "__main__":
    main()
