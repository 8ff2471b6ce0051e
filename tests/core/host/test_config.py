"""The config and its mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from postlens.core.contract.problems import PostlensError
from postlens.core.host.config import BUILT_IN, Config, MeasureSettings, line_numbers, load


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(text, "utf-8")
    return path


def test_the_demo_config_is_valid() -> None:
    found = load(Path(__file__).parents[3] / "config.toml")
    assert found.config.plugins.enabled == list(BUILT_IN)


def test_every_setting_has_a_description() -> None:
    for name, section in Config.model_fields.items():
        model = MeasureSettings if name == "measures" else section.annotation
        for key, field in model.model_fields.items():  # type: ignore[union-attr]
            assert field.description, f"{name}.{key}"


def test_all_problems_at_once_with_line_and_nearest(tmp_path: Path) -> None:
    path = written(tmp_path, '[brand]\nnam = "x"\n[server]\nport = 99999\n[data]\ntimezone = "Europe/Lodnon"\n')
    with pytest.raises(PostlensError) as caught:
        load(path)
    said = str(caught.value)
    assert "config.toml line 2: brand.nam is not a setting." in said
    assert 'Did you mean "name"?' in said
    assert "config.toml line 4: server.port = 99999" in said
    assert 'Did you mean "Europe/London"?' in said


def test_broken_toml_says_where(tmp_path: Path) -> None:
    with pytest.raises(PostlensError, match="line 1"):
        load(written(tmp_path, "[brand\n"))


@pytest.mark.parametrize(
    "text", ["a = " + "[" * 20_000 + "]" * 20_000, "a" + ".a" * 3_000 + " = 1", "a" + ".a" * 21 + " = 1"]
)
def test_a_config_nested_beyond_reason_is_said_as_such(tmp_path: Path, text: str) -> None:
    with pytest.raises(PostlensError, match="nested too deeply"):
        load(written(tmp_path, text))


def test_a_mistyped_key_of_plugins_is_no_panel_table(tmp_path: Path) -> None:
    with pytest.raises(PostlensError, match='Did you mean "enabled"'):
        load(written(tmp_path, '[plugins]\nenable = ["eda"]\n'))


def test_without_a_file_the_built_ins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = load(None)
    assert found.config == Config()
    assert found.store != tmp_path / ".postlens"


def test_line_numbers() -> None:
    found = line_numbers('# x\n[a]\nb = 1\n[c.d]\n"e f" = 2\n')
    assert found == {"a": 2, "a.b": 3, "c.d": 4, "c.d.e f": 5}


def test_a_lenient_start_leaves_out_what_is_wrong_and_keeps_the_rest(tmp_path: Path) -> None:
    text = '[brand]\nnam = "x"\ncolor = "teal"\n[server]\nport = 99999\n[plugins]\nenable = ["eda"]\n[plugins.eda]\nby = "platform"\n'
    found = load(written(tmp_path, text), lenient=True)
    assert [p.where for p in found.problems] == ["config.toml line 7", "config.toml line 2", "config.toml line 5"]
    assert (found.config.brand.color, found.config.server.port) == ("teal", 8050)
    assert found.config.plugins.deployment_defaults == {"eda": {"by": "platform"}}
