"""``kb eval``."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from indexer import relevance, tuning
from indexer.calibration import Calibration
from indexer.evaluation import COMPARED, Comparison, Evaluation, Laboratory, compare, evaluate
from indexer.significance import Difference, Estimate
from web.cli.context import CommandLine, json_option, pass_command_line
from web.cli.texts import _

LABELS = {"mrr@10": "MRR@10", "recall@1": "Recall@1", "recall@5": "Recall@5", "recall@10": "Recall@10",
          "success@3": "success@3", "ndcg@10": "nDCG@10"}  # fmt: skip


@click.command(
    "eval",
    help=_("用评测集量搜索质量：每个 FOLDER 是一个 BEIR 格式的评测集，在临时索引上跑，不碰正式数据。"),
)
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--compare", "settings", metavar="SETTING=VALUE[,…]", help=_("再用改过的设置问一遍，和默认设置配对比较"))
@click.option("--calibrate", is_flag=True, help=_("量“没有合适答案”的阈值：每个问题再藏起它的答案问一遍"))
@json_option
@pass_command_line
def evaluation(  # noqa: D103 - the help text says it
    line: CommandLine, folders: tuple[Path, ...], settings: str | None, calibrate: bool, as_json: bool
) -> None:
    if settings is not None and calibrate:
        raise click.UsageError(_("--compare 和 --calibrate 不能一起用"))
    changed = None if settings is None else tuning.parse(settings)
    sets = [relevance.load(folder) for folder in folders]
    done: list[dict[str, Any]] = []
    with Laboratory(line.search.engine.analysis) as laboratory:
        for given in sets:
            with line.progress(given.name) as bar:
                if calibrate:
                    curves = laboratory.calibrate(given, bar)
                    report, tables = _calibration_json(given.name, curves), [_calibration_table(it) for it in curves]
                elif changed is None:
                    found = evaluate(given, laboratory, bar)
                    report, tables = _as_json(found), [_table(found)]
                else:
                    compared = compare(given, laboratory, changed, bar)
                    report, tables = _comparison_json(compared), [_comparison_table(compared)]
            done.append(report)
            if not as_json:
                _print(line, given, tables)
    if as_json:
        line.print_json(done if len(done) > 1 else done[0])


def _print(line: CommandLine, given: relevance.RelevanceSet, tables: list[Table]) -> None:
    line.out.print(
        _("%(name)s：%(queries)s 个问题，%(documents)s 篇")
        % {"name": given.name, "queries": len(given.questions), "documents": len(given.documents)}
    )
    for table in tables:
        line.out.print(table)


def _table(item: Evaluation) -> Table:
    table = Table("", _("平均"), "95% " + _("区间"), box=None)
    for name, estimate in item.estimates().items():
        table.add_row(LABELS[name], f"{estimate.value:.3f}", _range(estimate))
    table.add_row(_("无结果"), f"{item.empty:.3f}", "")
    for share in (50, 95):
        table.add_row(f"p{share} ms", f"{item.percentile(share):.1f}", "")
    return table


def _comparison_table(item: Comparison) -> Table:
    table = Table("", _("默认"), _settings(item), _("差"), "95% " + _("区间"), "p", _("胜/负/平"), box=None)
    first, second = item.defaults.estimates(), item.other.estimates()
    for name, label in LABELS.items():
        row = [label, f"{first[name].value:.3f}", f"{second[name].value:.3f}"]
        if name in COMPARED:
            found = item.differences[name]
            row += [
                f"{found.mean.value:+.4f}",
                f"{found.mean.low:+.4f} – {found.mean.high:+.4f}",
                f"{found.p:.4f}",
                f"{found.wins}/{found.losses}/{found.ties}",
            ]
        table.add_row(*row)
    for share in (50, 95):
        table.add_row(f"p{share} ms", *(f"{each.percentile(share):.1f}" for each in (item.defaults, item.other)))
    return table


def _calibration_table(item: Calibration) -> Table:
    table = Table(item.name, _("答得出的照常显示"), _("答不出的不显示"), "J", box=None)
    for point in sorted({*item.points, item.best}, key=lambda point: point.threshold):
        mark = " ←" if point == item.best else ""
        table.add_row(
            f"{point.threshold:.4f}", f"{point.shown:.3f}", f"{point.withheld:.3f}", f"{point.youden:.3f}{mark}"
        )
    table.caption = f"AUC {item.auc.value:.3f} ({_range(item.auc)}) · " + _("最佳阈值 %(value)s（%(range)s）") % {
        "value": f"{item.threshold.value:.4f}",
        "range": f"{item.threshold.low:.4f}–{item.threshold.high:.4f}",
    }
    table.caption_justify = "left"
    return table


def _settings(item: Comparison) -> str:
    return ",".join(f"{name}={value}" for name, value in item.settings.items())


def _range(estimate: Estimate) -> str:
    return f"{estimate.low:.3f}–{estimate.high:.3f}"


def _as_json(item: Evaluation) -> dict[str, Any]:
    report: dict[str, Any] = {"name": item.name, "queries": item.queries, "documents": item.documents}
    for name, estimate in item.estimates().items():
        report |= _estimate_json(name, estimate)
    return report | {
        "empty": round(item.empty, 4),
        "p50_ms": round(item.percentile(50), 2),
        "p95_ms": round(item.percentile(95), 2),
    }


def _comparison_json(item: Comparison) -> dict[str, Any]:
    other = _as_json(item.other)
    report = _as_json(item.defaults) | {"settings": _settings(item)}
    report |= {f"other_{key}": other[key] for key in other if key not in {"name", "queries", "documents"}}
    for name, found in item.differences.items():
        report |= dict(_difference_json(name, found))
    return report


def _difference_json(name: str, found: Difference) -> Iterator[tuple[str, float]]:
    yield from _estimate_json(f"{name}_difference", found.mean).items()
    yield f"{name}_p", round(found.p, 4)
    yield f"{name}_wins", found.wins
    yield f"{name}_losses", found.losses
    yield f"{name}_ties", found.ties


def _estimate_json(name: str, found: Estimate) -> dict[str, float]:
    return {name: round(found.value, 4), f"{name}_low": round(found.low, 4), f"{name}_high": round(found.high, 4)}


def _calibration_json(name: str, curves: tuple[Calibration, ...]) -> dict[str, Any]:
    return {
        "name": name,
        "confidences": [
            {
                "name": item.name,
                "queries": item.questions,
                **_estimate_json("auc", item.auc),
                **_estimate_json("threshold", item.threshold),
                "shown": round(item.best.shown, 4),
                "withheld": round(item.best.withheld, 4),
                "youden": round(item.best.youden, 4),
                "points": [
                    {
                        "threshold": round(each.threshold, 4),
                        "shown": round(each.shown, 4),
                        "withheld": round(each.withheld, 4),
                    }
                    for each in item.points
                ],
            }
            for item in curves
        ],
    }
