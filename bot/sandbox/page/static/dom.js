"use strict";
const words = JSON.parse(document.body.dataset.words);
const language = document.body.dataset.language;

/** An element with properties, data and children; text is never read as HTML. */
function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** Asks the control room; a refusal is an error with its sentence. */
async function ask(path, { method = "GET", json, body, type } = {}) {
  const headers = {};
  if (json !== undefined) headers["Content-Type"] = "application/json";
  else if (body !== undefined) headers["Content-Type"] = type || "application/octet-stream";
  const answer = await fetch(`/control/${path}`, {
    method,
    headers,
    body: json !== undefined ? JSON.stringify(json) : body,
  });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.error || told.description || words.failed);
  return told;
}

function clock(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString(language === "es" ? "es-MX" : "en", {
    hour: "2-digit",
    minute: "2-digit",
  });
}
