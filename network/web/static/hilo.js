// What pages do better with JavaScript. Every page also works without it.
(() => {
  "use strict";
  const neutral = document.body.dataset.neutral;
  const way = document.getElementById("exit");

  // Leave so that «back» does not come back here; a signed-in session is ended on the way.
  const leave = () => {
    document.documentElement.hidden = true;
    if (way instanceof HTMLFormElement) {
      fetch(way.action, { method: "POST", body: new FormData(way), keepalive: true, redirect: "manual" });
    }
    window.location.replace(neutral);
  };
  if (way) {
    way.addEventListener(way instanceof HTMLFormElement ? "submit" : "click", (event) => {
      event.preventDefault();
      leave();
    });
  }
  let presses = [];
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    presses = presses.filter((at) => event.timeStamp - at < 2000).concat(event.timeStamp);
    if (presses.length < 3) return;
    event.preventDefault();  // Escape would stop the way out
    leave();
  });

  // One press, one request: a shaking hand presses twice.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.id === "exit") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    for (const button of form.querySelectorAll("button")) button.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      for (const button of form.querySelectorAll("button")) button.removeAttribute("aria-busy");
    }
  });

  // Say that a file is too heavy before it is sent, while the words around it can still be kept.
  for (const input of document.querySelectorAll("input[type=file][data-most]")) {
    input.addEventListener("change", () => {
      const heavy = [...input.files].some((file) => file.size > Number(input.dataset.most));
      input.setCustomValidity(heavy ? input.dataset.heavy : "");
      input.reportValidity();
    });
  }

  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const source = document.getElementById(button.dataset.copy);
      await navigator.clipboard.writeText(source.textContent.trim());
      button.textContent = button.dataset.done;
    });
  }
})();
