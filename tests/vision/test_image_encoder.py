"""Image encoders: taken apart as torchvision has them, one preprocessing, one photo as a batch of many."""

import pytest
import torch
from torch import Tensor
from torchvision.models import Inception_V3_Weights
from torchvision.models.inception import Inception3

from seq2seq.vision.config import ImageConfig
from seq2seq.vision.image_encoder import build_image_encoder, imagenet_labels


def photos(count: int, size: int = 224) -> Tensor:
    return torch.randint(0, 256, (count, 3, size, size), dtype=torch.uint8)


def test_inception_is_torchvisions() -> None:
    torch.manual_seed(1)
    encoder = build_image_encoder(ImageConfig()).eval()
    torch.manual_seed(1)
    other = Inception3(num_classes=1000, aux_logits=False, transform_input=False, init_weights=False).eval()
    ours, theirs = encoder.network.state_dict(), other.state_dict()
    assert list(ours) == list(theirs)  # in the same order, so that a seed draws the same
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    pixels = encoder.scale(photos(1))
    with torch.inference_mode():
        seen = encoder.encode_pixels(pixels)
        assert seen.logits is not None
        assert torch.allclose(seen.logits, other(pixels), atol=1e-5)
    assert seen.grid == (8, 8) == (encoder.grid_side(299),) * 2
    assert seen.regions.shape == (1, 64, 2048)
    assert torch.allclose(seen.regions.mean(1), seen.pooled, atol=1e-5)


def test_regions_run_row_by_row() -> None:
    """A photo that is dark but for its top right corner excites that corner's region most."""
    encoder = build_image_encoder(ImageConfig(name="tiny", size=100, classes=0)).eval()
    for parameter in encoder.parameters():
        torch.nn.init.constant_(parameter, 0.1)
    photo = torch.zeros(1, 3, 224, 224, dtype=torch.uint8)
    photo[:, :, :20, -20:] = 255
    seen = encoder(photo)
    rows, columns = seen.grid
    assert int(seen.regions.sum(2).argmax()) == columns - 1
    assert seen.logits is None
    assert rows == columns == encoder.grid_side(100)


def test_pixels_are_scaled_once_into_the_range_that_the_network_wants() -> None:
    extremes = torch.zeros(1, 3, 224, 224, dtype=torch.uint8)
    extremes[..., :112] = 255
    for pixels, low in (("0..1", 0.0), ("-1..1", -1.0)):
        encoder = build_image_encoder(ImageConfig.model_validate({"name": "tiny", "size": 80, "pixels": pixels}))
        scaled = encoder.scale(extremes)
        assert (float(scaled.min()), float(scaled.max())) == pytest.approx((low, 1.0), abs=1e-6)


def test_a_batch_gives_what_single_photos_give() -> None:
    encoder = build_image_encoder(ImageConfig(name="tiny", size=80)).eval()
    batch = photos(8)
    together = encoder(batch)
    for number in range(8):
        alone = encoder(batch[number : number + 1])
        assert torch.allclose(alone.regions[0], together.regions[number], atol=1e-6)
        assert torch.allclose(alone.pooled[0], together.pooled[number], atol=1e-6)


def test_the_official_range_is_what_transform_input_makes_of_normalised_pixels() -> None:
    """torchvision's Inception with transform_input=True takes (x - mean) / deviation and sees 2 x - 1."""
    encoder = build_image_encoder(ImageConfig(pixels="-1..1")).eval()
    values = torch.rand(1, 3, 299, 299)
    mean, deviation = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    normalised = (values - mean[:, None, None]) / deviation[:, None, None]
    network = Inception3(num_classes=1, aux_logits=False, transform_input=True, init_weights=False)
    assert torch.allclose(network._transform_input(normalised), encoder.normalise_pixels(values), atol=1e-5)


def test_there_are_a_thousand_names() -> None:
    assert imagenet_labels() == Inception_V3_Weights.IMAGENET1K_V1.meta["categories"]
