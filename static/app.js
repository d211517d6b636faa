// What htmx does not do for us. Delegated listeners only: pieces of the page come and go.

const $ = (selector, within = document) => within.querySelector(selector);

/* Ages go on counting between two looks at the server. */
const STEPS = [[60, 1, "s"], [3600, 60, "min"], [86400, 3600, "h"]];
function ago(iso) {
  const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(iso)) / 1000));
  if (seconds < 5) return "just now";
  for (const [below, unit, word] of STEPS) if (seconds < below) return `${Math.floor(seconds / unit)} ${word} ago`;
  const days = Math.floor(seconds / 86400);
  return days === 1 ? "1 day ago" : `${days} days ago`;
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
      say("You were signed out.", "Sign in again to go on.", "/login");
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
    link.textContent = "Go there";
    text.append(link);
  }
  const close = document.createElement("button");
  close.className = "round";
  close.type = "button";
  close.dataset.dismiss = "";
  close.setAttribute("aria-label", "Dismiss");
  close.textContent = "×";
  card.append(text, close);
  toasts.append(card);
}
document.addEventListener("htmx:response:error", (event) => {
  const status = event.detail?.ctx?.response?.status;
  if (status === 422 || status === 409) return; // a form says these itself
  const words = { 403: "Your role may not do this.", 404: "It is not there any more.", 429: "Too many tries; wait a little.", 413: "That was too large." };
  say("That did not work.", words[status] ?? "The server could not answer. Reload the page to see what is true.");
});
document.addEventListener("htmx:error", () => {
  if (!navigator.onLine) say("You are offline.", "What you see may be old.");
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
  const target = event.target.closest?.("[data-close], [data-dismiss], [data-print], [data-theme-toggle]");
  if (target?.matches("[data-close]")) {
    const place = target.closest("#order-place");
    if (!place) return; // a page of its own: the link goes back
    event.preventDefault();
    if (dialog?.open) dialog.close();
    else place.replaceChildren();
  } else if (target?.matches("[data-dismiss]")) target.closest(".toast-card").remove();
  else if (target?.matches("[data-print]")) print();
  else if (target?.matches("[data-theme-toggle]")) {
    const theme = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
    try { localStorage.setItem("theme", theme); } catch { /* then it lasts for this page */ }
    document.documentElement.dataset.bsTheme = theme;
  }
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && $("#search")) {
    event.preventDefault();
    $("#search").focus();
  } else if (event.key === "Escape" && event.target.id === "search") event.target.blur();
  else if (!typing && !event.ctrlKey && !event.metaKey && !event.altKey && (event.key === "j" || event.key === "k")) step(event.key === "j" ? 1 : -1);
});

/* j and k go from unit to unit: the link itself has the focus, so Enter opens it. */
function step(by) {
  const links = [...document.querySelectorAll("#units td.unit > a")];
  const now = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
  const next = links[now < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, now + by))];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

/* A value that changed by itself is marked for a moment. */
new MutationObserver((changes) => {
  for (const change of changes) {
    const cell = (change.target.nodeType === 1 ? change.target : change.target.parentElement)?.closest("[data-changes]");
    if (!cell || cell.dataset.text === cell.textContent) continue;
    if (cell.dataset.text !== undefined) {
      cell.classList.remove("changed");
      requestAnimationFrame(() => cell.classList.add("changed"));
    }
    cell.dataset.text = cell.textContent;
  }
}).observe($("#main"), { subtree: true, characterData: true, childList: true });

for (const button of document.querySelectorAll("[data-theme-toggle], [data-print]")) button.hidden = false;
