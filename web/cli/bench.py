"""``kb bench``."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from web.cli.context import CommandLine, json_option, pass_command_line
from web.cli.texts import _

if TYPE_CHECKING:
    from indexer.bench.figures import Latency
    from indexer.bench.report import Asking, Report, Row

MEBIBYTE = 1024 * 1024
BASELINES = ("whoosh", "fts5", "tantivy", "bm25s")

STAGES = {
    "prepare": _("准备"),
    "build": _("建索引"),
    "embed": _("句向量"),
    "cut": _("分词"),
    "edit": _("改一条到能搜到"),
    "one_process": _("一个进程提问"),
    "two_processes": _("两个进程同时提问"),
    "comparison": _("各引擎轮流提问"),
}


@click.command(help=_("性能测量：造 N 篇文字统计接近真实的知识，在临时文件夹里建索引、提问，并与别的引擎对照。"))
@click.option("--documents", type=click.IntRange(min=1), default=10_000, show_default=True, help=_("造多少篇"))
@click.option("--queries", type=click.IntRange(min=1), default=300, show_default=True, help=_("问多少个问题"))
@click.option(
    "--seed", type=click.IntRange(min=0), default=1, show_default=True, help=_("随机种子，同一个造出同样的内容")
)
@click.option(
    "--baseline-documents",
    type=click.IntRange(min=0),
    help=_("对照引擎只用前多少篇（Whoosh 很慢）；0 不对照，默认与 --documents 相同"),
)
@click.option("--embedder", default="use", show_default=True, help=_("句向量模型，none 不用"))
@click.option("--without", multiple=True, type=click.Choice(BASELINES), help=_("不要这个对照引擎，可以重复"))
@json_option
@pass_command_line
def bench(  # noqa: D103
    line: CommandLine,
    documents: int,
    queries: int,
    seed: int,
    baseline_documents: int | None,
    embedder: str,
    without: tuple[str, ...],
    as_json: bool,
) -> None:
    from indexer.bench.report import Order  # noqa: PLC0415
    from indexer.bench.run import run  # noqa: PLC0415 - numpy and what else only this command needs

    order = Order(
        documents=documents,
        baseline_documents=documents if baseline_documents is None else baseline_documents,
        queries=queries,
        seed=seed,
        embedder=embedder,
        without=without,
    )
    with _stages(line) as stages:
        report = run(order, line.settings.content, line.settings.dictionary_path, progress=stages)
    if as_json:
        line.print_json(asdict(report))
    else:
        _print(line, report)


class _Stages:
    """A progress bar for each stage, added when it begins."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, stage: str, done: int | None, total: int | None) -> None:
        for other, task in self._tasks.items():
            if other != stage:
                self._progress.stop_task(task)
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(STAGES.get(stage, stage), total=total)
        if done is not None:
            self._progress.update(self._tasks[stage], completed=done, total=total)


@contextmanager
def _stages(line: CommandLine) -> Iterator[_Stages]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=line.err, disable=not line.err.is_terminal) as progress:
        yield _Stages(progress)


def _print(line: CommandLine, report: "Report") -> None:
    built = report.built
    line.out.print(
        _("%(documents)s 篇，建索引 %(seconds).1f 秒，每秒 %(rate).0f 篇（含分词），磁盘 %(disk).1f MiB")
        % {
            "documents": built.documents,
            "seconds": built.seconds,
            "rate": built.documents_per_second,
            "disk": built.disk_bytes / MEBIBYTE,
        }
    )
    if built.embedded_per_second is not None:
        line.out.print(
            _("句向量 %(vectors)s 条，随后补齐，每秒 %(rate).0f 篇")
            % {"vectors": built.vectors, "rate": built.embedded_per_second}
        )
    if report.corpus is not None:
        line.out.print(
            _("平均 %(characters).0f 字、%(words).0f 词，不同的词 %(distinct)s 个，Heaps 指数 %(heaps)s")
            % {
                "characters": report.corpus.characters,
                "words": report.corpus.words,
                "distinct": report.corpus.distinct_words,
                "heaps": report.corpus.heaps or "–",
            }
        )
    if report.memory is not None:
        line.out.print(
            _("内存：RSS %(rss).0f MiB，PSS %(pss).0f MiB，USS %(uss).0f MiB；再开一个进程多占 %(adds).0f MiB")
            % {
                "rss": report.memory.rss / MEBIBYTE,
                "pss": report.memory.pss / MEBIBYTE,
                "uss": report.memory.uss / MEBIBYTE,
                "adds": report.memory.second_adds / MEBIBYTE,
            }
        )
    line.out.print()
    line.out.print(_times(report))
    if report.corpus is not None:
        line.out.print()
        line.out.print(_("对照：同样的词，任一词命中，取前十，不带筛选，各引擎轮流提问"))
        line.out.print(_comparison(report.comparison))


def _times(report: "Report") -> Table:
    table = Table(_("毫秒"), _("进程"), "p50", "p95", "p99", _("次数"), box=None)
    for asking in (report.one_process, report.two_processes):
        for name, figures in _rows(asking):
            table.add_row(name, str(asking.processes), *_figures(figures))
    table.add_row(STAGES["edit"], "1", *_figures(report.edit))
    return table


def _rows(asking: "Asking") -> Iterator[tuple[str, "Latency | None"]]:
    yield _("引擎，只用词"), asking.engine_words
    yield _("引擎，四种词项"), asking.engine_terms
    yield _("整个搜索"), asking.search
    yield _("输入提示"), asking.suggest


def _figures(figures: "Latency | None") -> tuple[str, ...]:
    if figures is None:
        return ("–", "–", "–", "–")
    return (*(f"{value:.1f}" for value in (figures.p50, figures.p95, figures.p99)), str(figures.count))


def _comparison(rows: "tuple[Row, ...]") -> Table:
    headings = (_("引擎"), _("篇数"), _("篇/秒"), _("篇/秒，不含分词"), "MiB", "p50 ms", "p95 ms", "p99 ms")
    table = Table(*headings, box=None)
    for row in rows:
        name = _("知汇") if row.name == "product" else row.name
        if row.search is None:
            table.add_row(name, _("没有安装"))
            continue
        table.add_row(
            name,
            str(row.documents),
            f"{row.documents_per_second:.0f}",
            "–" if row.indexed_per_second is None else f"{row.indexed_per_second:.0f}",
            f"{(row.disk_bytes or 0) / MEBIBYTE:.1f}",
            *(f"{value:.2f}" for value in (row.search.p50, row.search.p95, row.search.p99)),
        )
    return table
