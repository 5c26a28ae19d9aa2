"""Tables of HTML made so that Markdown can hold them: merged cells repeated, tables in cells written as lines."""

from bs4 import BeautifulSoup, Tag

MAX_CELLS = 20_000
"""That are repeated in one table."""
MAX_COLUMNS = 200


def flatten(soup: BeautifulSoup) -> None:
    """Change every table in *soup*. What a merged cell says is true of each row and column it covers."""
    for table in reversed(soup.find_all("table")):  # the innermost first
        if table.find_parent(["td", "th"]) is not None:
            _as_lines(table)
    for table in soup.find_all("table"):
        _unmerge(table)


def _as_lines(table: Tag) -> None:
    """Put the rows of a *table* in a cell there as lines: ``档位：10 元；20 元``."""
    lines = []
    for row in table.find_all("tr"):
        cells = (" ".join(cell.get_text(" ").split()) for cell in row.find_all(["td", "th"], recursive=False))
        lines.append("；".join(filter(None, cells)))
    pictures = table.find_all("img")
    for line in lines:
        paragraph = Tag(name="p")
        paragraph.string = line
        table.insert_before(paragraph)
    for picture in pictures:
        table.insert_before(picture.extract())
    table.decompose()


def _unmerge(table: Tag) -> None:
    """Repeat in each row the cells that come down from above, where they are."""
    coming: dict[int, tuple[int, Tag]] = {}  # column → how many more rows, and the cell
    made = 0
    for row in table.find_all("tr"):
        cells = row.find_all(["td", "th"], recursive=False)
        column = 0
        for cell in [*cells, None]:
            while column in coming:
                left, above = coming.pop(column)
                if left > 1:
                    coming[column] = (left - 1, above)
                copy = _copy(above)
                row.append(copy) if cell is None else cell.insert_before(copy)
                column += 1
                made += 1
            if cell is None or made > MAX_CELLS:
                break
            across, down = _span(cell, "colspan"), _span(cell, "rowspan")
            across = min(across, max(MAX_COLUMNS - column, 1))
            for step in range(across):
                if step:
                    cell.insert_before(_copy(cell))
                if down > 1:
                    coming[column + step] = (down - 1, cell)
            column += across
            made += across
        if made > MAX_CELLS:
            return


def _span(cell: Tag, name: str) -> int:
    text = str(cell.attrs.pop(name, "1")).strip()
    return min(max(int(text), 1), MAX_CELLS) if text.isascii() and text.isdigit() and len(text) < 9 else 1


def _copy(cell: Tag) -> Tag:
    copy = cell.__copy__()
    for name in ("colspan", "rowspan", "id"):
        copy.attrs.pop(name, None)
    return copy
