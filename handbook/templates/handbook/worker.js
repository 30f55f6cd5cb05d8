// The kept handbook. The server writes VERSION and ADDRESSES above this line.
const SHELF = `manual-${VERSION}`;
const PATIENCE_MS = 4000;
const ANY = { ignoreVary: true };

// Pages of strangers only: what is kept must name nobody who was signed in. And kept once: a second
// copy in the browser's own cache would outlive the shelf.
const asked = (address) => new Request(address, { credentials: "omit", cache: "no-store" });

// A search is kept without its question.
const key = (address) => {
  const url = new URL(address);
  const language = url.searchParams.get("lang");
  return url.pathname + (language ? `?lang=${language}` : "");
};

const keep = async () => {
  const shelf = await caches.open(SHELF);
  try {
    await shelf.addAll(ADDRESSES.map(asked));
  } catch (failed) {
    await caches.delete(SHELF);
    throw failed;
  }
  await self.skipWaiting();
};

const dropOthers = async () => {
  const names = (await caches.keys()).filter((name) => name.startsWith("manual-") && name !== SHELF);
  await Promise.all(names.map((name) => caches.delete(name)));
  await self.clients.claim();
};

// The network first, so a signed-in person gets their own way out; what is kept when it fails.
const answer = async (request) => {
  const fresh = fetch(request);
  const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  const early = await Promise.race([fresh.catch(() => undefined), patience]);
  if (early && early.status < 500) return early;
  return (await caches.match(key(request.url), ANY)) ?? early ?? fresh;
};

// A press on «did it help?» that cannot reach us leaves the reader where they were.
const back = (address) => {
  const [, manual, chapter, section] = new URL(address).pathname.split("/");
  return Response.redirect(`/${manual}/${chapter}${new URL(address).search}#${section}`, 303);
};

self.addEventListener("install", (event) => event.waitUntil(keep()));
self.addEventListener("activate", (event) => event.waitUntil(dropOthers()));
self.addEventListener("fetch", (event) => {
  const ours = new URL(event.request.url).origin === self.location.origin;
  if (ours && event.request.method === "GET") event.respondWith(answer(event.request));
  if (ours && event.request.method === "POST" && event.request.url.includes("/helped")) {
    event.respondWith(fetch(event.request).catch(() => back(event.request.url)));
  }
});
