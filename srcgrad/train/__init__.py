"""Training: saving what was learnt, and going on from there."""

from srcgrad.train.checkpoints import Checkpoint, Checkpoints, CheckpointWarning
from srcgrad.train.saving import load, load_safetensors, save

__all__ = [
    "Checkpoint",
    "CheckpointWarning",
    "Checkpoints",
    "load",
    "load_safetensors",
    "save",
]
