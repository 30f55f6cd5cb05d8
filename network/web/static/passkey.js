// Passkeys, where a browser and its device can. Without this file, passphrase and code remain.
(() => {
  "use strict";
  if (!window.PublicKeyCredential) return;
  const prf = { eval: { first: new TextEncoder().encode("hilo/passkey/1") } };
  const text = (bytes) =>
    btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  const bytes = (said) =>
    Uint8Array.from(atob(said.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
  const outputOf = (credential) => credential.getClientExtensionResults().prf?.results?.first;

  // By hand and not by toJSON(): many telephones do not have it, and it would hold the secret too.
  const PARTS = ["clientDataJSON", "attestationObject", "authenticatorData", "signature"];
  const plain = ({ id, rawId, type, response }) => {
    const said = PARTS.filter((part) => response[part]).map((part) => [part, text(response[part])]);
    return JSON.stringify({ id, rawId: text(rawId), type, response: Object.fromEntries(said) });
  };
  const optionsOf = async (form) => {
    if (form.dataset.options) return JSON.parse(form.dataset.options);
    const answer = await fetch(form.dataset.ask, { cache: "no-store" });
    if (!answer.ok) throw new Error("not asked");
    return answer.json();
  };
  const ways = {
    async get(options, form) {
      // A form that only asks for a second factor is not given what opens the account.
      const extensions = form.elements.output ? { prf } : {};
      const publicKey = { ...options, challenge: bytes(options.challenge), extensions };
      const answer = await navigator.credentials.get({ publicKey });
      return [plain(answer), outputOf(answer)];
    },
    async create(options, form) {
      const alone = form.elements.opens.value === "alone";
      const publicKey = {
        ...options,
        challenge: bytes(options.challenge),
        user: { ...options.user, id: bytes(options.user.id) },
        extensions: alone ? { prf } : {},
      };
      const made = await navigator.credentials.create({ publicKey });
      const said = made.getClientExtensionResults().prf;
      if (!said?.enabled || said.results) return [plain(made), outputOf(made)];
      // Most devices compute nothing while they make a key: they are asked once more.
      const again = await navigator.credentials.get({
        publicKey: {
          challenge: crypto.getRandomValues(new Uint8Array(32)),
          rpId: options.rp.id,
          userVerification: "required",
          allowCredentials: [{ type: "public-key", id: made.rawId }],
          extensions: { prf },
        },
      });
      return [plain(made), outputOf(again)];
    },
  };
  const tries = async (form, problem) => {
    try {
      problem.hidden = true;
      const [credential, output] = await ways[form.dataset.passkey](await optionsOf(form), form);
      form.elements.credential.value = credential;
      if (form.elements.output) form.elements.output.value = output ? text(output) : "";
      form.submit();
    } catch {
      problem.hidden = false;
      delete form.dataset.sent;
      for (const button of form.querySelectorAll("button")) button.removeAttribute("aria-busy");
    }
  };
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!form.dataset.sent) tries(form, form.querySelector(".problem"));
    });
  }
})();
