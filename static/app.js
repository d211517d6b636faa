// What htmx does not do for us. Delegated listeners only: pieces of the page come and go.

const $ = (selector, within = document) => within.querySelector(selector);

/* Our sentences come with the page, in its reader's language. */
const WORDS = JSON.parse(document.body.dataset.words);
const words = (name, n) => WORDS[name].replace("%(n)s", n);

/* Ages go on counting between two looks at the server. */
const STEPS = [[60, 1, "s"], [3600, 60, "min"], [86400, 3600, "h"]];
function ago(iso) {
  const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(iso)) / 1000));
  if (seconds < 5) return words("now");
  for (const [below, unit, word] of STEPS) if (seconds < below) return words(word, Math.floor(seconds / unit));
  const days = Math.floor(seconds / 86400);
  return words(days === 1 ? "day" : "days", days);
}
function count() {
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const text = ago(time.dateTime);
    if (time.textContent !== text) time.textContent = text;
  }
}
setInterval(count, 5000);

/* The stream: its first connection is never tried again by itself, so we do. */
const stream = $("#stream");
let lastId = null;
function connect() {
  const address = new URL(stream.dataset.stream, location.href);
  if (lastId) address.searchParams.set("after", lastId);
  const wire = document.createElement("div");
  wire.setAttribute("hx-sse:connect", address.pathname + address.search);
  stream.replaceChildren(wire);
  htmx.process(wire);
}
if (stream) {
  stream.addEventListener("htmx:sse:after:message", (event) => { lastId = event.detail?.message?.id || lastId; });
  stream.addEventListener("htmx:sse:error", (event) => {
    const status = event.detail?.status;
    if (status === 401) {
      stream.replaceChildren();
      say(words("signed_out"), words("sign_in"), "/login");
    } else if (status === 403 || status === 404) {
      stream.replaceChildren();
      location.reload(); // the society is theirs no longer: nor is what the page still shows
    } else if (status) {
      setTimeout(connect, status === 503 ? 20000 : 5000);
    }
  });
  // Only once htmx has gone through the page: it would connect what it finds a second time.
  addEventListener("load", connect, { once: true });
}

/* Toasts: urgent ones stay until they are seen, the others leave by themselves. */
const toasts = $("#toasts");
new MutationObserver((changes) => {
  for (const change of changes) for (const node of change.addedNodes) {
    if (node.id && document.querySelectorAll(`#${node.id}`).length > 1) node.remove(); // told again after a reconnect
    else if (node.dataset?.toast === "leaves") setTimeout(() => node.remove(), 15000);
  }
}).observe(toasts, { childList: true });
function say(head, rest, href) {
  const card = document.createElement("div");
  card.className = "toast-card toast-failed";
  const text = document.createElement("p");
  const strong = document.createElement("strong");
  strong.textContent = head;
  text.append(strong, ` ${rest} `);
  if (href) {
    const link = document.createElement("a");
    link.href = href;
    link.textContent = words("go");
    text.append(link);
  }
  const close = document.createElement("button");
  close.className = "round";
  close.type = "button";
  close.dataset.dismiss = "";
  close.setAttribute("aria-label", words("dismiss"));
  close.textContent = "×";
  card.append(text, close);
  toasts.append(card);
}
document.addEventListener("htmx:response:error", (event) => {
  const status = event.detail?.ctx?.response?.status;
  if (status === 422 || status === 409) return; // a form says these itself
  say(words("failed"), words(status in WORDS ? status : "5xx"));
});
document.addEventListener("htmx:error", () => {
  if (!navigator.onLine) say(words("offline"), words("old"));
});

/* An order's form and outcome: in the dialog on lists, in place on a unit's page. */
const dialog = $("#order-dialog");
if (dialog) {
  const place = $("#order-place", dialog);
  new MutationObserver(() => {
    if (place.childElementCount && !dialog.open) dialog.showModal();
    $("[autofocus]", place)?.focus();
  }).observe(place, { childList: true });
  dialog.addEventListener("close", () => place.replaceChildren());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
}

document.addEventListener("click", (event) => {
  const target = event.target.closest?.("[data-close], [data-dismiss], [data-print], [data-theme-toggle], [data-keys]");
  if (target?.matches("[data-close]")) {
    const place = target.closest("#order-place");
    if (!place) return; // a page of its own: the link goes back
    event.preventDefault();
    if (dialog?.open) dialog.close();
    else place.replaceChildren();
  } else if (target?.matches("[data-dismiss]")) target.closest(".toast-card").remove();
  else if (target?.matches("[data-print]")) print();
  else if (target?.matches("[data-keys]")) keys?.showModal();
  else if (target?.matches("[data-theme-toggle]")) {
    const theme = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
    try { localStorage.setItem("theme", theme); } catch { /* then it lasts for this page */ }
    document.documentElement.dataset.bsTheme = theme;
  }
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

/* The list's keys, and the dialog that tells them. A key with Ctrl and the like is the browser's. */
const keys = $("#keys");
keys?.addEventListener("click", (event) => { if (event.target === keys) keys.close(); });
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.id === "search") event.target.blur();
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || $("dialog[open]")) return;
  if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
  else if (event.key === "?") keys?.showModal();
  else if (event.key === "/" && $("#search")) {
    event.preventDefault();
    $("#search").focus();
  }
});

/* j and k go from unit to unit: the link itself has the focus, so Enter opens it. */
function step(by) {
  const links = [...document.querySelectorAll("#units td.unit > a")];
  const now = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
  const next = links[now < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, now + by))];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

/* A value that changed by itself is marked for a moment. What it was is kept here: a morph takes from an
   element whatever the server did not send. */
const told = new WeakMap();
function mark() {
  for (const cell of document.querySelectorAll("#main [data-changes]")) {
    const text = cell.textContent.trim();
    if (told.has(cell) && told.get(cell) !== text) {
      cell.classList.remove("changed");
      requestAnimationFrame(() => cell.classList.add("changed"));
    }
    told.set(cell, text);
  }
}
mark();
new MutationObserver(mark).observe($("#main"), { subtree: true, characterData: true, childList: true });

/* While a piece of the page asked for itself, or waited to, somebody may have filtered it: then it asks for
   what is wanted now, and an old answer is too late. */
const askedFor = new WeakMap();
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  if (ctx.sourceElement.dataset?.live === undefined) return;
  ctx.request.action = ctx.sourceElement.getAttribute("hx-get");
  askedFor.set(ctx, ctx.request.action);
});
document.addEventListener("htmx:before:response", (event) => {
  const { ctx } = event.detail, piece = ctx.sourceElement;
  if (!askedFor.has(ctx) || askedFor.get(ctx) === piece.getAttribute("hx-get")) return;
  event.preventDefault();
  htmx.ajax("GET", piece.getAttribute("hx-get"), { source: piece, target: piece, swap: "outerMorph" });
});

for (const button of document.querySelectorAll("[data-theme-toggle], [data-print]")) button.hidden = false;

/* A link that is shown once is copied by one press. */
for (const button of document.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = $(button.dataset.copy);
  field.select();
  await navigator.clipboard.writeText(field.value);
  button.classList.add("btn-primary");
});
