"""A recurrent network learns to write, letter by letter: a gradient through a loop over time.

It reads sentences like "the owls never sleep." and learns to tell the next letter from those
before. The verb agrees with an animal whose last letter stands a dozen letters before, so the
network needs a memory, and the gradient has to reach back that far. The sentences are made by this
file, which therefore knows how many bits a letter carries on average: nobody can guess them with
fewer. In the end the network writes sentences of its own, and they are checked. Run it with

    python examples/char_rnn.py

Its matrices are small: if other programs run beside it, one thread for each product is faster, by
OPENBLAS_NUM_THREADS=1 (or what the BLAS of your numpy listens to) before the command.
"""

import numpy as np

from srcgrad import data, nn, optim, train, value_and_grad

SENTENCES = [
    f"the {animal}{of_animal} {adverb} {verb}{of_verb}.\n"
    for animal in ("badger", "cat", "dog", "frog", "owl", "rabbit")
    for adverb in ("also", "never", "often", "still")
    for verb in ("dance", "sing", "sleep", "wait")
    for of_animal, of_verb in (("", "s"), ("s", ""))
]
# Each sentence is as likely as any other.
OPTIMUM = np.log2(len(SENTENCES)) / np.mean([len(sentence) for sentence in SENTENCES])
LETTERS = sorted(set("".join(SENTENCES)))
READ = 4500  # so many sentences
STEPS = 48
BATCH = 32
EPOCHS = 15


def drawn(rng, count):
    """Sentences drawn at random, as the numbers of their letters."""
    return np.array([LETTERS.index(x) for x in "".join(rng.choice(SENTENCES, count))])


def shifted(rows):
    """Letters and those that follow them, with time as the first axis."""
    return rows.T[:-1], rows.T[1:]


def init(rng):
    """First parameters."""
    return {
        "letters": nn.init_embedding(rng, len(LETTERS), 16),
        "memory": nn.init_rnn(rng, 16, 64),
        "out": nn.init_dense(rng, 64, len(LETTERS)),
    }


def scores(params, letters, state=None):
    """How much speaks for each letter to come next, and the state of the memory.

    Args:
        params: the parameters.
        letters: numbers of letters, shape (steps, n).
        state: of the memory before the first letter, shape (n, 64); zeros by default.

    Returns:
        Scores after each letter, shape (steps, n, number of letters), and the last state.
    """
    states, state = nn.rnn(params["memory"], nn.embedding(params["letters"], letters), state)
    return nn.dense(params["out"], states), state


def loss(params, letters, following):
    """Mean cross-entropy of the following letters."""
    found, _ = scores(params, letters)
    return nn.cross_entropy(found.reshape(-1, len(LETTERS)), following.reshape(-1))


def write(params, count, seed):
    """A text of `count` letters: each is drawn as the network expects it after those before."""
    rng = np.random.default_rng(seed)
    text, state = "\n", None
    for _ in range(count):
        found, state = scores(params, np.array([[LETTERS.index(text[-1])]]), state)
        text += LETTERS[rng.choice(len(LETTERS), p=nn.softmax(found[0, 0]))]
    return text[1:]


def main(seed=0, progress=True):
    """Run the whole example, and return the parameters, bits per letter and share of sentences."""
    rng = np.random.default_rng(seed)
    letters = drawn(rng, READ)
    rows = letters[: len(letters) // (STEPS + 1) * (STEPS + 1)].reshape(-1, STEPS + 1)
    batches = data.arrays(rows).shuffle(seed).batch(BATCH).map(shifted)
    first = init(rng)

    text = value_and_grad(loss).source_for(first, *next(batches.epoch()))
    print("The gradient of the recurrent layer, backwards in time:\n")
    print(text[text.index("def rnn_bwd") : text.index("def embedding_bwd")].rstrip())
    print(f"\nBefore the training it writes\n\n{write(first, 60, seed)!r}\n")

    rate = optim.cosine(0.01, EPOCHS * len(batches))
    params, _ = train.fit(
        loss,
        first,
        batches,
        optim.chain(optim.clip_by_global_norm(1.0), optim.adam(rate)),
        epochs=EPOCHS,
        progress=progress,
    )
    bits = float(loss(params, *shifted(drawn(rng, 400)[None])) / np.log(2.0))
    print(f"A letter of a new text costs {bits:.3f} bits, at best it would be {OPTIMUM:.3f}")
    written = write(params, 4000, seed).splitlines(keepends=True)
    print(f"Now it writes\n\n{''.join(written[:8])}")
    right = sum(sentence in SENTENCES for sentence in written[:-1]) / len(written[:-1])
    print(f"{right:.0%} of {len(written) - 1} such sentences are right")
    return params, bits, right


if __name__ == "__main__":
    main()
