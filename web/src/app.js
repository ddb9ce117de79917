// The little script there is. Every page works without it: this only saves presses and shows what is going on.
// All listeners sit on the document, so that what htmx swaps in needs no wiring.
"use strict";

/* Selection. form[data-selection] knows from the server how many are selected (data-selected) and could be
   (data-total), across all pages; the boxes on this page move that number. The server counts again when it acts. */
let lastBox = null;

function showSelection(form) {
  const selected = Number(form.dataset.selected);
  const all = form.querySelector("[data-select-all]");
  if (all) {
    all.checked = selected > 0 && selected >= Number(form.dataset.total);
    all.indeterminate = selected > 0 && !all.checked;
  }
  for (const out of form.querySelectorAll("[data-selected-count]")) out.textContent = String(selected);
  for (const button of form.querySelectorAll("[data-needs-selection]")) button.disabled = selected === 0;
}

function select(form, box, checked) {
  if (box.checked === checked || box.disabled) return;
  box.checked = checked;
  form.dataset.selected = Number(form.dataset.selected) + (checked ? 1 : -1);
}

document.addEventListener("click", (event) => {
  const box = event.target;
  const form = box.closest?.("form[data-selection]");
  if (!form || !box.matches("[data-select-row]")) return;
  form.dataset.selected = Number(form.dataset.selected) + (box.checked ? 1 : -1);
  const boxes = [...form.querySelectorAll("[data-select-row]")];
  if (event.shiftKey && lastBox?.form === form && lastBox.isConnected) {
    const [from, to] = [boxes.indexOf(lastBox), boxes.indexOf(box)].sort((a, b) => a - b);
    for (const between of boxes.slice(from, to + 1)) select(form, between, box.checked);
  }
  lastBox = box;
  showSelection(form);
});

document.addEventListener("change", (event) => {
  const field = event.target;
  if (field.matches("[data-select-all]")) {
    const form = field.closest("form[data-selection]");
    for (const box of form.querySelectorAll("[data-select-row]:not(:disabled)")) box.checked = field.checked;
    form.dataset.selected = field.checked ? form.dataset.total : 0;
    // The box itself goes half-ticked, and unposted, with the first row taken out; the mode stays.
    const mode = form.querySelector("[data-select-mode]");
    if (mode) mode.value = field.checked ? "all" : "none";
    // Choices made on other pages end with a choice of all or none.
    for (const other of form.querySelectorAll("[data-other-page]")) other.remove();
    showSelection(form);
  }
  // A select whose choice decides what the others offer (学院 → 专业). Without script the form's
  // [data-refresh] button does it; with script the style sheet hides that button.
  if (field.matches("select[data-submit-on-change]")) {
    field.form.requestSubmit(field.form.querySelector("[data-refresh]"));
  }
});

/* Focus goes to a summary of what stands in the way, otherwise to the first mistake, then to a message that asks for it. */
function focusMistake(root) {
  const mistake = root.querySelector("[data-summary]") ?? root.querySelector(".is-invalid:not([type=hidden])") ?? root.querySelector("[role=alert][data-autofocus]");
  if (!mistake) return;
  if (!mistake.matches("input, select, textarea, button, a")) mistake.tabIndex = -1;
  mistake.focus();
}

function prepare(root) {
  for (const form of root.querySelectorAll("form[data-selection]")) showSelection(form);
  const around = root.closest?.("form[data-selection]");
  if (around) showSelection(around);
  focusMistake(root);
}

document.documentElement.classList.add("js");
prepare(document);
document.addEventListener("htmx:after:swap", (event) => {
  let target = event.detail.ctx?.target;
  // An outerHTML swap takes the target itself away; what came in its place has the same id.
  if (target instanceof Element && !target.isConnected) target = document.getElementById(target.id);
  if (target instanceof Element) prepare(target);
});

/* A form is posted once. The button is disabled a moment later, so that its own name and value still go along;
   files to download leave the page where it is, so the button comes back by itself. */
function setBusy(button, busy) {
  if (!button) return;
  button.disabled = busy;
  button.classList.toggle("is-busy", busy);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const button = event.submitter;
  if (event.defaultPrevented || form.method !== "post") return;
  setTimeout(() => setBusy(button, true));
  if (form.hasAttribute("data-download")) setTimeout(() => setBusy(button, false), 3000);
});
document.addEventListener("htmx:before:request", (event) => {
  const { request } = event.detail.ctx;
  if (request.method !== "GET") setBusy(request.submitter, true);
});
document.addEventListener("htmx:finally:request", (event) => setBusy(event.detail.ctx.request.submitter, false));
window.addEventListener("pageshow", (event) => {
  // Back from the browser's own cache: the page still has the button as it was left.
  if (event.persisted) for (const button of document.querySelectorAll(".is-busy")) setBusy(button, false);
});

/* A draft that is kept as one types. What stands in its place is true at every moment: not saved while one types, what the
   server says afterwards, and that nothing was kept when no answer came. */
function draftState(from) {
  const area = from?.closest?.("[data-draft]");
  return area && document.querySelector(area.dataset.draft);
}

function sayDraft(place, text, kind) {
  const words = document.createElement("span");
  words.textContent = text;
  if (kind) words.className = kind;
  place?.replaceChildren(words);
}

document.addEventListener("input", (event) => sayDraft(draftState(event.target), "正在输入，尚未保存"));
document.addEventListener("htmx:error", (event) => {
  sayDraft(draftState(event.detail.ctx?.sourceElement), "没有保存：网络不通，填写的内容还在本页", "text-danger");
});

/* Menus made of details.dropdown. */
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.dropdown[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

/* Keys. data-key="/" needs no other key and is deaf while someone types; data-key="alt+n" works everywhere. */
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = document.querySelector("details.dropdown[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.isComposing) return;
  const typing = event.target.matches?.("input, select, textarea, [contenteditable]");
  if (typing && !event.altKey) return;
  const pressed = (event.altKey ? "alt+" : "") + (event.altKey ? event.code.replace(/^Key|^Digit/, "") : event.key).toLowerCase();
  const target = document.querySelector(`[data-key="${CSS.escape(pressed)}"]`);
  if (!target) return;
  event.preventDefault();
  if (target.matches("input, select, textarea")) target.focus();
  else target.click();
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button || !navigator.clipboard) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  const text = button.querySelector("span") ?? button;
  const before = text.textContent;
  text.textContent = "已复制";
  setTimeout(() => { text.textContent = before; }, 1500);
});
