// Builds elements. Text only ever enters the page as text nodes; there is no innerHTML anywhere.

export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "data") Object.assign(node.dataset, value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return node;
}

// Only web addresses become links; javascript:, data: and the like stay plain words.
export function link(url, ...children) {
  const address = webAddress(url);
  if (!address) return el("span", {}, ...children);
  return el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

export function webAddress(url) {
  try {
    const parsed = new URL(String(url));
    return parsed.protocol === "https:" || parsed.protocol === "http:" ? parsed.href : "";
  } catch {
    return "";
  }
}

// The last two characters, as WeCom does for people without a photograph.
export function avatar(name, kind) {
  return el("span", { class: `avatar avatar-${kind}`, "aria-hidden": "true" }, Array.from(name).slice(-2).join(""));
}
