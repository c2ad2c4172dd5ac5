"""The small markup of sample descriptions, and what it becomes: ProseMirror, plain text, HTML.

    ## Heading           - bullet            1. numbered         > quote            *** rule
    **bold** *italic* `code` [text](address) ![](picture)        line ending in \\ : hard break
    ~ at the head of a paragraph: one ZERO WIDTH SPACE, as Luma's editor leaves them

Paragraphs are separated by empty lines; the lines of one paragraph are joined by a space.
"""
import html
import re

ZERO_WIDTH_SPACE = "\u200b"
INLINE = re.compile(r"\*\*(?P<bold>.+?)\*\*|\*(?P<italic>[^*]+)\*|`(?P<code>[^`]+)`"
                    r"|(?<!!)\[(?P<label>[^\]]+)\]\((?P<href>[^)\s]+)\)")
BULLET, NUMBERED = re.compile(r"- +(.*)"), re.compile(r"(\d+)\. +(.*)")
HEADING, PICTURE = re.compile(r"(#+) +(.*)"), re.compile(r"!\[\]\(([^)]*)\)$")


def inline(text, marks=()):
    """Text nodes of one line; marks nest (a bold link is a text node with both)."""
    nodes, end = [], 0

    def add(piece, further=()):
        if piece:
            node = {"text": piece, "type": "text"}
            if marks or further:
                node["marks"] = [*marks, *further]
            nodes.append(node)

    for found in INLINE.finditer(text):
        add(text[end:found.start()])
        end = found.end()
        if found["code"]:
            add(found["code"], ({"type": "code"},))
        elif found["href"]:
            link = {"type": "link", "attrs": {"href": found["href"]}}
            nodes.extend(inline(found["label"], (*marks, link)))
        else:
            mark = "bold" if found["bold"] else "italic"
            nodes.extend(inline(found[mark], (*marks, {"type": mark})))
    add(text[end:])
    return nodes


def paragraph(lines):
    content, text = [], ""
    for line in lines:
        text += (" " if text else "") + line.removesuffix("\\").strip()
        if line.endswith("\\"):
            content += [*inline(text), {"type": "hard_break"}]
            text = ""
    zeros = len(lines[0]) - len(lines[0].lstrip("~"))
    content += inline(text)
    if zeros:
        content[0] = {**content[0], "text": content[0]["text"].lstrip("~")}
        content = [{"text": ZERO_WIDTH_SPACE * zeros, "type": "text"}, *(c for c in content if c.get("text") != "")]
    return {"type": "paragraph", "content": content}


def items(lines, pattern):
    return [{"type": "list_item", "content": [paragraph([pattern.fullmatch(line).groups()[-1]])]} for line in lines]


def block(lines):
    first = lines[0]
    if found := HEADING.fullmatch(first):
        rest = [block(lines[1:])] if lines[1:] else []
        return [{"type": "heading", "attrs": {"level": len(found[1])}, "content": inline(found[2])}, *flatten(rest)]
    if first == "***":
        return [{"type": "horizontal_rule"}]
    if found := PICTURE.match(first):
        return [{"type": "image", "attrs": {"src": found[1], "alt": None, "title": None}}]
    if all(BULLET.fullmatch(line) for line in lines):
        return [{"type": "bullet_list", "content": items(lines, BULLET)}]
    if all(NUMBERED.fullmatch(line) for line in lines):
        start = int(NUMBERED.fullmatch(first)[1])
        return [{"type": "ordered_list", "attrs": {"start": start}, "content": items(lines, NUMBERED)}]
    if first.startswith("> "):
        return [{"type": "blockquote", "content": [paragraph([line.removeprefix("> ") for line in lines])]}]
    return [paragraph(lines)]


def flatten(blocks):
    return [node for nodes in blocks for node in nodes]


def to_prosemirror(source):
    """The document, or None for an empty description (as Luma has it)."""
    pieces = [piece.split("\n") for piece in re.split(r"\n\s*\n", source.strip()) if piece.strip()]
    return {"type": "doc", "content": flatten(block(lines) for lines in pieces)} if pieces else None


def to_lines(node):
    """Plain text, one string a block or hard break: the description of JSON-LD."""
    kind = node.get("type")
    if kind == "text":
        return [node["text"]]
    if kind == "hard_break":
        return ["", ""]
    lines = []
    joins = kind in ("paragraph", "heading")
    for child in node.get("content", []):
        below = to_lines(child)
        if joins and lines and below:
            lines[-1] += below[0]
            lines += below[1:]
        else:
            lines += below
    return lines


def to_html(node):
    """The description as the page's body shows it."""
    kind = node.get("type")
    if kind == "text":
        text = html.escape(node["text"])
        for mark in node.get("marks", []):
            name = {"bold": "strong", "italic": "em", "code": "code", "link": "a"}[mark["type"]]
            target = ' target="_blank" rel="nofollow noopener" href="%s"' % html.escape(mark["attrs"]["href"]) if name == "a" else ""
            text = f"<{name}{target}>{text}</{name}>"
        return text
    inner = "".join(map(to_html, node.get("content", [])))
    if kind == "heading":
        return "<h%d>%s</h%d>" % (node["attrs"]["level"], inner, node["attrs"]["level"])
    if kind == "image":
        return '<img src="%s"/>' % html.escape(node["attrs"]["src"])
    name = {"doc": "div", "paragraph": "p", "hard_break": "br", "horizontal_rule": "hr", "bullet_list": "ul",
            "ordered_list": "ol", "list_item": "li", "blockquote": "blockquote"}[kind]
    return f"<{name}/>" if name in ("br", "hr") else f"<{name}>{inner}</{name}>"
