// A form that is saved section by section as it is typed (the recommendation form). What stands beside a section is true at every
// moment: 尚未保存 while one types, 已保存 only after the server has said so. What was not saved is kept by this tab, survives a
// reload, and is sent again when the network is back. Without this script there is the button 保存.
"use strict";

/* As the print counts (print_length of crates/paper): a wide character is one, two narrow ones are one, a line break is one. */
function halves(code) {
  if (code === 0x0a || code === 0xd7 || code === 0xf7 || (code >= 0x1100 && code <= 0x115f)) return 2;
  return code < 0x2000 || (code >= 0xff61 && code <= 0xffdc) || (code >= 0xffe8 && code <= 0xffee) ? 1 : 2;
}

const invisible = /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]|(?!\n)\p{Cc}/gu;

function tidy(text) {
  const plain = text.replace(/\r\n?|[\v\f\u0085\u2028\u2029]/g, "\n").replace(/\t/g, " ").replace(invisible, "");
  return plain.split("\n").map((line) => line.trimEnd()).join("\n").replace(/\n{3,}/g, "\n\n").trim();
}

function countWide(text) {
  let sum = 0;
  for (const character of tidy(text)) sum += halves(character.codePointAt(0));
  return Math.ceil(sum / 2);
}

function element(name, text, className) {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function section(form, card) {
  const text = card.querySelector("textarea");
  if (!text) return null;
  const { section: code, most } = card.dataset;
  const revision = card.querySelector("[data-revision]");
  const state = card.querySelector("[data-state]");
  const place = card.querySelector("[data-conflict]");
  const counter = card.querySelector("[data-counter]");
  const notice = card.querySelector("[data-notice]");
  const key = `${form.dataset.store}.${code}`;
  let saved = text.value; // what the server has
  let sent = null; // what was sent without an answer
  let busy = false;
  let conflict = false;
  let timer = null;
  let wait = 2000;

  const say = (words, kind) => state.replaceChildren(element("span", words, kind));
  const isUnsaved = () => text.value !== saved;

  function count() {
    const length = countWide(text.value);
    counter.querySelector("[data-count]").textContent = String(length);
    counter.classList.toggle("text-danger", length > Number(most));
  }

  // This tab alone keeps it: what somebody typed must not wait for the next one at a shared computer.
  function keep() {
    if (isUnsaved()) sessionStorage.setItem(key, JSON.stringify({ revision: revision.value, text: text.value }));
    else sessionStorage.removeItem(key);
  }

  function later(after) {
    clearTimeout(timer);
    timer = setTimeout(saveNow, after);
  }

  async function saveNow() {
    clearTimeout(timer);
    if (busy || conflict || !isUnsaved()) return;
    busy = true;
    const sending = text.value;
    say("正在保存…");
    const body = new URLSearchParams({ text: sending, revision: revision.value });
    if (sent !== null) body.set("sent", sent);
    sent = sending;
    try {
      const answer = await fetch(form.dataset.autosave + encodeURIComponent(code), { method: "POST", body, headers: { Accept: "application/json" }, redirect: "error" });
      const told = await answer.json();
      if (answer.ok) {
        sent = null;
        saved = sending;
        revision.value = told.revision;
        wait = 2000;
        say(isUnsaved() ? "正在输入，尚未保存" : `已保存${told.at ? ` ${told.at}` : ""}`, isUnsaved() ? "" : "text-success");
        notice.textContent = told.notice ?? "";
        if (isUnsaved()) later(800);
      } else if (answer.status === 409 && told.other) {
        sent = null;
        ask(told.other);
      } else if (answer.status === 401) {
        say("没有保存：登录已过期。请在新窗口重新登录，内容还在本页", "text-danger");
      } else {
        say(`没有保存：${told.message ?? told.detail ?? "系统出现问题"}`, "text-danger");
        if (answer.status >= 500) retry();
      }
    } catch {
      say("没有保存：网络不通，内容还在本页，恢复后自动保存", "text-danger");
      retry();
    } finally {
      busy = false;
      keep();
    }
  }

  function retry() {
    later(wait);
    wait = Math.min(wait * 2, 30000);
  }

  /* Another window has saved this section: both texts are shown, and the student says which one holds. */
  function ask(other) {
    conflict = true;
    say("没有保存：此项在另一窗口保存过", "text-danger");
    const box = element("div", "", "notice notice-warning");
    box.setAttribute("role", "alert");
    const inner = element("div", "");
    const take = element("button", "用另一窗口的内容", "btn btn-sm");
    const stay = element("button", "用本窗口的内容", "btn btn-sm");
    take.type = stay.type = "button";
    const settle = (value) => {
      conflict = false;
      revision.value = other.revision;
      saved = other.text;
      text.value = value;
      place.replaceChildren();
      count();
      keep();
      text.focus();
      if (isUnsaved()) saveNow();
      else say("已采用另一窗口保存的内容", "text-success");
    };
    take.addEventListener("click", () => settle(other.text));
    stay.addEventListener("click", () => settle(text.value));
    const actions = element("div", "", "toolbar");
    actions.append(take, stay);
    inner.append(element("strong", "另一窗口保存的内容："), element("p", other.text || "（空）", "typed"), element("p", "本窗口的内容在上面的输入框中。"), actions);
    box.append(inner);
    place.replaceChildren(box);
  }

  text.addEventListener("input", () => {
    count();
    keep();
    if (conflict) return;
    say(isUnsaved() ? "正在输入，尚未保存" : "没有未保存的修改");
    later(800);
  });
  text.addEventListener("blur", saveNow);

  const left = JSON.parse(sessionStorage.getItem(key) ?? "null");
  if (left && left.text !== saved && !text.classList.contains("is-invalid")) {
    const other = { text: saved, revision: revision.value };
    text.value = left.text;
    if (left.revision === revision.value) {
      say("已恢复上次没有保存的内容，正在保存…");
      later(0);
    } else {
      ask(other);
    }
  } else {
    sessionStorage.removeItem(key);
  }
  count();
  return { isUnsaved, saveNow };
}

for (const form of document.querySelectorAll("form[data-autosave]")) {
  const fields = [...form.querySelectorAll("[data-section]")].map((element) => section(form, element)).filter(Boolean);

  // The button sends everything and the page is left: nothing is lost.
  let leaving = false;
  form.addEventListener("submit", () => { leaving = true; });
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && fields.some((field) => field.isUnsaved())) event.preventDefault();
  });
  window.addEventListener("online", () => fields.forEach((field) => field.saveNow()));
}
