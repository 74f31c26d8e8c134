"""The verbs about photo encoders: train-trunk, import-trunk."""

from pathlib import Path

import click

from seq2seq.checkpoint import check_unused, read_weights
from seq2seq.cli.options import threads_option
from seq2seq.cli.train import recipe_file, set_option
from seq2seq.data.photos import read_captions, normalise_caption, square_photos
from seq2seq.distributed import group
from seq2seq.models.image import ImageConfig, build_image_encoder, official_weights
from seq2seq.training.distil import Teacher, frequent_words, read_teacher, word_shares
from seq2seq.training.loop import training_folder
from seq2seq.training.recipe import read_changed
from seq2seq.training.trunk import Lessons, TrunkRecipe, TrunkTraining
from seq2seq.trunk import fill_encoder, write_trunk
