// One message as WeCom would draw it: who said it, in which shape, and when.

import { news, templateCard, textCard } from "./cards.js";
import { avatar, el, link } from "./dom.js";
import { markdown, plainText } from "./markdown.js";

const WIDE = new Set(["template_card", "textcard", "news"]);
const DAYS = "日一二三四五六";

// Who says it: a person, the app, a group robot or a human being by his own name.
export function speakerOf(message, { app, people }) {
  if (message.sender !== "app") return people.find((person) => person.userid === message.person);
  return message.robot && message.robot !== app.name ? { name: message.robot, kind: "robot" } : { name: app.name, kind: "app" };
}

export function bubble(message, { app, me, people, names, press, touch, busy }) {
  if (message.sender === "notice") {
    return el("li", { class: "notice", data: { id: message.id } }, message.text);
  }
  const speaker = speakerOf(message, { app, people });
  const mine = speaker.userid === me.userid;
  const shape = WIDE.has(message.kind) ? "bubble bubble-card" : message.kind === "image" ? "bubble bubble-image" : "bubble";
  const said = el("div", { class: shape }, inside(message, { names, press, touch, busy }), pinged(message, me, names),
    message.cut && el("p", { class: "cut" }, "超过2048字节，后面的内容没有送达"));
  const shown = (message.group && !mine) || (message.robot && speaker.kind === "robot"); // in a group one must see who speaks; elsewhere it is only read aloud
  const who = el("span", { class: shown ? "who who-shown" : "who" }, shown ? speaker.name : `${speaker.name}：`);
  return el("li", { class: mine ? "message mine" : "message", data: { id: message.id } },
    avatar(speaker.name, speaker.kind), el("div", { class: "said" }, who, said));
}

// The members a message calls: their phones ring, whatever they have muted.
function pinged(message, me, names) {
  if (!message.pinged?.length) return null;
  return el("div", { class: "pinged" }, message.pinged.map((userid) =>
    el("span", { class: userid === me.userid ? "ping ping-me" : "ping" }, `@${names.get(userid.toLowerCase()) ?? userid}`)));
}

// A question of 微信客服 with lines to touch.
function menu(message, touch) {
  const { head, items, tail } = message.body;
  return el("div", { class: "kf-menu" }, el("div", { class: "plain-text" }, head),
    items.map((item) => el("button", { type: "button", class: "kf-line", onclick: () => touch(message.id, item.id) }, item.content)),
    tail && el("div", { class: "plain-text" }, tail));
}

function inside(message, { names, press, touch, busy }) {
  const body = message.body;
  switch (message.kind) {
    case "text": return message.sender === "person" ? el("div", { class: "plain-text" }, body.content) : plainText(body.content);
    case "markdown": return markdown(body.content, names);
    case "textcard": return textCard(body);
    case "news": return news(body.articles);
    case "template_card": return templateCard(body, (key, chosen) => press(message.id, key, chosen), busy(message.id));
    case "msgmenu": return menu(message, touch);
    case "image": return picture(body);
    case "file": return file(body);
    case "link": return el("div", { class: "plain-text" }, link(body.url, body.title));
    default: return el("div", { class: "plain-text" }, message.text);
  }
}

function picture(body) {
  const address = `/chat/media/${encodeURIComponent(body.media_id)}`;
  const image = el("img", { src: address, alt: "图片", loading: "lazy" });
  const large = el("a", { href: address, target: "_blank", rel: "noopener", "aria-label": "看大图" }, image);
  image.addEventListener("error", () => large.replaceWith(el("div", { class: "plain-text" }, "[图片]")));
  return large;
}

function file(body) {
  const ending = /\.([0-9a-z]{1,4})$/i.exec(body.name)?.[1] ?? "文件";
  return el("a", { class: "file", href: `/chat/media/${encodeURIComponent(body.media_id)}`, download: body.name },
    el("span", {}, el("span", { class: "file-name" }, body.name), el("span", { class: "file-size" }, size(body.size))),
    el("span", { class: "file-kind", "aria-hidden": "true" }, ending.toUpperCase()));
}

function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1048576 ? `${Math.round(bytes / 1024)} KB` : `${(bytes / 1048576).toFixed(1)} MB`;
}

// The demo's own time, whatever zone the browser is in: read off the text, never converted.
export function parts(iso) {
  const [, year, month, day, hour, minute] = iso.match(/^(\d+)-(\d+)-(\d+)T(\d+):(\d+)/).map(Number);
  return { year, month, day, hour, minute, weekday: DAYS[new Date(Date.UTC(year, month - 1, day)).getUTCDay()] };
}

export function clockText(iso) {
  const { month, day, weekday } = parts(iso);
  return `${month}月${day}日 周${weekday} ${hourText(iso)}`;
}

export function hourText(iso) {
  return iso.slice(11, 16);
}

// A line between messages where five minutes or more have passed.
export function separator(before, message, now) {
  if (before && Math.abs(Date.parse(message.at) - Date.parse(before.at)) < 300000) return null;
  const text = message.at.slice(0, 10) === now.slice(0, 10) ? hourText(message.at) : clockText(message.at);
  return el("li", { class: "separator" }, el("time", { datetime: message.at }, text));
}

export function typing(app) {
  return el("li", { class: "message typing", id: "typing" }, avatar(app.name, "app"),
    el("div", { class: "said" }, el("div", { class: "bubble", "aria-label": "对方正在输入" }, el("i"), el("i"), el("i"))));
}
