// Template cards, text cards and news, drawn from WeCom's own JSON.

import { el, link, webAddress } from "./dom.js";

const SOURCE_COLOURS = ["grey", "black", "red", "green"];

// press(key, chosen) sends the click; busy shows that one is on its way.
export function templateCard(card, press, busy) {
  const form = el("form", { class: "card", onsubmit: (event) => event.preventDefault() });
  const done = Boolean(card.replace_text);
  form.append(
    ...some(source(card.source)),
    ...some(picture(card.card_image?.url)),
    ...some(title(card.main_title)),
    ...some(emphasis(card.emphasis_content)),
    ...some(quote(card.quote_area)),
    ...some(imageText(card.image_text_area)),
    ...some(card.sub_title_text && el("p", { class: "card-sub" }, card.sub_title_text)),
    ...(card.vertical_content_list ?? []).map(vertical),
    ...some(horizontal(card.horizontal_content_list)),
    ...questions(card, done || busy),
    ...some(buttons(card, form, press, busy)),
    ...(card.jump_list ?? []).map(jump),
    ...some(action(card)),
    ...(card.action_menu?.action_list ?? []).map((entry) =>
      el("button", { type: "button", class: "card-menu", disabled: busy, onclick: () => press(entry.key, {}) }, entry.text)),
  );
  return form;
}

export function textCard(body) {
  return el("div", { class: "card" },
    el("p", { class: "card-title" }, body.title),
    el("div", { class: "card-desc" }, description(body.description)),
    el("p", { class: "card-jump" }, link(body.url, body.btntxt || "详情")));
}

export function news(articles) {
  const [first, ...rest] = articles;
  return el("div", { class: "card news" },
    picture(first.picurl, "news-cover"),
    el("p", { class: "card-title" }, link(first.url, first.title)),
    first.description && el("p", { class: "card-desc" }, first.description),
    ...rest.map((article) => el("p", { class: "card-jump" }, link(article.url, article.title))));
}

// The three classes of a text card's description; every other tag is shown as written.
function description(text) {
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(/<div class=["'](gray|normal|highlight)["']\s*>([\s\S]*?)<\/div>|<br\s*\/?>/g)) {
    parts.push(text.slice(from, found.index));
    parts.push(found[1] ? el("div", { class: `td-${found[1]}` }, found[2]) : el("br"));
    from = found.index + found[0].length;
  }
  parts.push(text.slice(from));
  return parts;
}

function some(part) {
  return part ? [part] : [];
}

function source(part) {
  return part?.desc && el("p", { class: `card-source card-${SOURCE_COLOURS[part.desc_color ?? 0] ?? "grey"}` }, part.desc);
}

// A picture from elsewhere is not fetched: the page makes no request to any other machine.
function picture(url, shape = "card-cover") {
  const address = webAddress(url);
  if (!address) return null;
  if (new URL(address).origin !== location.origin) return el("div", { class: `${shape} card-nopicture` }, "图片");
  return el("img", { class: shape, src: address, alt: "" });
}

function title(part) {
  if (!part?.title && !part?.desc) return null;
  return el("div", { class: "card-main" },
    part.title && el("p", { class: "card-title" }, part.title),
    part.desc && el("p", { class: "card-desc" }, part.desc));
}

function emphasis(part) {
  return part?.title && el("div", { class: "card-emphasis" }, el("p", {}, part.title), part.desc && el("small", {}, part.desc));
}

function quote(part) {
  if (!part?.quote_text && !part?.title) return null;
  return el("blockquote", {}, part.title && el("strong", {}, part.title), part.quote_text && el("p", {}, part.quote_text));
}

function imageText(part) {
  return part && el("div", { class: "card-main" }, el("p", { class: "card-title" }, link(part.url, part.title)), el("p", { class: "card-desc" }, part.desc ?? ""));
}

function vertical(row) {
  return el("div", { class: "card-main" }, el("p", { class: "card-row-title" }, row.title), row.desc && el("p", { class: "card-desc" }, row.desc));
}

function horizontal(rows) {
  if (!rows?.length) return null;
  return el("dl", { class: "card-rows" }, rows.flatMap((row) => [
    el("dt", {}, row.keyname),
    el("dd", {}, row.type === 1 ? link(row.url, row.value || "查看") : row.value ?? ""),
  ]));
}

function questions(card, disabled) {
  const asked = [];
  if (card.checkbox) asked.push(choice(card.checkbox, card.checkbox.mode === 1 ? "checkbox" : "radio", disabled));
  for (const select of [card.button_selection, ...(card.select_list ?? [])]) {
    if (select) asked.push(selection(select, disabled));
  }
  return asked;
}

function choice(question, type, disabled) {
  return el("fieldset", { class: "card-choice", disabled }, question.option_list.map((option) =>
    el("label", {}, el("input", { type, name: question.question_key, value: option.id, checked: Boolean(option.is_checked) }), option.text)));
}

function selection(question, disabled) {
  return el("label", { class: "card-select" }, question.title,
    el("select", { name: question.question_key, disabled }, question.option_list.map((option) =>
      el("option", { value: option.id, selected: option.id === question.selected_id }, option.text))));
}

function buttons(card, form, press, busy) {
  if (card.replace_text) return el("p", { class: "card-done" }, card.replace_text);
  const list = [...(card.button_list ?? []), ...(card.submit_button ? [{ ...card.submit_button, style: 1 }] : [])];
  if (!list.length) return null;
  return el("div", { class: list.length > 2 ? "card-buttons many" : "card-buttons" }, list.map((button) =>
    button.type === 1
      ? link(button.url, button.text)
      : el("button", { type: "button", class: `style-${button.style ?? 1}`, disabled: busy, onclick: () => press(button.key, chosen(form)) }, button.text)));
}

function chosen(form) {
  const answers = {};
  for (const [question, option] of new FormData(form)) (answers[question] ??= []).push(option);
  return answers;
}

function jump(entry) {
  return el("p", { class: "card-jump" }, entry.type === 1 ? link(entry.url, entry.title) : entry.title);
}

function action(card) {
  return card.card_action?.type === 1 && !card.jump_list?.length && el("p", { class: "card-jump" }, link(card.card_action.url, "查看详情"));
}
