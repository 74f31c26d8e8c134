"""Install the app's requirements with the build of torch that suits this machine, and say which.

python tools/install.py REQUIREMENT ...    (what `pip install` takes; run by the Python that they are for)
Without a GPU the CPU build of torch is enough; the default one brings some 6 GB of CUDA files. It is taken from the
index in the variable TORCH_INDEX (pytorch.org/get-started/locally shows it), or from the indexes that pip uses, if
they have one. A torch that is installed already stays.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

PIP = (sys.executable, "-m", "pip")
INDEX = "TORCH_INDEX"


def torch_range() -> str:
    """Return the requirement of torch that pyproject.toml states."""
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(next(one for one in project["dependencies"] if re.match(r"torch\b", one)))


def has_gpu() -> bool:
    """Return whether the default build may find a GPU here, as on every Mac."""
    return sys.platform == "darwin" or shutil.which("nvidia-smi") is not None or Path("/dev/nvidia0").exists()


def cpu_build() -> str | None:
    """Return the newest CPU build of torch on pip's own indexes, as a requirement; None if there is none."""
    asked = subprocess.run([*PIP, "index", "versions", "torch"], capture_output=True, text=True, check=False)
    found = re.search(r"Available versions: (.*)", asked.stdout)
    builds = [one for one in found[1].split(", ") if one.endswith("+cpu")] if found else []
    return f"torch=={builds[0]}" if builds else None


def torch_arguments() -> list[str]:
    """Return what pip is to be given for torch, after saying why; nothing if the default build is right."""
    if importlib.util.find_spec("torch"):
        print("torch is installed here already; it stays.")
        return []
    if has_gpu():
        print("The default build of torch is installed, for this machine's GPU.")
        return []
    if index := os.environ.get(INDEX):
        print(f"No GPU here: the CPU build of torch is installed, from {INDEX}.")
        return ["--index-url", index, torch_range()]
    if build := cpu_build():
        print(f"No GPU here: the CPU build is installed, {build}.")
        return [build]
    print(
        "No GPU here, and no index of CPU builds: pip's default torch is installed, with some 6 GB of CUDA files. "
        f"To spare them, set {INDEX} to the index that pytorch.org/get-started/locally shows for CPU."
    )
    return []


def main() -> None:
    """Install torch, then the requirements beside it."""
    if arguments := torch_arguments():
        subprocess.run([*PIP, "install", "--quiet", *arguments], check=True)
    subprocess.run([*PIP, "install", "--quiet", *sys.argv[1:]], check=True)


if __name__ == "__main__":
    main()
