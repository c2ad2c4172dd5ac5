// Markdown as elements. What it may become is listed here; everything else of it is text, images are their description.
import MarkdownIt from "markdown-it";
import { element } from "./elements";

// Older descriptions are plain text, whose lines stay lines.
const parser = new MarkdownIt({ html: false, linkify: true, breaks: true }).disable(["table", "html_block", "html_inline"]);
parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });

type Token = ReturnType<typeof parser.parse>[number];

const TAGS = ["p", "ul", "ol", "li", "strong", "em", "s", "hr", "br", "blockquote", "code"] as const;
// The page has headings of its own above these.
const HEADINGS: Record<string, "h3" | "h4" | "h5"> = { h1: "h3", h2: "h3", h3: "h4", h4: "h5", h5: "h5", h6: "h5" };

function link(token: Token): HTMLElement {
  const address = String(token.attrGet("href") ?? "");
  return /^(https?:\/\/|mailto:)/i.test(address)
    ? element("a", { href: address, rel: "nofollow noopener noreferrer", target: "_blank" })
    : element("span");
}

function made(token: Token): HTMLElement {
  if (token.tag === "a") return link(token);
  const heading = HEADINGS[token.tag];
  if (heading) return element(heading);
  const tag = TAGS.find((name) => name === token.tag);
  const start = token.tag === "ol" ? token.attrGet("start") : null;
  return tag ? element(tag, start === null ? {} : { start: String(start) }) : element("span");
}

function add(tokens: Token[], parent: HTMLElement): void {
  const open = [parent];
  for (const token of tokens) {
    const inner = open[open.length - 1] ?? parent;
    if (token.hidden) continue; // paragraphs of items that stand close together
    if (token.type === "inline") add(token.children ?? [], inner);
    else if (token.type === "softbreak") inner.append(element("br"));
    else if (token.nesting > 0) {
      const child = made(token);
      inner.append(child);
      open.push(child);
    } else if (token.nesting < 0) {
      if (open.length > 1) open.pop();
    } else if (token.tag === "hr" || token.tag === "br") inner.append(element(token.tag));
    else if (token.tag === "code") inner.append(element("code", {}, token.content));
    else inner.append(token.content);
  }
}

export function markdown(text: string): HTMLElement {
  const shown = element("div", { class: "markdown" });
  add(parser.parse(text, {}), shown);
  return shown;
}
