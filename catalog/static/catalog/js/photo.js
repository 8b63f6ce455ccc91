// Search by photo: shows the picture, lets the visitor mark a part of it, and searches without leaving the page.
// Without this script the form is sent as it is, and the whole picture counts.
import { frame } from "./photo_frame.js";

const form = document.querySelector("[data-photo]");
const part = (name) => form.querySelector(`[data-photo-${name}]`);
const kinds = ["image/jpeg", "image/png", "image/webp"];
const picture = part("picture");
let chosen = null;
let running = null;

const marked = frame(part("frame"), part("region"), {
  moved: (share) => { part("region-field").value = share; },
  settled: (words) => { say(form.dataset.marked.replace("{width}", words.width).replace("{height}", words.height)); search(); },
});

function start() {
  form.dataset.ready = "";
  part("hint").hidden = false;
  part("send").hidden = true; // a picture is searched with as soon as it is there
  for (const field of form.querySelectorAll("[data-photo-file]")) {
    field.addEventListener("change", () => { if (field.files.length) take(field.files[0]); });
    if (field.files.length) take(field.files[0]); // chosen before this script was there
  }
  const drop = part("drop");
  for (const name of ["dragover", "drop"]) addEventListener(name, keepPage);
  drop.addEventListener("dragover", () => drop.classList.add("photo__drop--over"));
  drop.addEventListener("dragleave", () => drop.classList.remove("photo__drop--over"));
  drop.addEventListener("drop", (event) => {
    drop.classList.remove("photo__drop--over");
    if (event.dataTransfer.files.length) take(event.dataTransfer.files[0]);
  });
  addEventListener("paste", (event) => {
    const file = [...event.clipboardData.files].find((candidate) => candidate.type.startsWith("image/"));
    if (file) take(file);
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-photo-more]")) return;
    event.preventDefault();
    send(new FormData(event.target, event.submitter));
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-photo-more] select")) event.target.form.requestSubmit();
  });
}

// A picture that misses its place must not replace the page with itself.
function keepPage(event) {
  if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
}

function take(file) {
  if (!kinds.includes(file.type)) return complain(form.dataset.noPicture);
  if (file.size > Number(form.dataset.maxBytes)) return complain(form.dataset.tooLarge);
  chosen = file;
  // One picture is sent, whichever way it came; the fields themselves stay empty.
  for (const field of form.querySelectorAll("[data-photo-file]")) field.value = "";
  URL.revokeObjectURL(picture.src);
  picture.src = URL.createObjectURL(file);
  part("invite").hidden = true;
  part("stage").hidden = false;
  marked.reset();
  search();
}

function search() {
  const body = new FormData();
  body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  body.set("photo", chosen, chosen.name);
  body.set("region", part("region-field").value);
  send(body);
}

async function send(body) {
  running?.abort();
  running = new AbortController();
  results().setAttribute("aria-busy", "true");
  say(form.dataset.searching);
  try {
    const response = await fetch(form.action, { method: "POST", body, signal: running.signal });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const found = page.querySelector("[data-photo-results]");
    if (!found) throw new Error(String(response.status));
    const heading = found.querySelector("#photo-results").textContent;
    results().replaceWith(found);
    say(heading);
  } catch (error) {
    if (error.name !== "AbortError") complain(form.dataset.offline);
  }
}

function results() {
  return document.querySelector("[data-photo-results]");
}

function say(words) {
  const status = document.querySelector("[data-photo-status]");
  if (status) status.textContent = words;
}

function complain(words) {
  const notice = Object.assign(document.createElement("p"), { className: "notice notice--error", textContent: words });
  notice.setAttribute("role", "alert");
  results().querySelector(".notice--error")?.remove();
  results().prepend(notice);
  results().removeAttribute("aria-busy");
}

start();
