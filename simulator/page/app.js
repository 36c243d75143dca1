// The chat page: keeps the state the server streams, draws it, and sends what the person does.

import { bubble, clockText, hourText, parts, separator, speakerOf, typing } from "./bubbles.js";
import { avatar, el } from "./dom.js";
import { isCustomer, kfBar, kfNotice, kfState } from "./kf.js";

const $ = (id) => document.getElementById(id);
const phone = window.matchMedia("(max-width: 760px)");
const state = { app: { name: "", menu: [] }, people: [], groups: [], robot: "", kf: { name: "", sessions: [] }, chats: {}, read: {}, typing: new Set(), faults: [], log: [], clock: "", clockAt: 0, day: null };
const LARGEST = 25 * 1048576; // what server.py takes
const pressing = new Set();
const drafts = new Map();
let me = null;
let group = null; // the group on screen; null is the chat with the app

// -- the live stream

const handlers = {
  state(event) {
    Object.assign(state, event, { typing: new Set(event.typing) });
    keepClock(event.clock);
    pressing.clear();
    document.title = `${state.app.name} · 演示`;
    drawClock();
    drawMenu();
    drawFaults();
    drawLog();
    open(location.hash.slice(1));
  },
  bubble({ bubble: message }) {
    const chat = (state.chats[message.group || message.person] ??= []);
    const place = chat.findIndex((known) => known.id === message.id);
    if (place < 0) chat.push(message);
    else chat[place] = message;
    pressing.delete(message.id);
    if (me && chat === chatOf(me, group)) drawMessage(message, place < 0);
    drawPeople();
  },
  typing({ person, on }) {
    if (on) state.typing.add(person);
    else state.typing.delete(person);
    if (person !== me?.userid) return;
    if (!on && pressing.size) releaseCards();
    drawTyping();
  },
  read({ person, group: chat, upto }) {
    state.read[person][chat] = upto;
    drawPeople();
  },
  groups({ groups }) {
    state.groups = groups;
    if (group) group = groups.find((known) => known.id === group.id) ?? null;
    drawPeople();
  },
  kf({ sessions }) {
    state.kf.sessions = sessions;
    if (me) drawKf();
  },
  clock(event) {
    keepClock(event);
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
    if (!reply.ok) toast("没有办成，请再试一次");
    return reply.ok;
  } catch {
    toast("没有发出去，请检查演示程序是否还在运行");
    return false;
  }
}

// -- who I am

function open(address) {
  const [userid, chat] = address.split("/");
  const person = state.people.find((known) => known.userid === userid) ?? (phone.matches ? null : state.people[0]);
  const before = me && placeOf(me, group);
  if (me) drafts.set(before, $("words").value);
  me = person;
  group = (person && groupsOf(person).find((known) => known.id === chat)) ?? null;
  document.body.dataset.screen = person ? "chat" : "list";
  document.body.dataset.chat = group ? "group" : person && isCustomer(person) ? "kf" : "app";
  drawPeople();
  if (!person) return;
  if (placeOf(person, group) !== before) {
    $("words").value = drafts.get(placeOf(person, group)) ?? "";
    wordsChanged();
    if (!group) act("enter", { person: person.userid });
  }
  $("rail-me").replaceChildren(avatar(person.name, person.kind));
  $("chat-title").textContent = group ? `${group.name}（${group.members.length}）` : appName(person);
  $("mention").hidden = !group || !state.robot;
  document.querySelector(".tab[aria-current]").scrollIntoView({ block: "nearest", inline: "nearest" });
  drawChips();
  drawKf();
  drawChat();
  if (!phone.matches) $("words").focus();
}

// What the one who is not in a group is talking to: the app, or with WeChat alone the account of 微信客服.
function appName(person) {
  return isCustomer(person) ? state.kf.name : state.app.name;
}

function choose(person, chat) {
  const place = placeOf(person, chat);
  if (location.hash.slice(1) === place) open(place);
  else location.hash = place;
}

function placeOf(person, chat) {
  return chat ? `${person.userid}/${chat.id}` : person.userid;
}

function groupsOf(person) {
  return state.groups.filter((known) => known.members.includes(person.userid));
}

function chatOf(person, chat) {
  return state.chats[chat?.id ?? person.userid] ?? [];
}

// Touching a person leads to what he has not read: the app's messages first, then the group heard from last.
function waiting(person) {
  if (unread(person, null)) return null;
  const latest = (known) => chatOf(person, known).at(-1).id;
  return groupsOf(person).filter((known) => unread(person, known)).sort((one, other) => latest(other) - latest(one))[0] ?? null;
}

// -- drawing

function drawPeople() {
  refill($("people"), state.people.map(personRow));
  refill($("tabs"), me ? [null, ...groupsOf(me)].map(tab) : []);
  if (me && group) drawSub();
  const others = state.people.filter((person) => person.userid !== me?.userid).reduce((sum, person) => sum + unreadOf(person), 0);
  $("back-badge").textContent = counted(others);
  $("back-badge").hidden = !others;
}

// A list drawn anew keeps the focus on the button that had it.
function refill(box, rows) {
  const focused = box.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  box.replaceChildren(...rows);
  if (focused !== null) box.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}

function personRow(person) {
  const unseen = waiting(person);
  const last = chatOf(person, unseen).at(-1);
  const count = unreadOf(person);
  const current = person.userid === me?.userid;
  const label = `${person.name}，${person.position}${said(count)}`;
  return el("li", {},
    el("button", { type: "button", class: current ? "person current" : "person", "aria-current": current ? "true" : null, "aria-label": label, data: { key: person.userid }, onclick: () => choose(person, waiting(person)) },
      el("span", { class: "person-face" }, avatar(person.name, person.kind), badge(count)),
      el("span", { class: "person-text" },
        el("span", { class: "person-line" },
          el("span", { class: "person-name" }, person.name, el("span", { class: `tag tag-${person.kind}` }, person.role)),
          last ? el("time", {}, last.at.slice(0, 10) === now().slice(0, 10) ? hourText(last.at) : clockText(last.at).split(" ")[0]) : null),
        el("span", { class: "person-last" },
          unseen && calls(person, unseen) && el("span", { class: "called" }, "有人@我"),
          last ? preview(last, unseen) : person.position))));
}

function tab(chat) {
  const current = chat?.id === group?.id;
  const name = chat?.name ?? appName(me);
  const count = unread(me, chat);
  const called = chat && calls(me, chat);
  return el("button", { type: "button", class: "tab", "aria-current": current ? "true" : null, "aria-label": `${name}${said(count)}${called ? "，有人@我" : ""}`, data: { key: chat?.id ?? "" }, onclick: () => choose(me, chat) },
    name, called && el("span", { class: "called" }, "@我"), badge(count));
}

function badge(count) {
  return count ? el("span", { class: "badge" }, counted(count)) : null;
}

function counted(count) {
  return count > 99 ? "99+" : String(count);
}

function said(count) {
  return count ? `，${count}条未读` : "";
}

function preview(message, unseen) {
  const words = message.text.replace(/<[^>]*>|[*#>`]/g, "").replace(/\s+/g, " ").trim();
  if (unseen) return `${unseen.name} · ${speakerOf(message, state).name}：${words}`;
  return message.sender === "person" ? `我：${words}` : words;
}

// Whether a message he has not read calls him.
function calls(person, chat) {
  const upto = readUpto(person, chat);
  return chatOf(person, chat).some((message) => message.id > upto && message.pinged?.includes(person.userid));
}

function readUpto(person, chat) {
  return state.read[person.userid][chat?.id ?? ""] ?? 0;
}

function unread(person, chat) {
  const upto = readUpto(person, chat);
  const byOthers = (message) => message.sender === "app" || (message.group && message.person !== person.userid);
  return chatOf(person, chat).filter((message) => message.id > upto && byOthers(message)).length;
}

function unreadOf(person) {
  return [null, ...groupsOf(person)].reduce((sum, chat) => sum + unread(person, chat), 0);
}

function nameOf(userid) {
  return state.people.find((person) => person.userid === userid)?.name ?? userid;
}

function drawChat() {
  const chat = chatOf(me, group);
  const rows = [];
  if (group) rows.push(notice(groupNotice()));
  else if (isCustomer(me) && !chat.length) rows.push(notice(kfNotice(me)));
  else if (!chat.length) rows.push(notice(`你现在是${me.name}（${me.position}），可以点下面的问题试试。`));
  chat.forEach((message, place) => rows.push(...rowsOf(message, chat[place - 1])));
  $("bubbles").replaceChildren(...rows);
  drawTyping();
  toBottom();
  markRead();
}

function groupNotice() {
  if (state.robot) return `在群里@${state.robot}，它才听得到；群机器人只发通报，不听。`;
  return `企业微信不会把群聊转给自建应用；需要提问请到“${state.app.name}”单聊。`;
}

function notice(text) {
  return el("li", { class: "notice" }, text);
}

function rowsOf(message, before) {
  const row = bubble(message, context());
  return [separator(before, message, now()), row].filter(Boolean);
}

function context() {
  const names = new Map(state.people.map((person) => [person.userid.toLowerCase(), person.name]));
  return { app: isCustomer(me) ? { name: state.kf.name } : state.app, me, people: state.people, names, press, touch, busy: (id) => pressing.has(id) };
}

function drawMessage(message, isNew) {
  if (!isNew) {
    document.querySelector(`#bubbles [data-id="${message.id}"]`)?.replaceWith(bubble(message, context()));
    return;
  }
  const chat = chatOf(me, group);
  const near = nearBottom() || (message.sender === "person" && message.person === me.userid);
  if (chat.length === 1 && !group) $("bubbles").replaceChildren();
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
  const on = !group && state.typing.has(me.userid);
  drawSub(on);
  const near = nearBottom();
  $("typing")?.remove();
  if (!on) return;
  $("bubbles").append(typing(state.app));
  if (near) toBottom();
}

function drawSub(writes = !group && state.typing.has(me.userid)) {
  const who = group ? `群成员：${group.members.map(nameOf).join("、")}` : me.position;
  const how = !group && isCustomer(me) ? kfState(state, me, nameOf) : "";
  $("chat-sub").textContent = writes ? "对方正在输入…" : `我是${me.name} · ${who}${how && ` · ${how}`}`;
}

// While a human being has taken over, the page can speak as him, too.
function drawKf() {
  const shown = !group && isCustomer(me);
  $("kf-bar").replaceChildren(...(shown ? kfBar(state, me, nameOf, { answer, end: () => act("end", { person: me.userid }) }) : []));
  drawSub();
}

async function answer() {
  const text = $("words").value;
  if (!text.trim()) return toast("先写要回复的话");
  if (await act("answer", { person: me.userid, text })) {
    $("words").value = "";
    wordsChanged();
  }
}

function touch(id, key) {
  act("touch", { person: me.userid, bubble: id, key });
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
    el("button", { type: "button", class: "plain", "aria-label": `${fault.label}：演练一次`, onclick: () => act("faults", { kind: fault.kind }) }, fault.armed ? `待发生${fault.armed}次` : "演练一次"))));
}

function drawLog() {
  $("log").replaceChildren(...state.log.slice(-30).reverse().map((line) => el("li", { class: line.fine ? "" : "bad" },
    el("time", {}, line.at.slice(11, 19)), el("span", {}, line.what), el("em", {}, line.result))));
}

// -- time

function keepClock(event) {
  state.clock = event.now;
  state.clockAt = performance.now();
  state.day = { date: event.now.slice(0, 10), works: event.works, label: event.day };
}

function now() {
  const moment = new Date(Date.parse(state.clock) + performance.now() - state.clockAt + 8 * 3600000);
  return `${moment.toISOString().slice(0, 19)}+08:00`;
}

function drawClock() {
  if (!state.clock) return;
  const text = `${parts(now()).year}年${clockText(now())}`;
  if ($("clock-now").textContent !== text) $("clock-now").textContent = text;
  $("clock-day").textContent = state.day.label;
  $("clock-day").classList.toggle("strip-rest", !state.day.works);
  const today = now().slice(0, 10);
  if (document.activeElement !== $("strip-date")) $("strip-date").value = today;
  if (state.day.date !== today) midnight(today);
}

// The clock has run into a new day by itself: what kind of day it is, the server knows.
async function midnight(today) {
  state.day.date = today;
  try {
    handlers.clock(await (await fetch("/chat/clock")).json());
  } catch {
    state.day.date = ""; // asked again with the next stroke
  }
}

function openClock() {
  $("clock-date").value = now().slice(0, 10);
  $("clock-time").value = hourText(now());
  $("clock").showModal();
}

// Somebody typing a date passes through others; only the one he stops at counts.
let dateSettles = 0;
function pickDate() {
  clearTimeout(dateSettles);
  dateSettles = setTimeout(() => {
    const date = $("strip-date").value;
    if (!date || !$("strip-date").validity.valid || date === now().slice(0, 10)) return;
    $("strip-date").blur();
    act("clock", { now: `${date}T${now().slice(11, 19)}` });
  }, 700);
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
  act("say", { person: me.userid, group: group?.id, text });
}

function press(id, key, chosen) {
  pressing.add(id);
  const message = state.chats[me.userid].find((known) => known.id === id);
  drawMessage(message, false);
  act("press", { person: me.userid, bubble: id, key, chosen }).then((fine) => { if (!fine) releaseCards(); });
}

// `kind` is picture or file: the path it goes by, and what WeCom calls the message.
async function send(kind, chosen) {
  if (!chosen || !me) return;
  const what = kind === "picture" ? "图片" : "文件";
  if (!chosen.size || chosen.size > LARGEST) return toast(chosen.size ? `${what}太大，演示里最大25 MB` : `${what}是空的，没有发出去`);
  const query = new URLSearchParams({ person: me.userid, name: chosen.name });
  try {
    const reply = await fetch(`/chat/${kind}?${query}`, { method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: chosen });
    if (!reply.ok) toast(`${what}没有发出去`);
  } catch {
    toast(`${what}没有发出去`);
  }
}

function markRead() {
  const last = chatOf(me, group).at(-1);
  if (!last || document.visibilityState !== "visible" || !unread(me, group)) return;
  state.read[me.userid][group?.id ?? ""] = last.id; // at once, or a badge would flash for what is on screen
  act("read", { person: me.userid, group: group?.id, upto: last.id });
}

function nearBottom() {
  const box = $("scroll");
  return box.scrollHeight - box.scrollTop - box.clientHeight < 80;
}

let stuck = true; // at the bottom, and to stay there when a picture that was awaited takes its room
function toBottom() {
  stuck = true;
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
for (const kind of ["picture", "file"]) $(kind).addEventListener("change", (event) => {
  send(kind, event.target.files[0]);
  event.target.value = "";
});
$("mention").addEventListener("click", () => {
  const words = $("words");
  const name = `@${state.robot} `;
  if (!words.value.startsWith(name)) words.value = name + words.value;
  wordsChanged();
  words.focus();
});
$("back").addEventListener("click", () => { location.hash = ""; });
$("newer").addEventListener("click", toBottom);
$("scroll").addEventListener("scroll", () => {
  stuck = nearBottom();
  if (stuck) $("newer").hidden = true;
});
$("bubbles").addEventListener("load", () => { if (stuck) toBottom(); }, true);
for (const id of ["clock-open", "rail-clock"]) $(id).addEventListener("click", openClock);
for (const id of ["drill-open", "rail-drill"]) $(id).addEventListener("click", () => $("drill").showModal());
for (const button of document.querySelectorAll("[data-hours]")) button.addEventListener("click", () => stepClock(Number(button.dataset.hours)));
$("clock-work").addEventListener("click", () => act("clock", { to: "work" }));
$("strip-date").addEventListener("change", pickDate);
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
