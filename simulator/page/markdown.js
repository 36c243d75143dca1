// WeCom's markdown subset: headings, bold, links, inline code, quotes, three font colours. Anything else,
// HTML above all, is shown as the characters that were sent.

import { el, link } from "./dom.js";

const INLINE = new RegExp(
  [
    "`([^`\\n]+)`",
    "\\*\\*([^*\\n]+(?:\\*[^*\\n]+)*)\\*\\*",
    "\\[([^\\]\\n]+)\\]\\(([^()\\s]+)\\)",
    '<font color="(info|comment|warning)">([\\s\\S]*?)</font>',
    "<@([\\w.@-]{1,64})>",
    "(https?://[^\\s<>\"'`()（）【】「」，。；、！？]+)",
  ].join("|"),
  "g",
);

export function markdown(content, names = new Map()) {
  const blocks = [];
  let quote = null;
  for (const line of content.split(/\r?\n/)) {
    const quoted = line.match(/^>\s?(.*)$/);
    if (quoted) {
      if (!quote) blocks.push((quote = el("blockquote")));
      else quote.append(el("br"));
      quote.append(...inline(quoted[1], names));
      continue;
    }
    quote = null;
    blocks.push(block(line, names));
  }
  return el("div", { class: "markdown" }, blocks);
}

function block(line, names) {
  const heading = line.match(/^(#{1,6})\s+(.*)$/);
  if (heading) {
    return el("p", { class: `md-h md-h${heading[1].length}`, role: "heading", "aria-level": heading[1].length + 2 }, inline(heading[2], names));
  }
  return line.trim() ? el("p", {}, inline(line, names)) : el("p", { class: "md-gap" });
}

export function inline(text, names = new Map()) {
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(INLINE)) {
    if (found.index > from) parts.push(text.slice(from, found.index));
    parts.push(piece(found, names));
    from = found.index + found[0].length;
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts;
}

function piece([whole, code, bold, label, url, colour, coloured, person, bare], names) {
  if (code) return el("code", {}, code);
  if (bold) return el("strong", {}, inline(bold, names));
  if (label) return link(url, ...inline(label, names));
  if (colour) return el("span", { class: `md-${colour}` }, inline(coloured, names));
  if (person) return el("span", { class: "md-at" }, `@${names.get(person.toLowerCase()) ?? person}`);
  if (bare) return link(bare, bare);
  return whole;
}

// A text message knows line breaks, bare addresses and <a href="...">, nothing else.
export function plainText(content) {
  const parts = [];
  let from = 0;
  for (const found of content.matchAll(/<a\s+href=["']([^"'<>]*)["']\s*>([^<>]*)<\/a>|(https?:\/\/[^\s<>"'（）【】，。；、！？]+)/g)) {
    parts.push(content.slice(from, found.index), link(found[1] ?? found[3], found[2] ?? found[3]));
    from = found.index + found[0].length;
  }
  parts.push(content.slice(from));
  return el("div", { class: "plain-text" }, parts);
}
