"use strict";
const SWITCHES = {
  fault_too_many: { kind: "too_many", retry_after: 5 },
  fault_error: { kind: "error", status: 500 },
  fault_gateway: { kind: "error", status: 502 },
  fault_slow: { kind: "slow", seconds: 3 },
  fault_cut_before: { kind: "cut_before" },
  fault_cut_after: { kind: "cut_after" },
};
const DELAYS = [0, 50, 300, 1500];
const place = (id) => document.getElementById(id);

/* The phones, kept up to date by the server. */

function choose(id) {
  for (const [number, phone] of phones) {
    phone.root.classList.toggle("chosen", number === id);
    phone.tab.setAttribute("aria-selected", number === id);
    if (number === id) {
      phone.tab.classList.remove("news");
      phone.list.scrollTop = phone.list.scrollHeight;
    }
  }
}

function addPhone(state) {
  const phone = new Phone(state);
  phone.tab = el("button", { type: "button", role: "tab", "aria-selected": "false", "aria-controls": `phone-${state.id}`, onclick: () => choose(state.id) }, state.name);
  phones.set(state.id, phone);
  place("phones").append(phone.root);
  place("tabs").append(phone.tab);
  phone.list.scrollTop = phone.list.scrollHeight;
}

function listen() {
  const source = new EventSource("/control/events");
  const on = (name, then) => source.addEventListener(name, (event) => then(JSON.parse(event.data)));
  source.onopen = () => (place("lost").hidden = true);
  source.onerror = () => (place("lost").hidden = false);
  on("phones", ({ ids }) => {
    for (const [id, phone] of phones) {
      if (ids.includes(id)) continue;
      phone.root.remove();
      phone.tab.remove();
      phones.delete(id);
    }
    order = ids;
  });
  on("phone", (state) => {
    const phone = phones.get(state.id);
    if (!phone) {
      addPhone(state);
      arrange();
      return;
    }
    const before = phone.state.messages.at(-1);
    phone.update(state);
    const after = state.messages.at(-1);
    const news = after && after.bot && (!before || after.id > before.id);
    if (news && !phone.root.classList.contains("chosen")) phone.tab.classList.add("news");
  });
  on("answered", (detail) => phones.get(detail.id)?.answered(detail));
}

let order = [];
function arrange() {
  /* Moving a node loses its scroll position, so only what stands wrong is moved. */
  const present = order.map((id) => phones.get(id)).filter(Boolean);
  present.forEach((phone, index) => {
    for (const [parent, node] of [[place("phones"), phone.root], [place("tabs"), phone.tab]]) {
      if (parent.children[index] !== node) parent.insertBefore(node, parent.children[index] || null);
    }
    phone.list.scrollTop = phone.list.scrollHeight;
  });
  if (![...phones.values()].some((phone) => phone.root.classList.contains("chosen"))) choose(order[0]);
}

/* The codes to sign in with. */

let accounts = { accounts: [], found: true };
let fetchedAt = 0;

async function fetchAccounts() {
  fetchedAt = performance.now();
  try {
    accounts = await ask("accounts");
    drawAccounts();
  } catch {
    /* the banner already says that the server is away */
  }
}

function copyable(label, value, kind) {
  const button = el("button", { type: "button", class: "copy", "aria-label": `${words.copy} ${label}` }, words.copy);
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(value);
    button.textContent = words.copied;
    setTimeout(() => (button.textContent = words.copy), 1200);
  });
  return el("div", { class: "pair" }, el("span", { class: "label" }, label), el("code", { class: kind }, value), button);
}

function drawAccounts() {
  const web = place("web");
  web.hidden = !accounts.web;
  if (accounts.web) web.href = accounts.web;
  if (!accounts.found) {
    place("accounts").replaceChildren(el("p", {}, words.codes_missing, " ", el("code", {}, accounts.file)));
    return;
  }
  place("accounts").replaceChildren(
    ...accounts.accounts.map((entry) =>
      el(
        "article",
        { class: "account" },
        el("h3", {}, entry.person, " ", el("span", { class: "role" }, words[`role_${entry.role}`] || entry.role)),
        copyable(words.handle, entry.handle, ""),
        copyable(words.passphrase, entry.passphrase, ""),
        entry.code ? copyable(words.code, entry.code, "code") : null,
        entry.code ? el("div", { class: "left", "data-left": entry.seconds_left }, el("span", {}), el("i", {})) : null,
      ),
    ),
  );
  tick();
}

function tick() {
  const passed = (performance.now() - fetchedAt) / 1000;
  let over = performance.now() - fetchedAt > 5000;
  for (const bar of document.querySelectorAll(".left")) {
    const left = Math.max(0, Number(bar.dataset.left) - passed);
    over = over || left === 0;
    bar.firstChild.textContent = `${Math.ceil(left)} ${words.seconds}`;
    bar.lastChild.style.width = `${(left / 30) * 100}%`;
  }
  return over;
}

/* The faults, switched by hand. */

async function endFault(fault) {
  await ask(`faults/${fault.id}`, { method: "DELETE" });
  await drawFaults();
}

async function drawFaults(change) {
  const state = await ask("faults", change);
  const count = state.faults.length + (state.redelivery ? 1 : 0) + (state.latency ? 1 : 0);
  place("faults-on").textContent = count;
  place("faults-on").hidden = !count;
  const match = (wanted) => state.faults.find((fault) => Object.entries(wanted).every(([key, value]) => fault[key] === value));
  const box = (label, on, then) => el("label", {}, el("input", { type: "checkbox", role: "switch", checked: on, onchange: then }), " ", words[label]);
  const boxes = Object.entries(SWITCHES).map(([label, wanted]) => {
    const fault = match(wanted);
    return box(label, Boolean(fault), () => fault ? endFault(fault) : drawFaults({ method: "POST", json: wanted }));
  });
  boxes.push(box("fault_redelivery", state.redelivery, () => drawFaults({ method: "POST", json: { redelivery: !state.redelivery } })));
  const delay = el("select", { "aria-label": words.latency, onchange: (event) => drawFaults({ method: "POST", json: { latency: Number(event.target.value) / 1000 } }) },
    ...DELAYS.map((ms) => el("option", { value: ms, selected: Math.round(state.latency * 1000) === ms }, `${ms} ms`)));
  const clear = el("button", { type: "button", onclick: async () => {
    await ask("faults", { method: "DELETE" });
    await drawFaults({ method: "POST", json: { latency: 0, redelivery: false } });
  } }, words.clear_faults);
  place("switches").replaceChildren(...boxes, el("label", {}, words.latency, " ", delay), clear);
}

/* Opening panels and adding phones. */

for (const button of document.querySelectorAll("[data-panel]")) {
  button.addEventListener("click", () => {
    const panel = place(button.dataset.panel);
    panel.hidden = !panel.hidden;
    button.setAttribute("aria-expanded", String(!panel.hidden));
    if (!panel.hidden) {
      if (panel.id === "faults") drawFaults();
      panel.scrollIntoView({ block: "nearest" });
    }
  });
}
place("add-phone").addEventListener("click", () => place("ask").showModal());
place("ask").addEventListener("close", () => {
  const name = place("ask-name").value.trim();
  if (place("ask").returnValue === "add" && name) ask("people", { method: "POST", json: { name, language_code: language } });
  place("ask-name").value = "";
});
setInterval(() => {
  if (tick()) fetchAccounts();
}, 500);
fetchAccounts();
drawFaults();
listen();
