"""The container files name things that exist. They are linted in CI; building them needs an engine that CI lacks."""

import re

import yaml

from kb.settings import PROJECT, Settings

OURS = {f"KB_{name.upper()}" for name in Settings.model_fields} | {"KB_WORKERS"}


def test_every_setting_they_name_is_a_setting():
    for name in ("Dockerfile", "compose.yaml"):
        named = set(re.findall(r"\bKB_[A-Z_]+", (PROJECT / name).read_text(encoding="utf-8")))
        assert named
        assert named <= OURS, name


def test_every_folder_that_is_copied_is_there():
    copied = re.findall(
        r"^COPY (?!--from)(.+) \S+$", (PROJECT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert copied
    assert [path for line in copied for path in line.split() if not (PROJECT / path).exists()] == []


def test_every_volume_and_dependency_is_declared():
    compose = yaml.safe_load((PROJECT / "compose.yaml").read_text(encoding="utf-8"))
    for service in compose["services"].values():
        assert {volume.split(":")[0] for volume in service["volumes"]} <= compose["volumes"].keys()
        assert service.get("depends_on", {}).keys() <= compose["services"].keys()
