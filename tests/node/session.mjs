// WeCom's own client beside our simulator: it answers what it is told, and says what came of it, a JSON line each.
// Run by tests/test_robot_node.py with the folder of the installed client, the address, the robot and its secret.
import { createRequire } from "node:module";

const [, , folder, mode, wsUrl, botId, secret] = process.argv;
const { WSClient, WecomCrypto } = createRequire(`${folder}/`)("@wecom/aibot-node-sdk");
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const tell = (did, more = {}) => process.stdout.write(`${JSON.stringify({ did, ...more })}\n`);
const code = (answer) => answer.errcode ?? String(answer.message ?? answer);

const CARD = {
  card_type: "button_interaction",
  task_id: "task-node-1",
  main_title: { title: "冷链库容" },
  button_list: [{ text: "确认", key: "ok" }, { text: "更正", key: "fix", style: 2 }],
};

const SAID = {
  async 流式(client, frame) {
    const acks = [];
    for (const [words, finish] of [["正在查", false], ["正在查…", false], ["市供销社牵头", true]]) {
      acks.push(code(await client.replyStream(frame, "s1", words, finish)));
    }
    acks.push(code(await client.replyStream(frame, "s1", "太晚了", true).catch((error) => error)));
    tell("streamed", { acks });
  },
  async 排队(client, frame) {
    const frames = Array.from({ length: 20 }, (_, at) => client.replyStream(frame, "s2", `第${at}帧`, at === 19));
    tell("queued", { acks: (await Promise.all(frames)).map(code) });
  },
  async 卡片(client, frame) {
    tell("card", { ack: code(await client.replyTemplateCard(frame, CARD)) });
  },
  async 图文(client, frame) {
    const templateCard = { ...CARD, task_id: "task-node-2" };
    tell("both", { ack: code(await client.replyStreamWithCard(frame, "s3", "见卡片", true, { templateCard })) });
  },
  async 推送(client, frame) {
    const body = { msgtype: "markdown", markdown: { content: "**周报**" } };
    const sent = await client.sendMessage(frame.body.chatid, body);
    const refused = await client.sendMessage("wrNobody", body).catch((error) => error);
    tell("pushed", { sent: code(sent), refused: code(refused) });
  },
  async 文件(client, frame) {
    const data = Buffer.alloc(1_300_000, "0123456789");
    const media = await client.uploadMedia(data, { type: "file", filename: "台账.xlsx" });
    const replied = await client.replyMedia(frame, "file", media.media_id);
    const sent = await client.sendMediaMessage(frame.body.chatid, "file", media.media_id);
    tell("uploaded", { type: media.type, replied: code(replied), sent: code(sent) });
  },
};

function talk() {
  const client = new WSClient({ botId, secret, wsUrl, logger: silent, heartbeatInterval: 200, reconnectInterval: 50 });
  for (const name of ["authenticated", "disconnected", "reconnecting"]) client.on(name, (more) => tell(name, { more }));
  client.on("error", (error) => tell("error", { message: error.message }));
  client.on("message", (frame) => tell("heard", { body: frame.body }));
  client.on("message.text", (frame) => {
    const words = frame.body.text.content.replace(/^@\S+\s*/, "");
    SAID[words]?.(client, frame).catch((error) => tell("failed", { words, error: code(error) }));
  });
  client.on("event.enter_chat", async (frame) => {
    const welcome = { msgtype: "text", text: { content: "您好" } };
    tell("welcomed", { ack: code(await client.replyWelcome(frame, welcome)) });
  });
  client.on("event.template_card_event", async (frame) => {
    const { event_key, task_id } = frame.body.event.template_card_event;
    const card = { card_type: "text_notice", main_title: { title: "已确认" }, task_id };
    tell("updated", { event_key, ack: code(await client.updateTemplateCard(frame, card)) });
  });
  client.on("event.disconnected_event", () => tell("kicked"));
  client.connect();
}

function knock() {
  const client = new WSClient({ botId, secret, wsUrl, logger: silent, reconnectInterval: 10, maxAuthFailureAttempts: 2 });
  client.on("error", (error) => tell("error", { message: error.message, code: error.code }));
  client.on("authenticated", () => tell("authenticated"));
  client.connect();
}

// Opens what it is given and seals it again, with the client's own crypto.
function crypt(lines) {
  for (const one of JSON.parse(lines)) {
    const crypto = new WecomCrypto(one.token, one.aes_key, "");
    const fine = crypto.verifySignature(one.signature, one.timestamp, one.nonce, one.encrypted);
    const text = crypto.decrypt(one.encrypted);
    tell("opened", { id: one.id, fine, text, sealed: crypto.encrypt(text, one.timestamp, one.nonce) });
  }
}

if (mode === "talk") talk();
else if (mode === "knock") knock();
else {
  let lines = "";
  process.stdin.on("data", (part) => { lines += part; });
  process.stdin.on("end", () => crypt(lines));
}
