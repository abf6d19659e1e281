"""A byte-pair tokenizer in CLIP's form in which every word of the picture-world is one token.

Merges are learnt on the list of words until nothing is left to merge. The numbers are open_clip's: 256 bytes, 256 bytes
that end a word, the merges, the start and the end. A padded place is 0.
"""

import collections
import gzip
import json

START, END = "<start_of_text>", "<end_of_text>"


def byte_letters():
    """The letter by which CLIP's tokenizer writes each byte, in its order: printable ones stand for themselves."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return [chr(byte) for byte in printable] + [chr(256 + i) for i in range(len(others))]


def joined(pieces, pair):
    result = []
    for piece in pieces:
        # A pair never overlaps itself here: after a match the joined piece is longer than pair[0].
        if result and (result[-1], piece) == pair:
            result[-1] += piece
        else:
            result.append(piece)
    return result


def learn_merges(words):
    """Pairs to merge, in order, after which every word is one piece."""
    pieces = {word: [*word[:-1], word[-1] + "</w>"] for word in sorted(words)}
    merges = []
    while any(len(parts) > 1 for parts in pieces.values()):
        counts = collections.Counter(pair for parts in pieces.values() for pair in zip(parts, parts[1:]))
        pair = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(pair)
        pieces = {word: joined(parts, pair) for word, parts in pieces.items()}
    return merges


class Tokenizer:
    def __init__(self, words, context_length):
        self.words, self.context_length = sorted(words), context_length
        self.merges = learn_merges(self.words)
        letters = byte_letters()
        vocabulary = letters + [letter + "</w>" for letter in letters]
        vocabulary += [first + second for first, second in self.merges] + [START, END]
        self.numbers = {piece: number for number, piece in enumerate(vocabulary)}
        assert len(self.numbers) == len(vocabulary), "two ways to the same piece"

    def __len__(self):
        return len(self.numbers)

    def word_numbers(self):
        return [self.numbers[word + "</w>"] for word in self.words]

    def encode(self, text):
        """The numbers of a text of known words, padded with 0 to the context length."""
        numbers = [self.numbers[START], *(self.numbers[word + "</w>"] for word in text.split()), self.numbers[END]]
        if len(numbers) > self.context_length:
            raise ValueError(f"{len(numbers)} tokens, but at most {self.context_length}: {text}")
        return numbers + [0] * (self.context_length - len(numbers))

    def write(self, folder):
        """The files by which open_clip (bpe_simple_vocab.txt.gz) and others (vocab.json, merges.txt) know it."""
        lines = [f"{first} {second}" for first, second in self.merges]
        with gzip.GzipFile(folder / "bpe_simple_vocab.txt.gz", "wb", mtime=0) as file:
            file.write("\n".join(["#version: picture-world 1", *lines]).encode())
        (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *lines, ""]))
        (folder / "vocab.json").write_text(json.dumps(self.numbers, ensure_ascii=False))
