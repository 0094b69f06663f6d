"""The image, the compose file and the action fit the program that they start."""

import os
import signal
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import urllib3
from ruamel.yaml import YAML

from mcs.server.config import ENVIRONMENT_PREFIX, ServerConfig
from tests.packaging.wheel import BUILT_FROM, COMMAND_S, ROOT

SETTINGS = {ENVIRONMENT_PREFIX + option.name.upper() for option in fields(ServerConfig)}


def test_the_image_is_built_from_all_that_the_wheel_is() -> None:
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()

    assert {line.removeprefix("!") for line in lines if line.startswith("!")} == set(BUILT_FROM)


def test_image_and_compose_file_set_what_the_server_reads() -> None:
    image = (ROOT / "Dockerfile").read_text("utf-8").split()
    composed = _yaml("compose.yaml")["services"]["mcs"]["environment"]

    given = {word.partition("=")[0] for word in image if word.startswith("MCS_")} | set(composed)

    assert len(given) > 3
    assert given <= SETTINGS


def test_the_action_starts_a_service_and_hands_out_its_data_space(tmp_path: Path) -> None:
    start = next(step for step in _yaml("action.yml")["runs"]["steps"] if step.get("id") == "start")
    env = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_ENV": str(tmp_path / "env"),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "DATA_SPACE": "ci",
        "SETTINGS": '{"mode": "strict"}',
        "PORT": "0",
    }

    shell = subprocess.Popen(
        ["bash", "-e", "-o", "pipefail", "-c", start["run"]],
        cwd=tmp_path,
        env={**os.environ, **env},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        said = shell.communicate(timeout=COMMAND_S)[0]
        handed = _assignments(tmp_path / "env")
        space = urllib3.request(
            "GET", f"{handed['MCS_URL']}/control/data-spaces/{handed['MCS_DATA_SPACE']}"
        ).json()
    finally:
        os.killpg(shell.pid, signal.SIGTERM)

    assert shell.returncode == 0
    assert space["settings"]["mode"] == "strict"
    assert f"::add-mask::{handed['MCS_API_KEY']}" in said
    assert "BEGIN PRIVATE KEY" in Path(handed["MCS_PRIVATE_KEY_FILE"]).read_text("utf-8")
    assert _assignments(tmp_path / "output")["url"] == handed["MCS_URL"]


def _yaml(name: str) -> Any:
    return YAML(typ="safe").load((ROOT / name).read_text("utf-8"))


def _assignments(file: Path) -> dict[str, str]:
    lines = file.read_text("utf-8").splitlines()
    return {name: value for name, _, value in (line.partition("=") for line in lines)}
