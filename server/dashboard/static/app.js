/* What pages gain by script; without it every one of them works all the same.
 *
 * data-live=URL        the element is kept up to date over server-sent events, or by asking
 * data-follow=URL      within such a part: where it is told of from now on
 * data-refresh=URL     the element is asked for again every few seconds
 * data-hold            either of these waits while somebody points at it, or is in it
 * data-reload=URL      within a live part that is through: the page to go on with
 * data-swap            a link or form whose page replaces only the element named by data-target
 * data-stale           within such a part: it is asked for again while there is news
 * data-beside=URL      a link whose page opens beside the table where there is room
 * data-copy=ID         a button that copies a text
 * data-until=TIME      a countdown
 * data-key, data-go    shortcuts: the key itself, or g and then the key; / goes to the search
 */
"use strict";

const POLL_MS = 5000;
const TYPING_MS = 250;
const REFRESH_MS = 1000;
const WIDE = window.matchMedia("(min-width: 1100px)");

async function page(url) {
  const answer = await fetch(url, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  return answer.text();
}

function put(element, html) {
  if (element.innerHTML !== html) element.innerHTML = html;
  const elsewhere = element.querySelector("[data-reload]");
  if (elsewhere) location.replace(elsewhere.dataset.reload);
  prepare(element);
}

/* Live parts */

const streams = new Map();

function live(element) {
  const stream = new EventSource(element.dataset.live);
  const isCurrent = () => streams.get(element)?.stream === stream;
  streams.set(element, { stream, waiting: null });
  const poll = () => {
    if (!isCurrent() || !element.isConnected) return;
    const again = () => setTimeout(poll, POLL_MS);
    if (document.hidden || isHeld(element)) return again();
    page(element.dataset.poll).then((html) => isCurrent() && put(element, html)).catch(() => {}).finally(again);
  };
  stream.addEventListener("status", (event) => {
    if (isHeld(element)) streams.get(element).waiting = event.data; else tell(element, event.data);
  });
  stream.addEventListener("error", () => {
    // A stream that was cut comes back by itself; one that was refused does not.
    if (stream.readyState === EventSource.CLOSED) setTimeout(poll, POLL_MS);
  });
  window.addEventListener("pagehide", () => stream.close());
}

function tell(element, html) {
  streams.get(element).waiting = null;
  put(element, html);
  refresh();
}

function isHeld(element) {
  return element.dataset.hold !== undefined && element.matches(":hover, :focus-within");
}

for (const leaving of ["mouseout", "focusout"]) {
  document.addEventListener(leaving, (event) => {
    const element = event.target.closest("[data-hold]");
    const waits = () => element && !isHeld(element) && streams.get(element)?.waiting;
    setTimeout(() => waits() && tell(element, streams.get(element).waiting));
  });
}

function follow(element) {
  // Another list is shown in this place: it says where it is told of, or that it never changes.
  streams.get(element)?.stream.close();
  streams.delete(element);
  const next = element.querySelector("[data-follow]");
  if (!next) return;
  Object.assign(element.dataset, { live: next.dataset.follow, poll: next.dataset.poll });
  live(element);
}

function again(element) {
  setInterval(() => {
    // Who scrolls a table by keys would be thrown out of it.
    const isBusy = isHeld(element) || element.matches(":focus-within");
    if (!document.hidden && !isBusy) page(element.dataset.refresh).then((html) => put(element, html)).catch(() => {});
  }, POLL_MS);
}

let refreshed = 0;

function refresh() {
  // A list that lags behind is asked for again while the status tells of news, once a second.
  const stale = document.querySelector("[data-part] [data-stale]");
  if (!stale || Date.now() - refreshed < REFRESH_MS) return;
  refreshed = Date.now();
  swap(location.href, stale.closest("[data-part]").id, false);
}

function count(element) {
  const until = Date.parse(element.dataset.until);
  const tick = () => {
    if (!element.isConnected) return;
    const left = Math.max(0, Math.round((until - Date.now()) / 1000));
    const minutes = Math.floor(left / 60);
    element.textContent = left > 600 ? `${minutes} min` : left ? `${minutes} min ${left % 60} s` : "now";
    setTimeout(tick, 1000);
  };
  tick();
}

/* Parts that are replaced in place */

const asked = {};

async function swap(url, target, remember = true) {
  const mine = asked[target] = (asked[target] || 0) + 1;
  const element = document.getElementById(target);
  const wanted = new URL(url, location.href);
  wanted.searchParams.set("fragment", target);
  try {
    const html = await page(wanted);
    // Who types on asks again; an older answer that comes late is of no use.
    if (mine !== asked[target]) return;
    if (remember) history.pushState({ target }, "", url);
    put(element, html);
    if (element.dataset.hold !== undefined) follow(element);
  } catch {
    location.assign(url);
  }
}

function typing(form) {
  let waiting;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => submit(form), TYPING_MS);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    submit(form);
  });
}

function submit(form) {
  const wanted = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
  swap(`${form.getAttribute("action")}?${wanted}`, form.dataset.target);
}

async function beside(link) {
  const frame = link.closest(".beside");
  const aside = frame.querySelector("aside");
  const url = new URL(link.href);
  url.searchParams.set("fragment", "detail");
  try {
    put(aside, await page(url));
  } catch {
    return location.assign(link.href);
  }
  frame.querySelectorAll("[data-beside][aria-current]").forEach((old) => old.removeAttribute("aria-current"));
  link.setAttribute("aria-current", "true");
  frame.classList.add("open");
  aside.hidden = false;
  aside.scrollTop = 0;
  aside.focus({ preventScroll: true });
}

/* Clicks and keys */

document.addEventListener("click", (event) => {
  const plain = !(event.metaKey || event.ctrlKey || event.shiftKey || event.button);
  const copy = event.target.closest("[data-copy]");
  const link = event.target.closest("a[data-swap], a[data-beside]");
  const close = event.target.closest("[data-close]");
  if (copy) {
    navigator.clipboard.writeText(document.getElementById(copy.dataset.copy).textContent)
      .then(() => { copy.textContent = "Copied"; })
      .catch(() => { copy.textContent = "Copying is not allowed here"; });
  } else if (close) {
    const frame = close.closest(".beside");
    frame.classList.remove("open");
    close.closest("aside").hidden = true;
    frame.querySelector("[data-beside][aria-current]")?.focus();
  } else if (plain && link?.dataset.beside !== undefined && WIDE.matches) {
    event.preventDefault();
    beside(link);
  } else if (plain && link?.dataset.swap !== undefined) {
    const part = link.closest("[data-part]");
    if (!part) return;
    event.preventDefault();
    swap(link.href, part.id);
  }
});

let went = false;
document.addEventListener("keydown", (event) => {
  if (event.metaKey || event.ctrlKey || event.altKey) return;
  if (event.target.closest("input, select, textarea")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const opened = document.querySelector("aside:not([hidden]) [data-close]");
  if (event.key === "Escape" && opened) return opened.click();
  const key = CSS.escape(event.key);
  const wanted = event.key === "/" ? "input[type=search]" : went ? `[data-go="${key}"]` : `[data-key="${key}"]`;
  went = event.key === "g" && !went;
  const found = document.querySelector(wanted);
  if (!found) return;
  event.preventDefault();
  if (found.matches("input")) { found.focus(); found.select(); } else { found.click(); }
});

window.addEventListener("popstate", () => location.reload());

function prepare(root) {
  root.querySelectorAll("[data-copy]").forEach((button) => { button.hidden = !navigator.clipboard; });
  root.querySelectorAll("[data-until]").forEach(count);
}

document.querySelectorAll("[data-live]").forEach(live);
document.querySelectorAll("[data-refresh]").forEach(again);
document.querySelectorAll("form[data-swap]").forEach(typing);
prepare(document);
