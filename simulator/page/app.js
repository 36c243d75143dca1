// The chat page: keeps the state the server streams, draws it, and sends what the person does.

import { bubble, clockText, hourText, parts, separator, typing } from "./bubbles.js";
import { avatar, el } from "./dom.js";

const $ = (id) => document.getElementById(id);
const phone = window.matchMedia("(max-width: 760px)");
const state = { app: { name: "", menu: [] }, people: [], chats: {}, read: {}, typing: new Set(), faults: [], log: [], clock: "", clockAt: 0 };
const pressing = new Set();
const drafts = new Map();
let me = null;

// -- the live stream

const handlers = {
  state(event) {
    Object.assign(state, event, { typing: new Set(event.typing) });
    keepClock(event.clock);
    pressing.clear();
    $("app-name").textContent = state.app.name;
    document.title = `${state.app.name} · 演示`;
    drawClock();
    drawMenu();
    drawFaults();
    drawLog();
    open(location.hash.slice(1));
  },
  bubble({ bubble: message }) {
    const chat = (state.chats[message.person] ??= []);
    const place = chat.findIndex((known) => known.id === message.id);
    if (place < 0) chat.push(message);
    else chat[place] = message;
    pressing.delete(message.id);
    if (message.person === me?.userid) drawMessage(message, place < 0);
    drawPeople();
  },
  typing({ person, on }) {
    if (on) state.typing.add(person);
    else state.typing.delete(person);
    if (person !== me?.userid) return;
    if (!on && pressing.size) releaseCards();
    drawTyping();
  },
  read({ person, upto }) {
    state.read[person] = upto;
    drawPeople();
  },
  clock({ now }) {
    keepClock(now);
    drawClock();
  },
  faults({ faults }) {
    state.faults = faults;
    drawFaults();
  },
  log({ line }) {
    state.log = [...state.log.slice(-59), line];
    drawLog();
  },
};

function listen() {
  const stream = new EventSource("/chat/stream");
  stream.onmessage = (event) => {
    $("offline").hidden = true;
    const told = JSON.parse(event.data);
    handlers[told.type]?.(told);
  };
  stream.onerror = () => {
    $("offline").hidden = false;
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 2000);
  };
}

async function act(name, body) {
  try {
    const reply = await fetch(`/chat/${name}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    if (!reply.ok) toast("没有办成,请再试一次");
    return reply.ok;
  } catch {
    toast("没有发出去,请检查演示程序是否还在运行");
    return false;
  }
}

// -- who I am

function open(userid) {
  const person = state.people.find((known) => known.userid === userid) ?? (phone.matches ? null : state.people[0]);
  if (me) drafts.set(me.userid, $("words").value);
  const changed = person?.userid !== me?.userid;
  me = person;
  document.body.dataset.screen = person ? "chat" : "list";
  drawPeople();
  if (!person) return;
  if (changed) {
    $("words").value = drafts.get(person.userid) ?? "";
    wordsChanged();
    act("enter", { person: person.userid });
  }
  $("rail-me").replaceChildren(avatar(person.name, person.kind));
  drawChips();
  drawChat();
  if (!phone.matches) $("words").focus();
}

function choose(userid) {
  if (location.hash.slice(1) === userid) open(userid);
  else location.hash = userid;
}

// -- drawing

function drawPeople() {
  const focused = document.activeElement?.dataset?.person;
  $("people").replaceChildren(...state.people.map(personRow));
  if (focused) document.querySelector(`[data-person="${CSS.escape(focused)}"]`)?.focus();
  const others = state.people.filter((person) => person.userid !== me?.userid).reduce((sum, person) => sum + unread(person.userid), 0);
  $("back-badge").textContent = others > 99 ? "99+" : String(others);
  $("back-badge").hidden = !others;
}

function personRow(person) {
  const chat = state.chats[person.userid] ?? [];
  const last = chat.at(-1);
  const count = unread(person.userid);
  const current = person.userid === me?.userid;
  const label = `${person.name},${person.position}${count ? `,${count} 条未读` : ""}`;
  return el("li", {},
    el("button", { type: "button", class: current ? "person current" : "person", "aria-current": current ? "true" : null, "aria-label": label, data: { person: person.userid }, onclick: () => choose(person.userid) },
      el("span", { class: "person-face" }, avatar(person.name, person.kind), count ? el("span", { class: "badge" }, count > 99 ? "99+" : String(count)) : null),
      el("span", { class: "person-text" },
        el("span", { class: "person-line" },
          el("span", { class: "person-name" }, person.name, el("span", { class: `tag tag-${person.kind}` }, person.role)),
          last ? el("time", {}, last.at.slice(0, 10) === now().slice(0, 10) ? hourText(last.at) : clockText(last.at).split(" ")[0]) : null),
        el("span", { class: "person-last" }, last ? preview(last) : person.position))));
}

function preview(message) {
  const words = message.text.replace(/<[^>]*>|[*#>`]/g, "").replace(/\s+/g, " ").trim();
  return message.sender === "person" ? `我:${words}` : words;
}

function unread(userid) {
  const upto = state.read[userid] ?? 0;
  return (state.chats[userid] ?? []).filter((message) => message.sender === "app" && message.id > upto).length;
}

function drawChat() {
  const chat = state.chats[me.userid] ?? [];
  const rows = [];
  chat.forEach((message, place) => rows.push(...rowsOf(message, chat[place - 1])));
  if (!chat.length) rows.push(el("li", { class: "notice" }, `你现在是${me.name}(${me.position}),可以点下面的问题试试`));
  $("bubbles").replaceChildren(...rows);
  drawTyping();
  toBottom();
  markRead();
}

function rowsOf(message, before) {
  const row = bubble(message, context());
  return [separator(before, message, now()), row].filter(Boolean);
}

function context() {
  const names = new Map(state.people.map((person) => [person.userid.toLowerCase(), person.name]));
  return { app: state.app, me, names, press, busy: (id) => pressing.has(id) };
}

function drawMessage(message, isNew) {
  if (!isNew) {
    document.querySelector(`#bubbles [data-id="${message.id}"]`)?.replaceWith(bubble(message, context()));
    return;
  }
  const chat = state.chats[me.userid];
  const near = nearBottom() || message.sender === "person";
  if (chat.length === 1) $("bubbles").replaceChildren();
  $("typing")?.remove();
  const rows = rowsOf(message, chat.at(-2));
  $("bubbles").append(...rows);
  drawTyping();
  if (near) show(rows.at(-1), message);
  else $("newer").hidden = false;
  markRead();
}

// A long answer is read from its first line, so its top is what comes into view.
function show(row, message) {
  if (message.sender === "app" && row.offsetHeight > $("scroll").clientHeight - 40) row.scrollIntoView({ block: "start" });
  else toBottom();
}

function drawTyping() {
  const on = state.typing.has(me.userid);
  $("chat-sub").textContent = on ? "对方正在输入…" : `我是${me.name} · ${me.position}`;
  const near = nearBottom();
  $("typing")?.remove();
  if (!on) return;
  $("bubbles").append(typing(state.app));
  if (near) toBottom();
}

function releaseCards() {
  const waiting = [...pressing];
  pressing.clear();
  for (const id of waiting) {
    const message = state.chats[me.userid].find((known) => known.id === id);
    if (message) drawMessage(message, false);
  }
}

function drawChips() {
  $("chips").replaceChildren(...me.examples.map((example) => el("button", { type: "button", class: "chip", onclick: () => say(example) }, example)));
  $("chips").scrollLeft = 0;
}

function drawMenu() {
  $("menu").replaceChildren(...state.app.menu.map((entry) => el("button", { type: "button", onclick: () => act("menu", { person: me.userid, key: entry.key }) }, entry.label)));
  $("menu").hidden = !state.app.menu.length;
}

function drawFaults() {
  const armed = state.faults.reduce((sum, fault) => sum + fault.armed, 0);
  $("drill-dot").hidden = !armed;
  $("faults").replaceChildren(...state.faults.map((fault) => el("li", { class: fault.armed ? "armed" : "" },
    el("div", {}, el("strong", {}, fault.label), el("p", {}, fault.hint)),
    el("button", { type: "button", class: "plain", "aria-label": `${fault.label}:演练一次`, onclick: () => act("faults", { kind: fault.kind }) }, fault.armed ? `待发生 ${fault.armed}` : "演练一次"))));
}

function drawLog() {
  $("log").replaceChildren(...state.log.slice(-30).reverse().map((line) => el("li", { class: line.fine ? "" : "bad" },
    el("time", {}, line.at.slice(11, 19)), el("span", {}, line.what), el("em", {}, line.result))));
}

// -- time

function keepClock(iso) {
  state.clock = iso;
  state.clockAt = performance.now();
}

function now() {
  const moment = new Date(Date.parse(state.clock) + performance.now() - state.clockAt + 8 * 3600000);
  return `${moment.toISOString().slice(0, 19)}+08:00`;
}

function drawClock() {
  if (!state.clock) return;
  const text = `${parts(now()).year}年${clockText(now())}`;
  if ($("clock-now").textContent !== text) $("clock-now").textContent = text;
}

function openClock() {
  $("clock-date").value = now().slice(0, 10);
  $("clock-time").value = hourText(now());
  $("clock").showModal();
}

async function stepClock(hours) {
  if (await act("clock", { hours })) setTimeout(() => {
    $("clock-date").value = now().slice(0, 10);
    $("clock-time").value = hourText(now());
  }, 150);
}

// -- doing

function say(text) {
  if (!me || !text.trim()) return;
  act("say", { person: me.userid, text });
}

function press(id, key, chosen) {
  pressing.add(id);
  const message = state.chats[me.userid].find((known) => known.id === id);
  drawMessage(message, false);
  act("press", { person: me.userid, bubble: id, key, chosen }).then((fine) => { if (!fine) releaseCards(); });
}

async function sendPicture(file) {
  if (!file || !me) return;
  const query = new URLSearchParams({ person: me.userid, name: file.name });
  try {
    const reply = await fetch(`/chat/picture?${query}`, { method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: file });
    if (!reply.ok) toast("图片没有发出去");
  } catch {
    toast("图片没有发出去");
  }
}

function markRead() {
  const last = (state.chats[me.userid] ?? []).at(-1);
  if (last && document.visibilityState === "visible" && unread(me.userid)) act("read", { person: me.userid, upto: last.id });
}

function nearBottom() {
  const box = $("scroll");
  return box.scrollHeight - box.scrollTop - box.clientHeight < 80;
}

function toBottom() {
  $("scroll").scrollTop = $("scroll").scrollHeight;
  $("newer").hidden = true;
}

function wordsChanged() {
  const words = $("words");
  words.style.height = "auto";
  words.style.height = `${Math.min(words.scrollHeight + 2, 132)}px`;
  $("send").disabled = !words.value.trim();
}

let toastEnds = 0;
function toast(text) {
  $("toast").textContent = text;
  $("toast").hidden = false;
  clearTimeout(toastEnds);
  toastEnds = setTimeout(() => { $("toast").hidden = true; }, 3000);
}

$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("words").value;
  $("words").value = "";
  wordsChanged();
  say(text);
});
$("words").addEventListener("input", wordsChanged);
$("words").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $("composer").requestSubmit();
  }
});
$("picture").addEventListener("change", (event) => {
  sendPicture(event.target.files[0]);
  event.target.value = "";
});
$("back").addEventListener("click", () => { location.hash = ""; });
$("newer").addEventListener("click", toBottom);
$("scroll").addEventListener("scroll", () => { if (nearBottom()) $("newer").hidden = true; });
for (const id of ["clock-open", "rail-clock"]) $(id).addEventListener("click", openClock);
for (const id of ["drill-open", "rail-drill"]) $(id).addEventListener("click", () => $("drill").showModal());
for (const button of document.querySelectorAll("[data-hours]")) button.addEventListener("click", () => stepClock(Number(button.dataset.hours)));
$("clock-set").addEventListener("click", async () => {
  if (!$("clock-date").reportValidity() || !$("clock-time").reportValidity()) return;
  if (await act("clock", { now: `${$("clock-date").value}T${$("clock-time").value}` })) $("clock").close();
});
$("disarm").addEventListener("click", () => act("faults", { disarm: true }));
for (const sheet of document.querySelectorAll("dialog")) {
  sheet.addEventListener("click", (event) => { if (event.target === sheet) sheet.close(); });
}
window.addEventListener("hashchange", () => open(location.hash.slice(1)));
document.addEventListener("visibilitychange", () => { if (me) markRead(); });
phone.addEventListener("change", () => open(location.hash.slice(1)));
setInterval(drawClock, 1000);
listen();
