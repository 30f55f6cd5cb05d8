// What the handbook does better with JavaScript: find as you type, and stay on the phone.
const HOME = "/manual/";
const MOST = 12;

const box = document.getElementById("keep");
if (box && "serviceWorker" in navigator) offerToKeep();
const form = document.querySelector(".manual-search");
if (form) findAsTyped();

async function offerToKeep() {
  const [keep, remove] = box.querySelectorAll("button");
  const status = box.querySelector("[role=status]");
  const show = (kept, words) => {
    keep.hidden = kept;
    remove.hidden = !kept;
    keep.disabled = remove.disabled = false;
    status.textContent = status.dataset[words] ?? "";
  };
  const press = (button, words, act) => button.addEventListener("click", async () => {
    keep.disabled = remove.disabled = true;
    status.textContent = status.dataset[words];
    await act();
  });
  press(keep, "keeping", async () => {
    try {
      const how = { scope: HOME, updateViaCache: "none" };
      await working(await navigator.serviceWorker.register(`${HOME}worker.js`, how));
      show(true, "kept");
    } catch {
      await forget();
      show(false, "failed");
    }
  });
  press(remove, "removing", async () => {
    await forget();
    show(false, "removed");
  });
  const registration = await navigator.serviceWorker.getRegistration(HOME);
  show(Boolean(registration?.active), registration?.active ? "kept" : "none");
  box.hidden = false;
}

function working(registration) {
  const worker = registration.installing ?? registration.waiting ?? registration.active;
  return new Promise((resolve, reject) => {
    const look = () => {
      if (worker.state === "activated") resolve();
      if (worker.state === "redundant") reject(new Error(worker.state));
    };
    worker.addEventListener("statechange", look);
    look();
  });
}

async function forget() {
  const registration = await navigator.serviceWorker.getRegistration(HOME);
  await registration?.unregister();
  const names = (await caches.keys()).filter((name) => name.startsWith("manual-"));
  await Promise.all(names.map((name) => caches.delete(name)));
  // What was read a moment ago is in the browser's own cache, which only the server can empty.
  fetch(`${HOME}forgotten`, { keepalive: true, cache: "no-store" }).catch(() => {});
}

function findAsTyped() {
  const input = form.elements.q;
  const english = form.elements.lang ? `?lang=${form.elements.lang.value}` : "";
  let finding;
  const load = async () => {
    const index = fetch(`${HOME}index.json${english}`).then((answer) => answer.json());
    const { finder } = await import("./find.js");
    return finder(await index);
  };
  const ready = () => {
    finding ??= load().catch(() => { finding = undefined; });  // the button still asks the server
    return finding;
  };
  const find = async () => {
    const typed = input.value;
    const search = await ready();
    if (search && input.value === typed) show(typed, search(typed, MOST));
  };
  input.addEventListener("focus", ready);
  input.addEventListener("input", find);

  // Kept pages come without what was asked.
  const query = new URLSearchParams(location.search).get("q");
  if (query && !input.value) {
    input.value = query;
    find();
  }
}

function show(typed, sections) {
  let found = document.getElementById("found");
  if (!found) {
    found = document.createElement("div");
    found.id = "found";
    found.setAttribute("aria-live", "polite");
    form.after(found);
  }
  if (typed.trim() && !sections.length) {
    found.textContent = form.dataset.none;
    return;
  }
  const list = document.createElement("ol");
  list.className = "hits";
  for (const { url, title, chapter } of sections) {
    const [item, link, where] = ["li", "a", "small"].map((name) => document.createElement(name));
    link.href = url;
    link.textContent = title;
    where.textContent = chapter;
    item.append(link, document.createElement("br"), where);
    list.append(item);
  }
  found.replaceChildren(list);
}
