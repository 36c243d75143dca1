// 微信客服 on the page: how a session stands, and the human being who may take over.

import { el } from "./dom.js";

const HUMAN = 3;
const STATES = ["助手接待", "助手接待", "等待人工接入", "人工接待", ""];

export function isCustomer(person) {
  return person.kind === "customer";
}

export function kfNotice(me) {
  return `你现在是${me.name}，只有微信，没有企业微信。对方每收到一条，48小时内最多回5条；回复“转人工”由工作人员接待。`;
}

function sessionOf(state, me) {
  return state.kf.sessions.find((one) => one.person === me.userid) ?? { state: 4, servicer: "", left: 0 };
}

// 助手接待，还可回4条; 人工接待（王磊）
export function kfState(state, me, nameOf) {
  const session = sessionOf(state, me);
  if (session.state === HUMAN) return `${STATES[HUMAN]}（${nameOf(session.servicer)}）`;
  return session.left && session.state < 2 ? `${STATES[session.state]}，还可回${session.left}条` : STATES[session.state];
}

export function kfBar(state, me, nameOf, { answer, end }) {
  const session = sessionOf(state, me);
  if (session.state !== HUMAN) return [];
  const name = nameOf(session.servicer);
  return [
    el("span", { class: "kf-who" }, `人工接待中：${name}`),
    el("button", { type: "button", class: "plain", onclick: answer }, `以${name}回复`),
    el("button", { type: "button", class: "plain", onclick: end }, "结束人工"),
  ];
}
