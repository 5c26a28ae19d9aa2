"""``kb search``."""

from html import unescape

import click
from rich.markup import escape

from indexer.documents import Source
from indexer.engine import Filters
from indexer.search import Reasons, Results
from kb.errors import InvalidInputError
from kb.i18n import N_
from kb.people import queries as people_queries
from kb.permissions import SYSTEM, Actor
from kb.taxonomy import queries as taxonomy_queries
from web.cli.context import CommandLine, json_option, pass_command_line
from web.cli.texts import _
from web.search.explained import reasons_json
from web.search.presenters import results_json


@click.command(help=_("像坐席一样搜索，TEXT 是客户的说法。"))
@click.argument("text")
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True, help=_("最多显示几条"))
@click.option("--module", multiple=True, help=_("只看这个业务模块（可重复）"))
@click.option("--region", help=_("只看适用于这个区域的"))
@click.option("--threads", is_flag=True, help=_("搜讨论区，而不是知识"))
@click.option("--as", "username", metavar="USERNAME", help=_("以这个人的权限搜索；默认不受限"))
@click.option("--explain", is_flag=True, help=_("说明每条结果的得分从哪里来"))
@click.option("--compare", metavar="KEY", help=_("和 --explain 一起用：说明这一条排在哪里，或者为什么没有"))
@json_option
@pass_command_line
def search(  # noqa: D103 - the help text says it
    line: CommandLine,
    text: str,
    limit: int,
    module: tuple[str, ...],
    region: str | None,
    threads: bool,
    username: str | None,
    explain: bool,
    compare: str | None,
    as_json: bool,
) -> None:
    text = text.encode("utf-8", "replace").decode()  # bytes that are no text come in as surrogates
    fresh = line.catch_up()
    with line.sessions() as session:
        taxonomy = taxonomy_queries.load(session)
        for key in module:
            if key not in taxonomy.modules:
                raise InvalidInputError(N_("没有这个业务模块：%(key)s"), field="module", key=key)
        if region is not None and region not in taxonomy.regions:
            raise InvalidInputError(N_("没有这个区域：%(key)s"), field="region", key=region)
        actor: Actor = SYSTEM
        if username is not None:
            actor = people_queries.actor(people_queries.by_username(session, username), taxonomy)
        filters = Filters(source=Source.THREAD if threads else Source.ENTRY, modules=module, region=region)
        if explain:
            reasons = line.search.explain(session, actor, text, filters, now=line.clock(), limit=limit, compare=compare)
            if as_json:
                line.print_json(reasons_json(reasons))
            else:
                _print_reasons(line, reasons)
            return
        results = line.search.run(session, actor, text, filters, now=line.clock(), limit=limit)
    if as_json:
        line.print_json(results_json(results))
        return
    _print_results(line, results)
    if not fresh and results.lag:
        line.err.print(_("索引还在追赶 %(lag)s 条更改") % {"lag": results.lag})


def _print_results(line: CommandLine, results: Results) -> None:
    for number, hit in enumerate(results.hits, start=1):
        head = f"[bold]{number:>2}. {_marked(hit.title)}[/bold]  [cyan]L{hit.level}[/cyan] [dim]{hit.id}[/dim]"
        line.out.print(head, markup=True)
        if hit.wording is not None:
            line.out.print(f"    {_('客户说')}：{_marked(hit.wording)}", markup=True)
        for passage in [hit.answer, *hit.highlights][:2]:
            if passage:
                line.out.print(f"    {_marked(passage)}", style="dim", markup=True)
    if results.put_right is not None:
        line.out.print(_("按“%(query)s”搜索的") % {"query": results.put_right})
    if results.did_you_mean is not None:
        line.out.print(_("您是不是要找：%(query)s") % {"query": results.did_you_mean})
    line.out.print(_("共 %(total)s 条，用时 %(ms)s 毫秒") % {"total": results.total, "ms": results.took_ms})


def _print_reasons(line: CommandLine, reasons: Reasons) -> None:
    found = reasons.explanation
    line.out.print(_("实际搜的是“%(query)s”") % {"query": found.searched}, highlight=False)
    for item in found.screened:
        if item.count:
            line.out.print(f"- {_(item.sieve.label)} {item.count}", highlight=False)
    for title in reasons.pinned.values():
        line.out.print(f"{_('置顶')}：{title}", markup=False, highlight=False)
    for hit in (*found.hits, *([] if found.compared is None else [found.compared])):
        why = "" if hit.sieve is None else f"：{_(hit.sieve.label)}"
        place = f"{hit.place:>2}." if hit.place else f"–  [{_(hit.standing.label)}{why}]"
        line.out.print(f"{place} {hit.title}  {hit.key}", style="bold", markup=False, highlight=False)
        for part in hit.lines:
            sum_ = f"{part.value:.4f} × {part.factor:.4f} = {part.points:.4f}"
            line.out.print(f"    {_(part.part.label)}  {sum_}", markup=False, highlight=False)
        if hit.lines:
            sum_ = f"{hit.relevance:.4f} × {hit.maturity:.4f} = {hit.score:.4f}"
            line.out.print(f"    {_('合计 × 成熟度')}  {sum_}", markup=False, highlight=False)


def _marked(html: str) -> str:
    """Return highlighted HTML as rich's own markup."""
    parts = str(html).replace("<mark>", "\x01").replace("</mark>", "\x02")
    plain = escape(unescape(parts))
    return plain.replace("\x01", "[black on yellow]").replace("\x02", "[/black on yellow]")
