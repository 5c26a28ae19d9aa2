"""``kb eval``."""

from pathlib import Path
from statistics import median

import click
from rich.table import Table

from indexer import relevance
from indexer.evaluation import Evaluation, evaluate
from web.cli.context import CommandLine, json_option, pass_command_line
from web.cli.texts import _


@click.command(
    "eval",
    help=_("用评测集量搜索质量：每个 FOLDER 是一个 BEIR 格式的评测集，在临时索引上跑，不碰正式数据。"),
)
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path))
@json_option
@pass_command_line
def evaluation(line: CommandLine, folders: tuple[Path, ...], as_json: bool) -> None:  # noqa: D103
    analysis = line.search.engine.analysis
    done: list[Evaluation] = []
    for folder in folders:
        given = relevance.load(folder)
        with line.progress(given.name) as bar:
            done.append(evaluate(given, analysis, progress=bar))
    if as_json:
        line.print_json([_as_json(item) for item in done])
        return
    table = Table(_("评测集"), _("问题"), "MRR@10", "success@3", "nDCG@10", _("无结果"), "p50 ms", "p95 ms", box=None)
    for item in done:
        row = _as_json(item)
        shares = (f"{row[name]:.3f}" for name in ("mrr", "success", "ndcg", "empty"))
        table.add_row(item.name, str(item.measures.questions), *shares, f"{row['p50_ms']:.1f}", f"{row['p95_ms']:.1f}")
    line.out.print(table)


def _as_json(item: Evaluation) -> dict[str, str | int | float]:
    ordered = sorted(item.milliseconds)
    return {
        "name": item.name,
        "questions": item.measures.questions,
        "mrr": round(item.measures.mrr, 4),
        "success": round(item.measures.success, 4),
        "ndcg": round(item.measures.ndcg, 4),
        "empty": round(item.measures.empty, 4),
        "p50_ms": round(median(ordered), 1),
        "p95_ms": round(ordered[int(len(ordered) * 0.95)], 1),
    }
