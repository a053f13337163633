// The page's script: completes commands, takes pictures, sends without a reload, follows the event stream.
const $ = (id) => document.getElementById(id);
const list = $("messages");
const composer = $("composer");

// ---- messages: fragments that the server made, put in place by their ids, which sort by time

const nearEnd = () => innerHeight + scrollY > document.documentElement.scrollHeight - 160;
const toEnd = () => scrollTo(0, document.documentElement.scrollHeight);

function place(id, revision, html) {
  const old = $("m" + id);
  if (old && Number(old.dataset.revision) >= revision) return;
  const oldest = list.querySelector(".message");
  if (!old && oldest && id < oldest.dataset.id && list.children.length >= 30) return;
  const stay = nearEnd();
  const holder = document.createElement("template");
  holder.innerHTML = html;
  const made = holder.content.querySelector("article");
  if (old) {
    keepTyped(old, made);
    old.replaceWith(made);
  } else {
    made.classList.add("new");
    const next = [...list.querySelectorAll(".message")].find((item) => item.dataset.id > id);
    list.insertBefore(made, next ?? null);
  }
  if (stay) toEnd();
}

function keepTyped(old, made) {
  const asked = [...old.querySelectorAll(".ask")];
  [...made.querySelectorAll(".ask")].forEach((ask, at) => {
    if (!asked[at]?.open) return;
    ask.open = true;
    asked[at].querySelectorAll("textarea").forEach((box, n) => (ask.querySelectorAll("textarea")[n].value = box.value));
  });
}

const remove = (id) => $("m" + id)?.remove();
const tell = (text) => { if ($("notice")) $("notice").textContent = text ?? ""; };

function apply(told) {
  if (told.message) place(told.message.id, told.message.revision, told.message.html);
  if (told.removed) remove(told.removed);
  tell(told.notice);
}

let stream;
function follow() {
  stream = new EventSource("/events");
  stream.onopen = () => ($("lost").textContent = "");
  stream.onerror = () => {
    $("lost").textContent = $("lost").dataset.text;
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => !document.hidden && (stream.close(), follow()), 3000);
  };
  stream.addEventListener("message", (event) => event.data && apply({ message: JSON.parse(event.data) }));
  stream.addEventListener("removed", (event) => remove(JSON.parse(event.data)));
  stream.addEventListener("state", (event) => {
    const { ids, oldest } = JSON.parse(event.data);
    for (const item of [...list.querySelectorAll(".message:not(.sending)")])
      if (!ids.includes(item.dataset.id) && item.dataset.id > oldest) item.remove();
  });
}

// Browsers hold few connections to one server: a page that nobody looks at gives its own back.
if (composer) {
  document.addEventListener("visibilitychange", () => {
    stream?.close();
    if (!document.hidden) follow();
  });
  if (!document.hidden) follow();
}

// A picture's signed address ends after a while; the one it links to stays.
list.addEventListener("error", (event) => {
  const link = event.target.closest?.(".picture");
  if (link && !event.target.dataset.again) {
    event.target.dataset.again = "1";
    event.target.src = link.href;
  }
}, true);

// ---- sending

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let time = Date.now();
  for (let at = 5; at >= 0; at--, time = Math.floor(time / 256)) bytes[at] = time % 256;
  bytes[6] = (bytes[6] & 15) | 112;
  bytes[8] = (bytes[8] & 63) | 128;
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function post(address, data) {
  const response = await fetch(address, { method: "POST", body: data, headers: { Accept: "application/json" } });
  const told = await response.json();
  apply(told);
  return response.ok;
}

list.addEventListener("toggle", ({ target }) => {
  if (!target.open) return;
  target.scrollIntoView({ block: "nearest" });
  target.querySelector("textarea, input:not([type=hidden])")?.focus();
}, true);

list.addEventListener("submit", async (event) => {
  const form = event.target.closest("form.press");
  if (!form) return;
  event.preventDefault();
  const button = form.querySelector("button");
  if (button.disabled) return;
  button.disabled = true;
  // What is pressed now stands last, unless its answer was lost.
  const id = form.querySelector("[name=id]");
  if (id && !form.unsure) id.value = newId();
  form.unsure = true;
  try {
    if (await post(form.getAttribute("action"), new FormData(form))) {
      form.unsure = false;
      form.reset();
      form.closest("details")?.removeAttribute("open");
    }
  } catch {
    tell(composer?.dataset.notSent);
  }
  button.disabled = false;
});

if (composer) write();

function write() {
  const box = composer.elements.text;
  const picker = composer.elements.files;
  const commands = JSON.parse($("commands").textContent);
  const menu = $("menu");
  let pictures = [];
  let items = [];
  let active = -1;
  let failed = "";
  composer.elements.id.value = newId();
  toEnd();

  // -- completion: what could stand at the caret, as whole replacements of the word there

  const commandOf = (text) => commands.find((item) => item.name === (text[0] === "/" ? text.slice(1).split(/\s/)[0] : "imagine"));

  function candidates() {
    const before = box.value.slice(0, box.selectionStart);
    let match = /^\/(\S*)$/.exec(before);
    if (match) {
      return commands.filter((item) => item.name.startsWith(match[1].toLowerCase()))
        .map((item) => ({ from: 0, put: `/${item.name}`, name: `/${item.name}`, text: item.text, more: "" }));
    }
    const command = commandOf(box.value);
    if (!command) return [];
    const options = command.options.filter((item) => !item.main && item.kind !== "image");
    match = /(?:^|\s)(--|—|–)([\w-]*)$/.exec(before);
    if (match) {
      return options.filter((item) => item.name.startsWith(match[2]) && !new RegExp(`--${item.name}[\\s=]`).test(box.value))
        .map((item) => ({ from: before.length - match[1].length - match[2].length, put: `--${item.name}`, name: `--${item.name}`, text: item.text, more: item.limits || item.values.join(" · ") }));
    }
    match = /(?:^|\s)(?:--|—|–)([\w-]+)[ =]+(\S*)$/.exec(before);
    const option = match && options.find((item) => item.name === match[1]);
    if (!option) return [];
    return option.values.filter((value) => value.startsWith(match[2]))
      .map((value) => ({ from: before.length - match[2].length, put: value, name: value, text: option.texts[value] || "", more: "" }));
  }

  function show() {
    items = candidates();
    const typed = items.length === 1 && box.value.slice(items[0].from, box.selectionStart) === items[0].put;
    if (typed) items = [];
    active = items.length ? 0 : -1;
    menu.replaceChildren(...items.map((item, at) => {
      const row = document.createElement("li");
      row.id = `menu-${at}`;
      row.setAttribute("role", "option");
      row.append(part("b", item.name), part("span", item.text), part("small", item.more));
      row.addEventListener("mousedown", (event) => { event.preventDefault(); take(at); });
      return row;
    }));
    menu.hidden = !items.length;
    box.setAttribute("aria-expanded", String(items.length > 0));
    mark();
    hint();
    grow();
  }

  function mark() {
    [...menu.children].forEach((row, at) => row.setAttribute("aria-selected", String(at === active)));
    if (active < 0) return box.removeAttribute("aria-activedescendant");
    box.setAttribute("aria-activedescendant", `menu-${active}`);
    menu.children[active].scrollIntoView({ block: "nearest" });
  }

  function part(tag, text) {
    const made = document.createElement(tag);
    made.textContent = text;
    return made;
  }

  function insert(from, text) {
    box.setRangeText(text, from, box.selectionStart, "end");
    box.focus();
    show();
  }

  const take = (at) => insert(items[at].from, items[at].put + " ");
  const close = () => { items = []; active = -1; menu.hidden = true; box.setAttribute("aria-expanded", "false"); mark(); };

  // The options of the command at hand, each a tap away.
  function hint() {
    const command = box.value.trim() && menu.hidden ? commandOf(box.value) : null;
    const options = command ? command.options.filter((item) => !item.main && item.kind !== "image" && !box.value.includes(`--${item.name}`)) : [];
    $("hint").replaceChildren(...options.map((item) => {
      const button = document.createElement("button");
      button.type = "button";
      button.title = item.text;
      button.append(part("b", `--${item.name}`), ` ${item.limits}`);
      button.addEventListener("click", () => {
        box.setSelectionRange(box.value.length, box.value.length);
        insert(box.value.trimEnd().length, ` --${item.name} `);
      });
      return button;
    }));
    if (command && !options.length) $("hint").textContent = command.text;
  }

  function grow() {
    if (CSS.supports("field-sizing", "content")) return;
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight}px`;
  }

  box.addEventListener("input", show);
  box.addEventListener("blur", close);
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (!menu.hidden) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) {
        active = (active + step + items.length) % items.length;
        event.preventDefault();
        return mark();
      }
      if (event.key === "Escape") return close();
      const said = box.value.slice(items[active].from, box.selectionStart) === items[active].put;
      if (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey && !said)) {
        event.preventDefault();
        return take(active);
      }
    }
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      composer.requestSubmit();
    }
  });
  document.querySelectorAll("[data-fill]").forEach((button) => button.addEventListener("click", () => {
    box.value = button.dataset.fill;
    box.focus();
    show();
    close();
  }));

  // -- pictures: dropped, pasted or picked

  function add(files) {
    for (const file of files) pictures.push({ file, url: URL.createObjectURL(file) });
    thumbs();
  }

  function thumbs() {
    $("thumbs").hidden = !pictures.length;
    $("thumbs").replaceChildren(...pictures.map((item) => {
      const row = document.createElement("li");
      const image = document.createElement("img");
      image.src = item.url;
      image.alt = item.file.name;
      const button = part("button", "×");
      button.type = "button";
      button.setAttribute("aria-label", composer.dataset.remove.replace("%", item.file.name));
      button.addEventListener("click", () => {
        URL.revokeObjectURL(item.url);
        pictures = pictures.filter((other) => other !== item);
        thumbs();
      });
      row.append(image, button);
      return row;
    }));
    offers();
  }

  // A picture alone says nothing yet: the commands that need one, a tap away.
  function offers() {
    const needing = pictures.length && !box.value.trim()
      ? commands.filter((item) => item.options.some((option) => option.kind === "image" && option.needed)) : [];
    $("offers").hidden = !needing.length;
    $("offers").replaceChildren(...needing.map((item) => {
      const words = item.options.some((option) => option.main);
      const button = part("button", `/${item.name}${words ? " …" : ""}`);
      button.type = "button";
      button.className = "pill";
      button.title = item.text;
      button.addEventListener("click", () => {
        box.value = `/${item.name} `;
        box.focus();
        show();
        if (!words) composer.requestSubmit();
      });
      return button;
    }));
  }

  box.addEventListener("input", offers);
  picker.addEventListener("change", () => { add(picker.files); picker.value = ""; box.focus(); });
  addEventListener("paste", (event) => {
    const files = [...event.clipboardData.files];
    if (files.length) { event.preventDefault(); add(files); }
  });
  const carries = (event) => [...event.dataTransfer.types].includes("Files");
  addEventListener("dragover", (event) => { if (carries(event)) { event.preventDefault(); $("drop").hidden = false; } });
  addEventListener("dragleave", (event) => { if (!event.relatedTarget) $("drop").hidden = true; });
  addEventListener("drop", (event) => {
    $("drop").hidden = true;
    if (carries(event)) { event.preventDefault(); add(event.dataTransfer.files); box.focus(); }
  });

  // -- sending: the words stand there at once; if sending fails they come back, and so does their id

  function waiting(id, text, files) {
    const message = document.createElement("article");
    message.className = "message sending new";
    message.id = `m${id}`;
    message.dataset.id = id;
    message.dataset.revision = 0;
    message.setAttribute("aria-busy", "true");
    const words = part("div", "");
    words.className = "words";
    words.append(part("p", text), ...files.map((item) => Object.assign(part("span", item.file.name), { className: "file" })));
    const lines = part("div", "");
    lines.className = "lines";
    lines.append(part("p", composer.dataset.sending));
    const answer = part("div", "");
    answer.className = "answer";
    answer.append(lines);
    message.append(words, answer);
    list.append(message);
    toEnd();
  }

  composer.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = box.value.trim();
    const files = pictures;
    if (!text && !files.length) return box.focus();
    const size = files.reduce((sum, item) => sum + item.file.size, 0);
    if (files.length > composer.dataset.files || size > composer.dataset.mb * 2 ** 20) return tell(composer.dataset.tooLarge);
    const what = text + "\n" + files.map((item) => item.file.name + item.file.size).join();
    if (failed && failed !== what) composer.elements.id.value = newId();
    const id = composer.elements.id.value;
    const data = new FormData();
    data.append("token", composer.elements.token.value);
    data.append("id", id);
    data.append("text", text);
    files.forEach((item) => data.append("files", item.file, item.file.name));
    box.value = "";
    pictures = [];
    thumbs();
    show();
    waiting(id, text, files);
    composer.elements.id.value = newId();
    let sent = false;
    try {
      sent = await post("/send", data);
      if (sent) tell("");
    } catch {
      tell(composer.dataset.notSent);
    }
    failed = sent ? "" : what;
    if (sent) return files.forEach((item) => URL.revokeObjectURL(item.url));
    if ($("m" + id)?.classList.contains("sending")) remove(id);
    if (!box.value && !pictures.length) {
      box.value = text;
      composer.elements.id.value = id;
      pictures = files;
      thumbs();
      show();
    }
  });
}

// ---- a picture, large

list.addEventListener("click", (event) => {
  const link = event.target.closest(".picture");
  const large = $("large");
  if (!link || !large || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const image = large.querySelector("img");
  image.src = link.href;
  image.alt = link.querySelector("img").alt;
  large.showModal();
});
$("large")?.addEventListener("click", () => $("large").close());
