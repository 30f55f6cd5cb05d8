// Show a passphrase while it is typed; it is hidden again before it is sent.
(() => {
  "use strict";
  for (const input of document.querySelectorAll("input[type=password][data-show]")) {
    const button = document.createElement("button");
    const { show, hide } = input.dataset;
    const turn = (shown) => {
      input.type = shown ? "text" : "password";
      button.textContent = shown ? hide : show;
    };
    delete input.dataset.show; // a page with two fields brings this file twice
    button.type = "button";
    button.className = "outline secondary shows";
    button.setAttribute("aria-controls", input.id);
    button.addEventListener("click", () => turn(input.type === "password"));
    input.form.addEventListener("submit", () => turn(false));
    window.addEventListener("pagehide", () => turn(false));
    turn(false);
    input.after(button);
  }
})();
