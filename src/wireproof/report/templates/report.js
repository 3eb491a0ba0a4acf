"use strict";
(function () {
  const root = document.documentElement;
  const themes = ["auto", "light", "dark"];
  const button = document.getElementById("theme");

  // Storage is refused to files in some browsers; the choice then lasts as long as the page.
  function remembered() {
    try { return localStorage.getItem("wireproof-theme"); } catch (refused) { return null; }
  }
  function remember(theme) {
    try { localStorage.setItem("wireproof-theme", theme); } catch (refused) { /* lasts as long as the page */ }
  }
  function show(theme) {
    if (theme === "auto") { delete root.dataset.theme; } else { root.dataset.theme = theme; }
    button.textContent = "Colours: " + theme;
    button.setAttribute("aria-label", "Colours: " + (theme === "auto" ? "as the system" : theme) + ". Press to change.");
  }
  let theme = themes.includes(remembered()) ? remembered() : "auto";
  button.hidden = false;
  show(theme);
  button.addEventListener("click", function () {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    remember(theme);
    show(theme);
  });

  function select(node) {
    const range = document.createRange();
    range.selectNodeContents(node);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  }
  function told(copy, text) {
    copy.textContent = text;
    setTimeout(function () { copy.textContent = "Copy"; }, 2500);
  }
  function copyBySelection(copy, node) {
    select(node);
    let done = false;
    try { done = document.execCommand("copy"); } catch (refused) { done = false; }
    told(copy, done ? "Copied" : "Selected: press Ctrl+C");
  }
  for (const copy of document.querySelectorAll("button.copy")) {
    const node = copy.parentElement.querySelector("code");
    copy.hidden = false;
    copy.setAttribute("aria-live", "polite");
    copy.addEventListener("click", function () {
      if (navigator.clipboard && navigator.clipboard.writeText) {
        navigator.clipboard.writeText(node.textContent).then(
          function () { told(copy, "Copied"); },
          function () { copyBySelection(copy, node); });
      } else {
        copyBySelection(copy, node);
      }
    });
  }

  // Paper has no folds: figures and filters are printed open, rule pages stay as the reader left them.
  let opened = [];
  addEventListener("beforeprint", function () {
    opened = Array.from(document.querySelectorAll("details.drawing:not([open]), details.filters:not([open])"));
    for (const fold of opened) { fold.open = true; }
  });
  addEventListener("afterprint", function () {
    for (const fold of opened) { fold.open = false; }
  });

  // A link to something inside a fold opens it.
  function reveal() {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let fold = target && target.closest("details"); fold; fold = fold.parentElement.closest("details")) { fold.open = true; }
  }
  addEventListener("hashchange", reveal);
  reveal();
})();
