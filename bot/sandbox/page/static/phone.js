"use strict";
const phones = new Map();
const SAMPLE_PLACE = { latitude: 19.4326, longitude: -99.1332 };
const GONE_AFTER = 2500;
const NOTE_AFTER = 3500;

/** One phone on the page: a chat with the bot. */
class Phone {
  constructor(state) {
    this.id = state.id;
    this.shown = new Map();
    this.pressed = new Map();
    this.build(state);
    this.update(state);
  }

  act(verb, given = {}) {
    return ask(`people/${this.id}/${verb}`, { method: "POST", json: given }).catch((problem) =>
      this.note(problem.message),
    );
  }

  build(state) {
    this.subtitle = el("span", { class: "subtitle" });
    this.botName = el("strong", {});
    this.list = el("div", { class: "messages", role: "log", "aria-live": "polite", tabindex: "0", "aria-label": state.name });
    this.toast = el("div", { class: "toast", role: "status" });
    this.keys = el("div", { class: "keys" });
    this.foot = el("div", { class: "foot" });
    this.menu = el("div", { class: "menu", hidden: true });
    this.attachments = el("div", { class: "menu attachments", hidden: true });
    this.box = this.composer();
    this.root = el(
      "section",
      { class: "phone", id: `phone-${this.id}`, "aria-label": state.name },
      el("h2", {}, state.name, " ", el("span", { class: "role" }, words[`role_${state.role || "family"}`] || state.role)),
      el(
        "div",
        { class: "frame" },
        el(
          "div",
          { class: "head" },
          el("span", { class: "avatar", "aria-hidden": "true" }, "H"),
          el("span", { class: "who" }, this.botName, this.subtitle),
          el("button", { class: "icon", type: "button", "aria-label": words.menu, onclick: () => this.toggle(this.menu) }, "⋮"),
          this.menu,
        ),
        this.list,
        this.toast,
        this.foot,
      ),
    );
  }

  composer() {
    this.text = el("textarea", { rows: "1", "aria-label": words.write, placeholder: words.write });
    const send = () => {
      const text = this.text.value.trim();
      if (!text) return;
      this.text.value = "";
      this.fit();
      this.act("says", { text });
    };
    this.text.addEventListener("input", () => this.fit());
    this.text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey) {
        event.preventDefault();
        send();
      }
    });
    this.attachments.append(
      this.picker(words.photo, "image/*", (file) => this.sendFile("sends_photo", file)),
      this.picker(words.document, "", (file) => this.sendFile("sends_document", file)),
      el("button", { type: "button", onclick: () => this.pick(() => this.act("sends_voice")) }, words.voice),
      el("button", { type: "button", onclick: () => this.pick(() => this.act("sends_location", SAMPLE_PLACE)) }, words.location),
    );
    return el(
      "div",
      { class: "box" },
      this.attachments,
      el("button", { class: "icon", type: "button", "aria-label": words.attach, onclick: () => this.toggle(this.attachments) }, "+"),
      this.text,
      el("button", { class: "icon send", type: "button", "aria-label": words.send, onclick: send }, "➤"),
    );
  }

  fit() {
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(this.text.scrollHeight, 110)}px`;
  }

  toggle(menu) {
    const open = menu.hidden;
    this.menu.hidden = this.attachments.hidden = true;
    menu.hidden = !open;
  }

  pick(then) {
    this.attachments.hidden = true;
    then();
  }

  picker(label, accept, then) {
    const input = el("input", { type: "file", accept, hidden: true });
    input.addEventListener("change", () => {
      if (input.files[0]) this.pick(() => then(input.files[0]));
      input.value = "";
    });
    return el("span", {}, input, el("button", { type: "button", onclick: () => input.click() }, label));
  }

  async sendFile(verb, file) {
    const query = new URLSearchParams({ filename: file.name });
    try {
      await ask(`people/${this.id}/${verb}?${query}`, { method: "POST", body: file, type: file.type });
    } catch (problem) {
      this.note(problem.message);
    }
  }

  update(state) {
    this.state = state;
    this.botName.textContent = state.bot;
    this.typing(state.typing);
    this.fillMenu();
    this.fillMessages();
    this.fillFoot();
  }

  typing(on) {
    this.subtitle.textContent = on ? words.typing : words.bot;
    clearTimeout(this.typingTimer);
    if (on) this.typingTimer = setTimeout(() => this.typing(false), 5000);
  }

  fillMenu() {
    const commands = this.state.commands.map((entry) =>
      el("button", { type: "button", onclick: () => this.choose(`/${entry.command}`) }, el("code", {}, `/${entry.command}`), " ", entry.description),
    );
    const block = this.state.blocked
      ? el("button", { type: "button", onclick: () => this.menuDoes("unblocks") }, words.unblock)
      : el("button", { type: "button", class: "danger", onclick: () => this.menuDoes("blocks") }, words.block);
    this.menu.replaceChildren(...commands, block);
  }

  menuDoes(verb) {
    this.menu.hidden = true;
    this.act(verb);
  }

  choose(text) {
    this.menu.hidden = true;
    this.act("says", { text });
  }

  fillMessages() {
    const atEnd = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 60;
    const present = new Set(this.state.messages.map((message) => message.id));
    for (const [id, entry] of this.shown) if (!present.has(id)) this.remove(id, entry);
    if (this.hint) this.hint.remove();
    let grew = false;
    for (const message of this.state.messages) {
      const facts = JSON.stringify(message);
      const before = this.shown.get(message.id);
      if (before && before.facts === facts) continue;
      const node = drawMessage(this, message);
      if (before) before.node.replaceWith(node);
      else this.list.append(node);
      grew = grew || !before;
      this.shown.set(message.id, { facts, node });
    }
    if (!this.state.messages.length) {
      const hint = this.state.role ? words.linked_hint : this.state.about || words.start_hint;
      this.hint = el("p", { class: "hint" }, hint);
      this.list.append(this.hint);
    }
    if (grew || atEnd) this.list.scrollTop = this.list.scrollHeight;
  }

  remove(id, entry) {
    this.shown.delete(id);
    entry.node.className = "message gone";
    entry.node.replaceChildren(words.deleted);
    setTimeout(() => entry.node.remove(), GONE_AFTER);
  }

  fillFoot() {
    if (this.state.blocked) {
      this.foot.replaceChildren(
        el("p", { class: "hint" }, words.blocked),
        el("button", { type: "button", class: "wide", onclick: () => this.act("unblocks") }, words.unblock),
      );
      return;
    }
    const fresh = !this.state.messages.length && !this.state.role;
    const start = el("button", { type: "button", class: "wide", onclick: () => this.act("starts") }, words.start);
    this.fillKeys();
    this.text.placeholder = this.state.placeholder || words.write;
    if (fresh) this.foot.replaceChildren(start);
    else if (this.box.parentNode !== this.foot) this.foot.replaceChildren(this.box, this.keys);
  }

  fillKeys() {
    const facts = JSON.stringify(this.state.keyboard);
    if (facts === this.keysFacts) return;
    this.keysFacts = facts;
    this.keys.replaceChildren(
      ...this.state.keyboard.map((row) =>
        el("div", { class: "row" }, ...row.map((key) => el("button", { type: "button", onclick: () => this.key(key) }, key.label))),
      ),
    );
  }

  key(key) {
    if (key.wants === "location") this.act("sends_location", SAMPLE_PLACE);
    else if (key.wants === "contact") this.act("sends_contact", { phone_number: "+520000000000" });
    else this.act("says", { text: key.label });
  }

  async press(node, message, button) {
    if (button.url) {
      window.open(button.url, "_blank", "noreferrer");
      return;
    }
    node.classList.add("waiting");
    this.pressed.set(message.id, node);
    setTimeout(() => node.classList.remove("waiting"), 15000);
    await this.act("presses_under", { message_id: message.id, data: button.data });
  }

  answered(detail) {
    for (const node of this.pressed.values()) node.classList.remove("waiting");
    this.pressed.clear();
    if (detail.text) this.note(detail.text, detail.alert);
  }

  note(text, stays = false) {
    clearTimeout(this.noteTimer);
    const close = () => this.toast.replaceChildren();
    this.toast.replaceChildren(el("p", {}, text, stays ? el("button", { type: "button", onclick: close }, words.ok) : null));
    if (!stays) this.noteTimer = setTimeout(close, NOTE_AFTER);
  }
}

function drawMessage(phone, message) {
  const marks = ["edited", "silent", "protected"].filter((mark) => message[mark]);
  const meta = el(
    "span",
    { class: "meta" },
    ...marks.map((mark) => el("span", { title: words[mark] }, `${words[`${mark}_mark`]} · `)),
    clock(message.date),
    message.bot ? null : " ✓✓",
  );
  const bubble = el("div", { class: "bubble" }, drawAttachment(message), el("span", { class: "text" }, ...message.runs.map(drawRun)), meta);
  const rows = (message.buttons || []).map((row) =>
    el("div", { class: "row" }, ...row.map((button) => {
      const node = el("button", { type: "button" }, button.label, button.url ? " ↗" : "");
      node.addEventListener("click", () => phone.press(node, message, button));
      return node;
    })),
  );
  return el("div", { class: `message ${message.bot ? "from-bot" : "from-person"}` }, bubble, rows.length ? el("div", { class: "buttons" }, ...rows) : null);
}

function drawRun(run) {
  const styles = (run.styles || []).map((style) => `run-${style}`).join(" ");
  if (run.url) return el("a", { href: /^https?:|^tg:|^mailto:|^tel:/.test(run.url) ? run.url : `https://${run.url}`, target: "_blank", rel: "noreferrer", class: styles }, run.text);
  return styles ? el("span", { class: styles }, run.text) : run.text;
}

function drawAttachment(message) {
  const file = message.attachment;
  if (!file) return null;
  const address = `/control/files/${file.file_id}`;
  if (message.kind === "photo") return el("img", { src: address, alt: words.photo_alt, width: file.width, height: file.height });
  if (message.kind === "voice") return el("span", { class: "file" }, `♪ ${words.voice_note} · ${file.duration} ${words.seconds}`, el("audio", { controls: true, preload: "none", src: address, "aria-label": words.voice_note }));
  if (message.kind === "document") return el("a", { class: "file", href: address, download: file.file_name }, `▤ ${file.file_name}`);
  if (message.kind === "location") return el("span", { class: "file" }, `◎ ${words.place}`, el("br"), `${file.latitude.toFixed(4)}, ${file.longitude.toFixed(4)}`);
  return el("span", { class: "file" }, `☎ ${words.contact} ${file.phone_number}`);
}
