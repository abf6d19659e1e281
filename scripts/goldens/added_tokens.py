#!/usr/bin/env python3
"""Writes Tests/Goldens/tokenizer/added.json: tokens of lines in which tokens are spelled out that were added to a vocabulary.

Made with tokenizers 0.23.3, the library of Hugging Face's that reads `tokenizer.json`, with the small vocabulary beside the
goldens and CLIP's own steps of normalising and splitting. The lines are plain enough for cleaning to change nothing but case and
white space, since open_clip's cleaning is not the library's.

    scripts/goldens/added_tokens.py
"""

import json
import pathlib

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers  # noqa: F401

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Goldens" / "tokenizer"
PATTERN = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
ADDED = [
    {"content": "<cat-toy>"}, {"content": "<cat-toy>_1"}, {"content": "<Big Dog>"},
    {"content": "<RAW>", "normalized": False}, {"content": "<special>", "special": True},
    {"content": "sks", "single_word": True}, {"content": "[left]", "lstrip": True, "rstrip": True},
]
LINES = [
    "a <cat-toy> on a table", "<cat-toy>", "a<cat-toy>b", "<cat-toy><cat-toy>_1 and <cat-toy>_2", "A <CAT-TOY> ON A TABLE",
    "<cat-toy", "a <big dog> and a <BIG   DOG>", "a <RAW> and a <raw>", "<RAW><cat-toy><RAW>", "a <special> and a <SPECIAL>",
    "sks dog", "a sks, a SKS and risks", "sks_1 sks-1 _sks ésks", "a [left] b[left]c [ left ]", "no token at all", "",
    "'s<cat-toy>'s", "1<cat-toy>2", "< cat-toy >",
]


def main():
    tokens = json.loads((FOLDER / "small" / "vocab.json").read_text())
    merges = [tuple(line.split()) for line in (FOLDER / "small" / "merges.txt").read_text().split("\n")[1:] if line]
    tokenizer = Tokenizer(models.BPE(vocab=tokens, merges=merges, end_of_word_suffix="</w>", fuse_unk=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(PATTERN), behavior="removed", invert=True),
         pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    for entry in ADDED:
        settings = dict(entry)
        special = settings.pop("special", False)
        token = AddedToken(settings.pop("content"), special=special, **settings)
        (tokenizer.add_special_tokens if special else tokenizer.add_tokens)([token])
    added = [entry for entry in json.loads(tokenizer.to_str())["added_tokens"]]
    lines = [{"line": line, "ids": tokenizer.encode(line).ids} for line in LINES]
    text = json.dumps({"added": added, "lines": lines}, ensure_ascii=True)
    (FOLDER / "added.json").write_text(text.replace("}, {", "},\n{") + "\n")
    print(len(added), "added tokens,", len(lines), "lines")


if __name__ == "__main__":
    main()
