"""The corpus of `tests/programs` under srcgrad and its peers: who is right, wrong, or refuses.

    python -m benchmarks.scoreboard                   # write docs/scoreboard.md
    python -m benchmarks.scoreboard jax loops         # print what some do on programs with a name

`reference` finds the true gradients, `libraries` asks each library, `worker` does so in a process
of its own, `judge` compares, `page` writes.
"""
